'use client';

import { useQueryClient } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type FxRate, unwrap } from '#libs/api-client';
import { ResourceTable } from '../../components/resource-table.tsx';
import { jstToday } from '../../i18n/jst.ts';
import { api } from '../session/api.ts';
import { type Decision, inOrderOfState, useDatedColumns } from './dated-columns.tsx';
import { DecisionDialog, Facts } from './decision-dialog.tsx';
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
  const client = useQueryClient();
  const book = useFxBook();
  const [open, setOpen] = useState<{ decision: Decision; rate: FxRate } | null>(null);
  const [done, setDone] = useState('');
  const { leading, trailing } = useDatedColumns<FxRate>({
    nameOf: ({ validFrom }) => validFrom,
    decide: (decision, rate) => setOpen({ decision, rate }),
  });
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
    <>
      <p role="status" className="text-std-16N-170 empty:hidden">
        {done}
      </p>
      {points.length > 0 && (
        <figure className="flex flex-col gap-2">
          <figcaption className="text-std-18B-160">{t('fxChart')}</figcaption>
          <div role="img" aria-label={t('fxChartLabel')}>
            <LazyFxChart points={points} name={t('jpyPerUsd')} />
          </div>
        </figure>
      )}
      <ResourceTable
        caption={t('fxRates')}
        query={book}
        rows={inOrderOfState(rows)}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'jpyPerUsd',
            header: t('jpyPerUsd'),
            isHeader: true,
            numeric: true,
            cell: ({ jpyPerUsd }) => plain(jpyPerUsd),
          },
          ...leading,
          ...trailing,
        ]}
        empty={t('noRates')}
      />
      {open && (
        <DecisionDialog
          decision={open.decision}
          onConfirm={() => decide(open.decision, open.rate)}
          onDone={(calls) => {
            setDone(calls > 0 ? t('ratedCalls', { calls }) : t(`${open.decision}Done`));
            setOpen(null);
          }}
          onClose={() => setOpen(null)}
        >
          <Facts
            facts={[
              [t('jpyPerUsd'), plain(open.rate.jpyPerUsd)],
              [t('validFrom'), open.rate.validFrom],
              [t('source'), open.rate.source],
              [t('proposedBy'), open.rate.proposedBy.name],
            ]}
          />
        </DecisionDialog>
      )}
    </>
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
