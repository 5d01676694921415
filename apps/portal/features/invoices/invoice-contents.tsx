'use client';

import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { InvoiceContents } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { useMoney } from '../prices/use-money.ts';
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
        footer={<SumRow label={t('subtotal')} span={4} amounts={[yen(sums.subtotalJpy)]} />}
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
        footer={<SumRow label={t('total')} span={2} amounts={[yen(sums.totalJpy)]} />}
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
      isProse: true,
      cell: ({ departmentCode, departmentName }) => [departmentCode, departmentName].filter(Boolean).join(' '),
    },
    { key: 'budgetItem', header: t('budgetItem'), isProse: true, cell: ({ budgetItem }) => budgetItem ?? '—' },
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
        footer={<SumRow label={t('sum')} span={2} amounts={[sums.subtotalJpy, sums.taxJpy, sums.totalJpy].map(yen)} />}
      />
    </Section>
  );
}

type Use = InvoiceContents['usage'][number];

const COUNTS = [
  { key: 'calls', of: ({ calls }: Use) => calls },
  { key: 'inputTokens', of: ({ inputTokens }: Use) => inputTokens },
  { key: 'outputTokens', of: ({ outputTokens }: Use) => outputTokens },
  { key: 'cacheTokens', of: ({ cacheReadTokens, cacheWriteTokens }: Use) => cacheReadTokens + cacheWriteTokens },
] as const;

function Usage({ usage }: Pick<InvoiceContents, 'usage'>) {
  const t = useTranslations('invoices');
  const { number, month } = useFormats();
  const { sen } = useMoney();
  const sums = COUNTS.map(({ of }) => number(usage.reduce((sum, use) => sum + of(use), 0)));
  const columns: Column<Use>[] = [
    {
      key: 'department',
      header: t('department'),
      isHeader: true,
      isProse: true,
      cell: ({ departmentName }) => departmentName,
    },
    { key: 'model', header: t('model'), cell: ({ model }) => model },
    { key: 'month', header: t('acceptedMonth'), cell: ({ acceptedMonth }) => month(acceptedMonth) },
    ...COUNTS.map(({ key, of }) => ({
      key,
      header: t(key),
      numeric: true,
      cell: (use: Use) => number(of(use)),
    })),
    {
      key: 'cost',
      header: t('cost'),
      numeric: true,
      cell: ({ costJpy }) => sen(costJpy),
    },
  ];
  return (
    <Section title={t('usage')}>
      <DataTable
        caption={t('usage')}
        rows={usage}
        rowKey={(use) => Object.values(use).join(' ')}
        columns={columns}
        footer={<SumRow label={t('sum')} span={3} amounts={[...sums, '']} />}
      />
    </Section>
  );
}

interface SectionProps {
  title: string;
  /** Has something to read, not only something to press. */
  isPrinted?: boolean;
  children: ReactNode;
}

export function Section({ title, isPrinted = true, children }: SectionProps) {
  return (
    <section className={`flex flex-col gap-3 ${isPrinted ? '' : 'print:hidden'}`}>
      <h2 className="text-std-20B-150">{title}</h2>
      {children}
    </section>
  );
}

/** @param props.span columns before those that are summed */
function SumRow({ label, span, amounts }: { label: string; span: number; amounts: readonly string[] }) {
  return (
    <tr>
      <th scope="row" colSpan={span} className="px-2 py-3 text-left 2xl:px-4">
        {label}
      </th>
      {amounts.map((amount, column) => (
        <td key={column} className="px-2 py-3 text-right whitespace-nowrap tabular-nums 2xl:px-4">
          {amount}
        </td>
      ))}
    </tr>
  );
}
