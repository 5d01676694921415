'use client';

import {
  Bar,
  BarChart,
  CartesianGrid,
  Legend,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { useTranslations } from 'use-intl';
import { useFormats } from '../../i18n/use-formats.ts';
import type { TokenCounts } from './token-columns.tsx';

interface ChartRow extends TokenCounts {
  label: string;
}

interface TokenChartProps {
  rows: readonly ChartRow[];
  title: string;
  /** A course of days is a line; everything else is compared by bars, the largest first. */
  kind: 'line' | 'bar';
}

const HEIGHT_PX = 280;
const BARS_MAX = 15;
const INPUT = 'var(--color-key-900)';
const OUTPUT = 'var(--color-orange-700)';
/** 2026-11-01 as 11/1: the year stands in the filter above. */
const shortDay = (day: string): string => day.split('-').slice(1).map(Number).join('/');
const AXIS = { fontSize: 14, fill: 'var(--color-solid-gray-800)' };

/** A picture of the table that stands below it. It is one image to assistive technology, for the table says it all. */
export default function TokenChart({ rows, title, kind }: TokenChartProps) {
  const t = useTranslations('usage');
  const { compact, number } = useFormats();
  const sum = ({ inputTokens, outputTokens }: ChartRow) => inputTokens + outputTokens;
  const data = kind === 'line' ? [...rows] : rows.toSorted((a, b) => sum(b) - sum(a)).slice(0, BARS_MAX);
  const shared = [
    <CartesianGrid key="grid" vertical={false} stroke="var(--color-solid-gray-200)" />,
    <XAxis
      key="x"
      dataKey="label"
      tick={AXIS}
      interval="preserveStartEnd"
      tickFormatter={kind === 'line' ? shortDay : undefined}
    />,
    <YAxis key="y" tick={AXIS} tickFormatter={compact} width={64} />,
    <Tooltip key="tip" formatter={(value) => number(Number(value))} isAnimationActive={false} />,
    <Legend key="legend" itemSorter={null} wrapperStyle={{ fontSize: 14 }} />,
  ];
  const series = { isAnimationActive: false } as const;
  return (
    <figure className="flex flex-col gap-2">
      <figcaption className="text-std-18B-160">{title}</figcaption>
      <div role="img" aria-label={t('chartLabel', { title })}>
        <ResponsiveContainer width="100%" height={HEIGHT_PX}>
          {kind === 'line' ? (
            <LineChart data={data} accessibilityLayer={false}>
              {shared}
              <Line {...series} dataKey="inputTokens" name={t('counts.inputTokens')} stroke={INPUT} strokeWidth={2} />
              <Line
                {...series}
                dataKey="outputTokens"
                name={t('counts.outputTokens')}
                stroke={OUTPUT}
                strokeWidth={2}
                strokeDasharray="6 3"
                dot={{ strokeDasharray: 'none' }}
              />
            </LineChart>
          ) : (
            <BarChart data={data} accessibilityLayer={false} maxBarSize={56}>
              {shared}
              <Bar {...series} dataKey="inputTokens" name={t('counts.inputTokens')} stackId="tokens" fill={INPUT} />
              <Bar {...series} dataKey="outputTokens" name={t('counts.outputTokens')} stackId="tokens" fill={OUTPUT} />
            </BarChart>
          )}
        </ResponsiveContainer>
      </div>
    </figure>
  );
}
