'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { DataTable } from '../../components/data-table.tsx';
import type { ChartRow, Series, Unit } from './course-chart.tsx';
import { useFigures } from './use-figures.ts';

/** About one row a minute: a table is read, and not watched. */
const SAMPLES_PER_ROW = 12;

interface ChartTableProps {
  title: string;
  rows: readonly ChartRow[];
  series: readonly Series[];
  unit: Unit;
}

/** What a chart shows, newest first, for whoever asks for it. */
export function ChartTable({ title, rows, series, unit }: ChartTableProps) {
  const t = useTranslations('pool');
  const { full } = useFigures(unit);
  const [isOpen, setOpen] = useState(false);
  const shown = rows.toReversed().filter((_, index) => index % SAMPLES_PER_ROW === 0);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit text-dns-16N-130 text-key-900 underline underline-offset-4">
        {t('asTable')}
        <span className="sr-only">{title}</span>
      </summary>
      {isOpen && (
        <DataTable
          caption={title}
          rows={shown}
          rowKey={({ label }) => label}
          columns={[
            { key: 'label', header: t('time'), isHeader: true, cell: ({ label }) => label },
            ...series.map(({ key, name }) => ({
              key,
              header: name,
              numeric: true,
              cell: (row: ChartRow) => full(Number(row[key] ?? 0)),
            })),
          ]}
        />
      )}
    </details>
  );
}
