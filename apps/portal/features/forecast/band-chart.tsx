'use client';

import { Area, CartesianGrid, ComposedChart, Legend, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { useTranslations } from 'use-intl';
import { useFormats } from '../../i18n/use-formats.ts';

export interface BandRow {
  label: string;
  /** Null for what is still to come. */
  actual: number | null;
  band: { p10: number; p50: number; p90: number };
  limit: number | null;
}

interface BandChartProps {
  title: string;
  rows: readonly BandRow[];
}

const HEIGHT_PX = 300;
/** A limit further off than so many times the highest value would press everything else flat: it is said in words. */
const LIMIT_IN_SIGHT = 3;
const AXIS = { fontSize: 14, fill: 'var(--color-solid-gray-800)' };

/** What was used, what may come, and the limit. One image to assistive technology: the table below says the same. */
export default function BandChart({ title, rows }: BandChartProps) {
  const t = useTranslations('forecast');
  const { compact, number } = useFormats();
  const highest = Math.max(...rows.map(({ band }) => band.p90));
  const limits = rows.flatMap(({ limit }) => (limit === null ? [] : [limit]));
  const isLimitNear = limits.length > 0 && Math.min(...limits) <= highest * LIMIT_IN_SIGHT;
  const data = rows.map(({ band, ...row }) => ({ ...row, middle: band.p50, range: [band.p10, band.p90] }));
  const shown = (value: unknown): string =>
    Array.isArray(value) ? value.map((end) => number(Number(end))).join(' – ') : number(Number(value));
  return (
    <figure className="flex flex-col gap-2">
      <figcaption className="text-std-18B-160">{title}</figcaption>
      <div role="img" aria-label={t('chartLabel', { title })}>
        <ResponsiveContainer width="100%" height={HEIGHT_PX}>
          <ComposedChart data={data} accessibilityLayer={false}>
            <CartesianGrid vertical={false} stroke="var(--color-solid-gray-200)" />
            <XAxis dataKey="label" tick={AXIS} interval="preserveStartEnd" minTickGap={16} />
            <YAxis tick={AXIS} tickFormatter={compact} width={64} />
            <Tooltip formatter={shown} isAnimationActive={false} />
            <Legend
              itemSorter={null}
              wrapperStyle={{ fontSize: 14 }}
              formatter={(name: string) => <span className="text-solid-gray-800">{name}</span>}
            />
            <Area
              dataKey="range"
              name={t('range')}
              stroke="none"
              fill="var(--color-key-200)"
              isAnimationActive={false}
              activeDot={false}
            />
            <Line
              dataKey="middle"
              name={t('middle')}
              stroke="var(--color-key-900)"
              strokeDasharray="6 3"
              strokeWidth={2}
              dot={false}
              isAnimationActive={false}
            />
            <Line
              dataKey="actual"
              name={t('actual')}
              stroke="var(--color-key-1000)"
              strokeWidth={3}
              dot={false}
              isAnimationActive={false}
            />
            {isLimitNear && (
              <Line
                dataKey="limit"
                name={t('limit')}
                stroke="var(--color-error-1)"
                strokeDasharray="2 3"
                strokeWidth={2}
                dot={false}
                isAnimationActive={false}
              />
            )}
          </ComposedChart>
        </ResponsiveContainer>
      </div>
      {limits.length > 0 && !isLimitNear && (
        <p className="text-dns-14N-130 text-solid-gray-700">{t('limitFar', { limit: number(Math.min(...limits)) })}</p>
      )}
    </figure>
  );
}
