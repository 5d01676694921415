'use client';

import { useTranslations } from 'use-intl';
import type { Estimate } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';

type Row = Estimate['rows'][number];
type Rate = Estimate['sensitivity'][number];

/** The request: totals, departments and uses, and what the exchange rate does to it. */
export function EstimateResult({ estimate }: { estimate: Estimate }) {
  const t = useTranslations('estimate');
  const columns = useRowColumns();
  const rates = useRateColumns();
  const { fiscalYear, rows, fee, unpriced, sensitivity } = estimate;
  return (
    <>
      <Totals estimate={estimate} />
      {!fee && (
        <Banner tone="info" title={t('noFee')}>
          <p>{unpriced.length > 0 ? t('unpriced', { models: unpriced.join('、') }) : t('noContract')}</p>
        </Banner>
      )}
      {rows.length > 0 ? (
        <DataTable
          caption={t('tableTitle', { year: String(fiscalYear) })}
          rows={rows}
          rowKey={({ departmentId, purpose }) => JSON.stringify([departmentId, purpose])}
          columns={columns}
          footer={fee && <Sums estimate={estimate} fee={fee} />}
        />
      ) : (
        <p className="rounded-8 bg-solid-gray-50 p-8 text-center">{t('empty')}</p>
      )}
      {sensitivity.length > 0 && (
        <section className="flex flex-col gap-3">
          <h2 className="text-std-20B-150">{t('sensitivity')}</h2>
          <p className="text-std-16N-170">{t('sensitivityLead')}</p>
          <DataTable
            caption={t('sensitivity')}
            rows={sensitivity}
            rowKey={({ jpyPerUsd }) => jpyPerUsd}
            columns={rates}
          />
        </section>
      )}
      {fee && sensitivity.length === 0 && <p className="text-std-16N-170">{t('noSensitivity')}</p>}
    </>
  );
}

function Totals({ estimate: { city, fiscalYear, from, to, tokens, fee } }: { estimate: Estimate }) {
  const t = useTranslations('estimate');
  const { day, number } = useFormats();
  const figures = [
    [t('feeP50'), fee && t('yen', { amount: number(fee.withTaxJpy.p50) })],
    [t('feeP90'), fee && t('yen', { amount: number(fee.withTaxJpy.p90) })],
    [t('tokensP50'), number(tokens.p50)],
    [t('tokensP90'), number(tokens.p90)],
  ] as const;
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-std-20B-150">
        {city.name} {t('tableTitle', { year: String(fiscalYear) })}
      </h2>
      <p className="text-std-16N-170">{t('basis', { from: day(from), to: day(to) })}</p>
      <dl className="grid grid-cols-1 gap-4 sm:grid-cols-2 lg:grid-cols-4">
        {figures.map(([name, value]) => (
          <div key={name} className="flex flex-col gap-1 rounded-8 border border-solid-gray-300 p-4">
            <dt className="text-dns-14N-130 text-solid-gray-700">{name}</dt>
            <dd className="text-std-20B-150 tabular-nums">{value ?? '—'}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const CELL = 'px-2 py-3 text-right whitespace-nowrap tabular-nums 2xl:px-4';

function Sums({ estimate, fee }: { estimate: Estimate; fee: NonNullable<Estimate['fee']> }) {
  const t = useTranslations('estimate');
  const { number } = useFormats();
  const { beforeTaxJpy, withTaxJpy } = fee;
  const lines = [
    { label: t('subtotal'), tokens: estimate.tokens, fee: beforeTaxJpy },
    {
      label: t('tax'),
      tokens: null,
      fee: { p50: withTaxJpy.p50 - beforeTaxJpy.p50, p90: withTaxJpy.p90 - beforeTaxJpy.p90 },
    },
    { label: t('total'), tokens: null, fee: withTaxJpy },
  ];
  return lines.map((line) => (
    <tr key={line.label}>
      <th scope="row" colSpan={2} className="px-2 py-3 text-left 2xl:px-4">
        {line.label}
      </th>
      <td className={CELL}>{line.tokens && number(line.tokens.p50)}</td>
      <td className={CELL}>{line.tokens && number(line.tokens.p90)}</td>
      <td className={CELL}>{number(line.fee.p50)}</td>
      <td className={CELL}>{number(line.fee.p90)}</td>
    </tr>
  ));
}

function useRowColumns(): Column<Row>[] {
  const t = useTranslations('estimate');
  const { number } = useFormats();
  return [
    {
      key: 'department',
      header: t('department'),
      isHeader: true,
      isProse: true,
      cell: (row) => row.department ?? t('noDepartment'),
    },
    { key: 'purpose', header: t('purpose'), isProse: true, cell: ({ purpose }) => purpose ?? t('noPurpose') },
    { key: 'tokensP50', header: t('tokensP50'), numeric: true, cell: ({ tokens }) => number(tokens.p50) },
    { key: 'tokensP90', header: t('tokensP90'), numeric: true, cell: ({ tokens }) => number(tokens.p90) },
    { key: 'feeP50', header: t('rowP50'), numeric: true, cell: ({ feeJpy }) => (feeJpy ? number(feeJpy.p50) : '—') },
    { key: 'feeP90', header: t('rowP90'), numeric: true, cell: ({ feeJpy }) => (feeJpy ? number(feeJpy.p90) : '—') },
  ];
}

function useRateColumns(): Column<Rate>[] {
  const t = useTranslations('estimate');
  const { number } = useFormats();
  return [
    { key: 'rate', header: t('rateColumn'), isHeader: true, cell: ({ jpyPerUsd }) => jpyPerUsd },
    { key: 'p50', header: t('feeP50'), numeric: true, cell: ({ withTaxJpy }) => number(withTaxJpy.p50) },
    { key: 'p90', header: t('feeP90'), numeric: true, cell: ({ withTaxJpy }) => number(withTaxJpy.p90) },
  ];
}
