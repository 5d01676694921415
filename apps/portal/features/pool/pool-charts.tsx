'use client';

import dynamic from 'next/dynamic';
import { useTranslations } from 'use-intl';
import type { PoolSample } from '#libs/api-client';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { ChartTable, type Fold, type TimedRow } from './chart-table.tsx';
import type { Series } from './course-chart.tsx';

const LazyCourseChart = dynamic(() => import('./course-chart.tsx'), {
  ssr: false,
  loading: () => <div aria-hidden="true" className="h-[15rem] animate-pulse rounded-8 bg-solid-gray-50" />,
});

interface Course {
  key: string;
  title: string;
  series: readonly Series[];
  read: (sample: PoolSample) => Record<string, number>;
  unit?: 'percent' | 'seconds';
  fold: Fold;
}

/** The last minutes as lines, each with its figures as a table for those who do not see lines. */
export function PoolCharts({ samples }: { samples: readonly PoolSample[] | undefined }) {
  const t = useTranslations('pool');
  const { clockTime } = useFormats();
  const courses = useCourses(samples?.at(-1)?.deployments.map(({ id }) => id) ?? []);
  if (!samples) return <Skeleton rows={4} />;
  if (samples.length === 0) return <p className="rounded-8 bg-solid-gray-50 p-8 text-center">{t('noSamples')}</p>;
  return (
    <div className="grid grid-cols-1 gap-8 xl:grid-cols-2">
      {courses.map(({ key, title, series, read, unit, fold }) => {
        const rows = samples.map((sample): TimedRow => {
          const label = clockTime(sample.at);
          return { ...read(sample), label, minute: label.replace(/:\d\d(?=\D*$)/, '') };
        });
        return (
          <figure key={key} className="flex min-w-0 flex-col gap-2">
            <figcaption className="text-std-18B-160">{title}</figcaption>
            <div role="img" aria-label={t('chartLabel', { title })}>
              <LazyCourseChart rows={rows} series={series} unit={unit} />
            </div>
            <ChartTable title={title} rows={rows} series={series} unit={unit} fold={fold} />
          </figure>
        );
      })}
    </div>
  );
}

function useCourses(deployments: readonly string[]): Course[] {
  const t = useTranslations('pool');
  const lanes = (['urgent', 'interactive', 'batch'] as const).map((key) => ({ key, name: t(`laneNames.${key}`) }));
  const byLane = (read: (lane: PoolSample['lanes'][number]) => number) => (sample: PoolSample) =>
    Object.fromEntries(sample.lanes.map((lane) => [lane.lane, read(lane)]));
  return [
    {
      key: 'waiting',
      title: t('charts.waiting'),
      series: lanes,
      read: byLane(({ waiting }) => waiting),
      fold: 'highest',
    },
    {
      key: 'oldestWait',
      title: t('charts.oldestWait'),
      series: lanes,
      read: byLane(({ oldestWaitMs }) => Math.round((oldestWaitMs ?? 0) / 1_000)),
      unit: 'seconds',
      fold: 'highest',
    },
    {
      key: 'admissions',
      title: t('charts.admissions'),
      series: [{ key: 'admissionsPerSecond', name: t('charts.admissions') }],
      read: ({ admissionsPerSecond }) => ({ admissionsPerSecond }),
      fold: 'mean',
    },
    {
      key: 'tokens',
      title: t('charts.tokens'),
      series: [{ key: 'tokensPerSecond', name: t('charts.tokens') }],
      read: ({ tokensPerSecond }) => ({ tokensPerSecond }),
      fold: 'mean',
    },
    {
      key: 'used',
      title: t('charts.used'),
      series: deployments.map((id) => ({ key: id, name: id })),
      read: (sample) => Object.fromEntries(sample.deployments.map(({ id, used }) => [id, used])),
      unit: 'percent',
      fold: 'highest',
    },
    {
      key: 'troubles',
      title: t('charts.troubles'),
      series: [
        { key: 'throttles', name: t('throttles') },
        { key: 'failures', name: t('failures') },
      ],
      read: ({ throttles, failures }) => ({ throttles, failures }),
      fold: 'sum',
    },
  ];
}
