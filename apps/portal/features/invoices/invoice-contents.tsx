'use client';

import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { InvoiceContents } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { useYen } from './use-invoices.ts';

interface Sums {
  subtotalJpy: number;
  taxJpy: number;
  totalJpy: number;
}

type Part<Name extends keyof InvoiceContents> = Pick<InvoiceContents, Name> & { sums: Sums };

/** What is written on an invoice: lines, tax by rate, who bears it and what was used. */
export function InvoiceContentsView({ contents, sums }: { contents: InvoiceContents; sums: Sums }) {
  return (
    <>
      <Lines lines={contents.lines} sums={sums} />
      <Taxes taxes={contents.taxes} sums={sums} />
      <Allocations allocations={contents.allocations} sums={sums} />
      {contents.usage.length > 0 && <Usage usage={contents.usage} />}
    </>
  );
}

const percent = (rate: string): string => `${(Number(rate) * 100).toFixed(0)} %`;

function Lines({ lines, sums }: Part<'lines'>) {
  const t = useTranslations('invoices');
  const { number, month } = useFormats();
  const yen = useYen();
  const columns: Column<InvoiceContents['lines'][number]>[] = [
    {
      key: 'description',
      header: t('description'),
      isHeader: true,
      isProse: true,
      cell: ({ description, correctsMonth, reducedRate }) => (
        <>
          {description} {correctsMonth && <Badge tone="yellow">{t('corrects', { month: month(correctsMonth) })}</Badge>}
          {reducedRate && ' ※'}
        </>
      ),
    },
    {
      key: 'quantity',
      header: t('quantity'),
      numeric: true,
      cell: ({ quantity, unit }) => quantity && `${number(Number(quantity))} ${unit ?? ''}`,
    },
    {
      key: 'unitPrice',
      header: t('unitPrice'),
      numeric: true,
      cell: ({ unitPriceJpy }) => unitPriceJpy && number(Number(unitPriceJpy)),
    },
    { key: 'rate', header: t('rate'), numeric: true, cell: ({ taxRate }) => percent(taxRate) },
    { key: 'amount', header: t('amount'), numeric: true, cell: ({ amountJpy }) => yen(amountJpy) },
  ];
  return (
    <Section title={t('lines')}>
      <DataTable
        caption={t('lines')}
        rows={lines}
        rowKey={({ position }) => String(position)}
        columns={columns}
        footer={<SumRow label={t('subtotal')} span={4} amount={yen(sums.subtotalJpy)} />}
      />
    </Section>
  );
}

function Taxes({ taxes, sums }: Part<'taxes'>) {
  const t = useTranslations('invoices');
  const yen = useYen();
  const columns: Column<InvoiceContents['taxes'][number]>[] = [
    {
      key: 'rate',
      header: t('rate'),
      isHeader: true,
      cell: ({ rate, reduced }) => `${percent(rate)}${reduced ? t('reduced') : ''}`,
    },
    { key: 'taxable', header: t('taxable'), numeric: true, cell: ({ taxableJpy }) => yen(taxableJpy) },
    { key: 'tax', header: t('tax'), numeric: true, cell: ({ taxJpy }) => yen(taxJpy) },
  ];
  return (
    <Section title={t('taxes')}>
      <DataTable
        caption={t('taxes')}
        rows={taxes}
        rowKey={({ rate }) => rate}
        columns={columns}
        footer={<SumRow label={t('total')} span={2} amount={yen(sums.totalJpy)} />}
      />
    </Section>
  );
}

function Allocations({ allocations, sums }: Part<'allocations'>) {
  const t = useTranslations('invoices');
  const yen = useYen();
  const columns: Column<InvoiceContents['allocations'][number]>[] = [
    {
      key: 'department',
      header: t('department'),
      isHeader: true,
      cell: ({ departmentCode, departmentName }) => [departmentCode, departmentName].filter(Boolean).join(' '),
    },
    { key: 'budgetItem', header: t('budgetItem'), cell: ({ budgetItem }) => budgetItem ?? '—' },
    { key: 'subtotal', header: t('subtotal'), numeric: true, cell: ({ subtotalJpy }) => yen(subtotalJpy) },
    { key: 'tax', header: t('tax'), numeric: true, cell: ({ taxJpy }) => yen(taxJpy) },
    { key: 'total', header: t('total'), numeric: true, cell: ({ totalJpy }) => yen(totalJpy) },
  ];
  return (
    <Section title={t('allocations')}>
      <DataTable
        caption={t('allocations')}
        rows={allocations}
        rowKey={({ departmentId }) => departmentId ?? ''}
        columns={columns}
        footer={<SumRow label={t('total')} span={4} amount={yen(sums.totalJpy)} />}
      />
    </Section>
  );
}

function Usage({ usage }: Pick<InvoiceContents, 'usage'>) {
  const t = useTranslations('invoices');
  const { number, month } = useFormats();
  const columns: Column<InvoiceContents['usage'][number]>[] = [
    { key: 'department', header: t('department'), isHeader: true, cell: ({ departmentName }) => departmentName },
    { key: 'model', header: t('model'), cell: ({ model }) => model },
    { key: 'month', header: t('acceptedMonth'), cell: ({ acceptedMonth }) => month(acceptedMonth) },
    { key: 'calls', header: t('calls'), numeric: true, cell: ({ calls }) => number(calls) },
    { key: 'input', header: t('inputTokens'), numeric: true, cell: ({ inputTokens }) => number(inputTokens) },
    { key: 'output', header: t('outputTokens'), numeric: true, cell: ({ outputTokens }) => number(outputTokens) },
    {
      key: 'cache',
      header: t('cacheTokens'),
      numeric: true,
      cell: ({ cacheReadTokens, cacheWriteTokens }) => number(cacheReadTokens + cacheWriteTokens),
    },
    {
      key: 'cost',
      header: t('cost'),
      numeric: true,
      cell: ({ costJpy }) => number(Math.round(Number(costJpy) * 100) / 100),
    },
  ];
  return (
    <Section title={t('usage')}>
      <DataTable caption={t('usage')} rows={usage} rowKey={(use) => Object.values(use).join(' ')} columns={columns} />
    </Section>
  );
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-std-20B-150">{title}</h2>
      {children}
    </section>
  );
}

function SumRow({ label, span, amount }: { label: string; span: number; amount: string }) {
  return (
    <tr>
      <th scope="row" colSpan={span} className="px-2 py-3 text-left 2xl:px-4">
        {label}
      </th>
      <td className="px-2 py-3 text-right tabular-nums 2xl:px-4">{amount}</td>
    </tr>
  );
}
