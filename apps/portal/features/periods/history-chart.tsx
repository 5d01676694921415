'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { DataTable } from '../../components/data-table.tsx';
import { SelectField } from '../../components/field.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { jstMonth } from '../../i18n/jst.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import type { ChartRow } from '../pool/course-chart.tsx';
import { api } from '../session/api.ts';
import { PERIODS_KEY } from './use-periods.ts';

const GROUPS = ['city', 'model', 'department'] as const;
const MEASURES = ['costJpy', 'tokens', 'calls'] as const;
type Group = (typeof GROUPS)[number];
type Measure = (typeof MEASURES)[number];

/** Lines that can still be told apart; the table has all. */
const LINES = 5;

const LazyCourseChart = dynamic(() => import('../pool/course-chart.tsx'), {
  ssr: false,
  loading: () => <div aria-hidden="true" className="h-[15rem] animate-pulse rounded-8 bg-solid-gray-50" />,
});

const yearBefore = (month: string): string => `${Number(month.slice(0, 4)) - 1}${month.slice(4)}`;

/** Use and its cost over closed months, by city, model or department. */
export function HistoryChart() {
  const t = useTranslations('periods');
  const { month, number } = useFormats();
  const [groupBy, setGroupBy] = useState<Group>('city');
  const [measure, setMeasure] = useState<Measure>('costJpy');
  const to = jstMonth();
  const { data, error, refetch } = useQuery({
    queryKey: [...PERIODS_KEY, 'history', groupBy, to],
    queryFn: ({ signal }) => {
      const query = { from: yearBefore(to), to, groupBy };
      return unwrap(api.GET('/api/finance/v1/usage-history', { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
  });
  const points = data?.items ?? [];
  const labels = new Map(points.map(({ key, label }) => [key, label || t('noDepartment')]));
  const series = [...labels].map(([key, name]) => ({ key, name }));
  const rows = [...Map.groupBy(points, (point) => point.month)].map(([of, parts]): ChartRow => ({
    ...Object.fromEntries(parts.map((part) => [part.key, part[measure]])),
    label: month(of),
  }));
  const title = t('historyTitle', { group: t(`groups.${groupBy}`), measure: t(`measures.${measure}`) });
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('history')}</h2>
      <div className="flex flex-wrap gap-4">
        <SelectField
          label={t('groupBy')}
          value={groupBy}
          choices={GROUPS.map((value) => ({ value, label: t(`groups.${value}`) }))}
          onChange={(event) => setGroupBy(event.target.value as Group)}
        />
        <SelectField
          label={t('measure')}
          value={measure}
          choices={MEASURES.map((value) => ({ value, label: t(`measures.${value}`) }))}
          onChange={(event) => setMeasure(event.target.value as Measure)}
        />
      </div>
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton rows={4} />}
      {data && points.length === 0 && <p className="rounded-8 bg-solid-gray-50 p-8 text-center">{t('noHistory')}</p>}
      {points.length > 0 && (
        <figure className="flex min-w-0 flex-col gap-2">
          <figcaption className="text-std-18B-160">{title}</figcaption>
          <div role="img" aria-label={t('chartLabel', { title })}>
            <LazyCourseChart rows={rows} series={series.slice(0, LINES)} unit={undefined} />
          </div>
          <DataTable
            caption={title}
            rows={rows.toReversed()}
            rowKey={({ label }) => label}
            columns={[
              { key: 'label', header: t('month'), isHeader: true, cell: ({ label }) => label },
              ...series.map(({ key, name }) => ({
                key,
                header: name,
                numeric: true,
                cell: (row: ChartRow) => number(Number(row[key] ?? 0)),
              })),
            ]}
          />
        </figure>
      )}
    </section>
  );
}
