'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type Forecast, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Banner } from '../../components/banner.tsx';
import { buttonClass } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { useNetworkRules } from '../session/network-rules.ts';
import { LazyBandChart } from './lazy-band-chart.tsx';

type MonthRow = Forecast['months'][number];

/** Where use and fee of the month and of the fiscal year will come to, with a band. */
export function ForecastPage() {
  const t = useTranslations('forecast');
  const { number } = useFormats();
  const { takeOut } = useNetworkRules();
  const forecast = useQuery({
    queryKey: ['forecast'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/forecast', { signal })),
  });
  const columns = useMonthColumns();
  const { data } = forecast;
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={
          takeOut.export && (
            <a href="/api/v1/forecast.csv" download="moyai-forecast.csv" className={buttonClass('outline')}>
              {t('csv')}
            </a>
          )
        }
      />
      {data && <Notes forecast={data} />}
      {data?.basis.from && <Charts forecast={data} />}
      <ResourceTable
        caption={t('title')}
        query={forecast}
        rows={data?.months ?? []}
        rowKey={({ month }) => month}
        columns={columns}
        footer={
          data && (
            <tr>
              <th scope="row" colSpan={3} className="px-2 py-3 text-left 2xl:px-4">
                {t('year')}
              </th>
              {[data.year.p10, data.year.p50, data.year.p90].map((tokens, index) => (
                <td key={index} className="px-2 py-3 text-right whitespace-nowrap tabular-nums 2xl:px-4">
                  {number(tokens)}
                </td>
              ))}
              <td className="px-2 py-3 text-right whitespace-nowrap tabular-nums 2xl:px-4">
                <FeeRange fee={data.yearFeeJpy} />
              </td>
            </tr>
          )
        }
        empty=""
      />
    </>
  );
}

function FeeRange({ fee }: { fee: MonthRow['feeJpy'] }) {
  const t = useTranslations('forecast');
  const { number } = useFormats();
  if (!fee) return '—';
  return fee.p10 === fee.p90
    ? number(fee.p50)
    : t('feeRange', { middle: number(fee.p50), low: number(fee.p10), high: number(fee.p90) });
}

/** What the figures rest on, and what to know before using them. */
function Notes({ forecast: { basis, noFee, exhaustedOn } }: { forecast: Forecast }) {
  const t = useTranslations('forecast');
  const { day } = useFormats();
  return (
    <div className="flex flex-col gap-3">
      {exhaustedOn && <Banner tone="warning" title={t('exhausted', { day: day(exhaustedOn) })} />}
      {basis.isThin && (
        <Banner tone="warning" title={t('thin')}>
          <p>{t('thinWhy', { days: basis.businessDays })}</p>
        </Banner>
      )}
      <p className="text-std-16N-170">
        {basis.from ? t('basis', { from: day(basis.from), to: day(basis.to), days: basis.businessDays }) : t('noBasis')}
        {noFee ? t(`noFee.${noFee}`) : t('feeNote')}
      </p>
    </div>
  );
}

function Charts({ forecast: { days, months } }: { forecast: Forecast }) {
  const t = useTranslations('forecast');
  const { month: monthName } = useFormats();
  const month = days[0]?.day.slice(0, 7) ?? '';
  const limit = months.find((row) => row.month === month)?.limitTokens ?? null;
  return (
    <>
      <LazyBandChart
        title={t('monthChart', { month: monthName(month) })}
        rows={days.map(({ day, ...row }) => ({ ...row, label: String(Number(day.slice(8))), limit }))}
      />
      <LazyBandChart
        title={t('yearChart')}
        rows={months.map(({ month: label, isOver, band, limitTokens }) => ({
          label: t('monthLabel', { month: Number(label.slice(5)) }),
          actual: isOver ? band.p50 : null,
          band,
          limit: limitTokens,
        }))}
      />
    </>
  );
}

function useMonthColumns(): Column<MonthRow>[] {
  const t = useTranslations('forecast');
  const { number, month: monthName } = useFormats();
  return [
    { key: 'month', header: t('month'), isHeader: true, cell: ({ month }) => monthName(month) },
    {
      key: 'state',
      header: t('state'),
      cell: ({ isOver }) => <Badge tone={isOver ? 'neutral' : 'blue'}>{t(isOver ? 'actual' : 'expected')}</Badge>,
    },
    {
      key: 'limit',
      header: t('limit'),
      numeric: true,
      cell: ({ limitTokens }) => (limitTokens === null ? '—' : number(limitTokens)),
    },
    { key: 'p10', header: t('p10'), numeric: true, cell: ({ band }) => number(band.p10) },
    { key: 'p50', header: t('p50'), numeric: true, cell: ({ band }) => number(band.p50) },
    { key: 'p90', header: t('p90'), numeric: true, cell: ({ band }) => number(band.p90) },
    { key: 'fee', header: t('fee'), numeric: true, cell: ({ feeJpy }) => <FeeRange fee={feeJpy} /> },
  ];
}
