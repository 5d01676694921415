'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { DataTable } from '../../components/data-table.tsx';
import type { ChartRow, Series, Unit } from './course-chart.tsx';
import { useFigures } from './use-figures.ts';

/** How the samples of a minute make one figure. */
export type Fold = 'sum' | 'highest' | 'mean';

const FOLDS: Record<Fold, (figures: readonly number[]) => number> = {
  sum: total,
  highest: (figures) => Math.max(...figures),
  mean: (figures) => total(figures) / figures.length,
};

export interface TimedRow extends ChartRow {
  minute: string;
}

type Minute = [minute: string, samples: readonly TimedRow[]];

interface ChartTableProps {
  title: string;
  rows: readonly TimedRow[];
  series: readonly Series[];
  unit: Unit;
  fold: Fold;
}

/** What a chart shows, newest first and one row a minute, for whoever asks for it: a table is read, and not watched. */
export function ChartTable({ title, rows, series, unit, fold }: ChartTableProps) {
  const t = useTranslations('pool');
  const { full } = useFigures(unit);
  const [isOpen, setOpen] = useState(false);
  const minutes = [...Map.groupBy(rows, ({ minute }) => minute)].toReversed();
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit text-dns-16N-130 text-key-900 underline underline-offset-4">
        {t('asTable')}
        <span className="sr-only">{title}</span>
      </summary>
      {isOpen && (
        <DataTable
          caption={t(`folded.${fold}`, { title })}
          rows={minutes}
          rowKey={([minute]) => minute}
          columns={[
            { key: 'label', header: t('time'), isHeader: true, cell: ([minute]) => minute },
            ...series.map(({ key, name }) => ({
              key,
              header: name,
              numeric: true,
              cell: ([, samples]: Minute) => {
                const figures = samples.flatMap((sample) => sample[key] ?? []).map(Number);
                return figures.length > 0 ? full(FOLDS[fold](figures)) : '—';
              },
            })),
          ]}
        />
      )}
    </details>
  );
}

function total(figures: readonly number[]): number {
  return figures.reduce((sum, figure) => sum + figure, 0);
}
