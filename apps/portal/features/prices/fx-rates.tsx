'use client';

import { useQueryClient } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useTranslations } from 'use-intl';
import { type FxRate, unwrap } from '#libs/api-client';
import { jstToday } from '../../i18n/jst.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import type { Decision } from './dated-columns.tsx';
import { DatedTable } from './dated-table.tsx';
import { FX_BOOK_KEY, PRICE_BOOK_KEY, useFxBook } from './use-price-book.ts';
import { useMoney } from './use-money.ts';

const LazyFxChart = dynamic(() => import('./fx-chart.tsx'), {
  ssr: false,
  loading: () => <div aria-hidden="true" className="h-[15rem] animate-pulse rounded-8 bg-solid-gray-50" />,
});

/** What a dollar costs in yen: the course of the approved rates, and every row. */
export function FxRates() {
  const t = useTranslations('prices');
  const { plain } = useMoney();
  const { day } = useFormats();
  const client = useQueryClient();
  const book = useFxBook();
  const decide = async (decision: Decision, { id }: FxRate): Promise<number> => {
    const params = { params: { path: { id } } };
    const rated =
      decision === 'approve'
        ? (await unwrap(api.POST('/api/finance/v1/fx-rates/{id}/approve', params))).ratedCalls
        : (await unwrap(api.POST('/api/finance/v1/fx-rates/{id}/withdraw', params)), 0);
    await Promise.all([FX_BOOK_KEY, PRICE_BOOK_KEY].map((queryKey) => client.invalidateQueries({ queryKey })));
    return rated;
  };
  const rows = book.data?.items ?? [];
  const points = courseOf(rows, jstToday());
  return (
    <DatedTable
      caption={t('fxRates')}
      empty={t('noRates')}
      query={book}
      rows={rows}
      nameOf={({ validFrom }) => day(validFrom)}
      naming={{
        key: 'jpyPerUsd',
        header: t('jpyPerUsd'),
        isHeader: true,
        numeric: true,
        cell: ({ jpyPerUsd }) => plain(jpyPerUsd),
      }}
      factsOf={({ jpyPerUsd, validFrom }) => [
        [t('jpyPerUsd'), plain(jpyPerUsd)],
        [t('validFrom'), day(validFrom)],
      ]}
      decide={decide}
    >
      {points.length > 0 && (
        <figure className="flex flex-col gap-2">
          <figcaption className="text-std-18B-160">{t('fxChart')}</figcaption>
          <div role="img" aria-label={t('fxChartLabel')}>
            <LazyFxChart points={points} name={t('jpyPerUsd')} />
          </div>
        </figure>
      )}
    </DatedTable>
  );
}

/** Steps of the approved rates in order of time; the last one goes on until today. */
function courseOf(rates: readonly FxRate[], today: string): { day: string; rate: number }[] {
  const points = rates
    .filter(({ approvedAt, withdrawnAt }) => approvedAt !== null && withdrawnAt === null)
    .map(({ validFrom, jpyPerUsd }) => ({ day: validFrom, rate: Number(jpyPerUsd) }))
    .toSorted((one, other) => one.day.localeCompare(other.day));
  const last = points.at(-1);
  return last && last.day < today ? [...points, { day: today, rate: last.rate }] : points;
}
