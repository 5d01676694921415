'use client';

import { Bar, BarChart, CartesianGrid, Legend, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { useTranslations } from 'use-intl';
import { useFormats } from '../../i18n/use-formats.ts';
import type { CostRow } from './cost-charts.tsx';
import { useUsd } from './use-reconciliation.ts';

interface CostChartProps {
  title: string;
  rows: readonly CostRow[];
  /** Days in order; the year and month stand above. */
  isCourse?: boolean;
}

const HEIGHT_PX = 280;
const AXIS = { fontSize: 14, fill: 'var(--color-solid-gray-800)' };
/** 2026-11-01 as 11/1. */
const shortDay = (day: string): string => day.split('-').slice(1).map(Number).join('/');

/** A picture of the tables beside it; one image to assistive technology. */
export default function CostChart({ title, rows, isCourse }: CostChartProps) {
  const t = useTranslations('reconciliation');
  const { compact } = useFormats();
  const usd = useUsd();
  return (
    <figure className="flex flex-col gap-2">
      <figcaption className="text-std-18B-160">{title}</figcaption>
      <div role="img" aria-label={t('chartLabel', { title })}>
        <ResponsiveContainer width="100%" height={HEIGHT_PX}>
          <BarChart data={[...rows]} accessibilityLayer={false} maxBarSize={40}>
            <CartesianGrid vertical={false} stroke="var(--color-solid-gray-200)" />
            <XAxis
              dataKey="label"
              tick={AXIS}
              interval="preserveStartEnd"
              tickFormatter={isCourse ? shortDay : undefined}
            />
            <YAxis tick={AXIS} tickFormatter={compact} width={64} />
            <Tooltip formatter={(value) => usd(String(value))} isAnimationActive={false} />
            <Legend itemSorter={null} wrapperStyle={{ fontSize: 14 }} />
            <Bar dataKey="providerUsd" name={t('provider')} fill="var(--color-orange-700)" isAnimationActive={false} />
            <Bar dataKey="ourUsd" name={t('ours')} fill="var(--color-key-900)" isAnimationActive={false} />
          </BarChart>
        </ResponsiveContainer>
      </div>
    </figure>
  );
}
