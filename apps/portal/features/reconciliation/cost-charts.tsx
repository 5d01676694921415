'use client';

import { useTranslations } from 'use-intl';
import type { Reconciliation } from '#libs/api-client';
import { DataTable } from '../../components/data-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { LazyCostChart } from './lazy-cost-chart.tsx';
import { useUsd } from './use-reconciliation.ts';

export interface CostRow {
  label: string;
  providerUsd: number;
  ourUsd: number;
}

type Figures = { readonly providerUsd: string; readonly ourUsd: string };

/** Pictures only: the tables have the exact figures. */
function sumBy<Row extends Figures>(rows: readonly Row[], labelOf: (row: Row) => string): CostRow[] {
  const sums = new Map<string, CostRow>();
  for (const row of rows) {
    const label = labelOf(row);
    const { providerUsd, ourUsd } = sums.get(label) ?? { providerUsd: 0, ourUsd: 0 };
    sums.set(label, {
      label,
      providerUsd: providerUsd + Number(row.providerUsd),
      ourUsd: ourUsd + Number(row.ourUsd),
    });
  }
  return [...sums.values()];
}

/** Ours beside the provider's, by day and by model. */
export function CostCharts({ reconciliation: { month, days, variances } }: { reconciliation: Reconciliation }) {
  const t = useTranslations('reconciliation');
  const usd = useUsd();
  const { month: monthName } = useFormats();
  const byModel = sumBy(variances, ({ model }) => model ?? t('unmappedModel'));
  const byDay = sumBy(days, ({ day }) => day);
  const title = t('byDay', { month: monthName(month) });
  return (
    <section className="flex flex-col gap-6">
      <LazyCostChart title={t('byModel', { month: monthName(month) })} rows={byModel} />
      <LazyCostChart title={title} rows={byDay} isCourse />
      <details>
        <summary className="w-fit text-dns-16N-130 text-key-900 underline underline-offset-4">
          {t('daysAsTable')}
        </summary>
        <DataTable
          caption={title}
          rows={days}
          rowKey={({ day, model, region }) => `${day} ${model} ${region}`}
          columns={[
            { key: 'day', header: t('day'), isHeader: true, cell: ({ day }) => day },
            { key: 'model', header: t('model'), cell: ({ model }) => model ?? t('unmappedModel') },
            { key: 'region', header: t('region'), cell: ({ region }) => region || t('noRegion') },
            { key: 'provider', header: t('provider'), numeric: true, cell: ({ providerUsd }) => usd(providerUsd) },
            { key: 'ours', header: t('ours'), numeric: true, cell: ({ ourUsd }) => usd(ourUsd) },
          ]}
        />
      </details>
    </section>
  );
}
