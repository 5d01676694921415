'use client';

import dynamic from 'next/dynamic';
import { useTranslations } from 'use-intl';
import type { CityReport } from '#libs/api-client';
import { DataTable } from '../../components/data-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';

const LazyCourseChart = dynamic(() => import('../pool/course-chart.tsx'), {
  ssr: false,
  loading: () => <div aria-hidden="true" className="h-[15rem] animate-pulse rounded-8 bg-solid-gray-50" />,
});

/** Use by month and outcomes by day; the tables say what the pictures show. */
export function CityCharts({ report }: { report: Pick<CityReport, 'months' | 'days'> }) {
  const t = useTranslations('cities');
  const { day, number, month } = useFormats();
  return (
    <>
      <Course
        title={t('useByMonth')}
        empty={t('noUse')}
        rows={report.months.map(({ month: of, usedTokens, limitTokens }) => ({
          label: month(of),
          usedTokens,
          limitTokens,
        }))}
        series={[
          { key: 'usedTokens', name: t('usedTokens') },
          { key: 'limitTokens', name: t('limitTokens') },
        ]}
        number={number}
      />
      <Course
        title={t('outcomesByDay')}
        empty={t('noOutcomes')}
        rows={report.days.map(({ day: of, ended, failed }) => ({ label: day(of), ended, failed }))}
        series={[
          { key: 'ended', name: t('ended') },
          { key: 'failed', name: t('failed') },
        ]}
        number={number}
      />
    </>
  );
}

interface CourseProps {
  title: string;
  empty: string;
  rows: { label: string; [series: string]: number | string }[];
  series: { key: string; name: string }[];
  number: (value: number) => string;
}

function Course({ title, empty, rows, series, number }: CourseProps) {
  const t = useTranslations('cities');
  if (rows.length === 0) return <p className="rounded-8 bg-solid-gray-50 p-8 text-center">{empty}</p>;
  return (
    <figure className="flex min-w-0 flex-col gap-2">
      <figcaption className="text-std-20B-150">{title}</figcaption>
      <div role="img" aria-label={t('chartOf', { title })}>
        <LazyCourseChart rows={rows} series={series} unit={undefined} />
      </div>
      <details>
        <summary className="w-fit cursor-pointer text-key-900 underline underline-offset-4">{t('asTable')}</summary>
        <DataTable
          caption={title}
          rows={rows.toReversed()}
          rowKey={({ label }) => label}
          columns={[
            { key: 'label', header: t('when'), isHeader: true, cell: ({ label }) => label },
            ...series.map(({ key, name }) => ({
              key,
              header: name,
              numeric: true,
              cell: (row: CourseProps['rows'][number]) => number(Number(row[key] ?? 0)),
            })),
          ]}
        />
      </details>
    </figure>
  );
}
