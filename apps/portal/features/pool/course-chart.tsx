'use client';

import { CartesianGrid, Legend, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { useFigures } from './use-figures.ts';

export interface Series {
  key: string;
  name: string;
}

export interface ChartRow {
  label: string;
  [series: string]: number | string;
}

export type Unit = 'percent' | 'seconds' | undefined;

interface CourseChartProps {
  rows: readonly ChartRow[];
  series: readonly Series[];
  unit: Unit;
}

const HEIGHT_PX = 240;
const AXIS = { fontSize: 14, fill: 'var(--color-solid-gray-800)' };
/** In full: a colour that no source file names is not in the stylesheet. */
const COLORS = [
  'var(--color-key-900)',
  'var(--color-orange-700)',
  'var(--color-green-800)',
  'var(--color-purple-800)',
  'var(--color-solid-gray-700)',
] as const;
const DASHES = [undefined, '6 3', '2 3', '8 3 2 3', '1 2'] as const;

/** Told apart by their dashes too, for those who do not tell colours apart; the sixth line has the first's colour and another dash. */
const lookOf = (index: number) => ({
  stroke: COLORS[index % COLORS.length],
  strokeDasharray: DASHES[(index + Math.floor(index / COLORS.length)) % DASHES.length],
});

const PERCENT_STEP = 0.25;

/** The whole and its quarters, and further ones where more than all is used: an axis that ends at 101 % has no even steps. */
export function percentScale(rows: readonly ChartRow[], series: readonly Series[]) {
  const highest = Math.max(1, ...rows.flatMap((row) => series.map(({ key }) => Number(row[key] ?? 0))));
  const steps = Math.ceil(highest / PERCENT_STEP);
  return {
    domain: [0, steps * PERCENT_STEP],
    ticks: Array.from({ length: steps + 1 }, (_, step) => step * PERCENT_STEP),
  };
}

/** Lines over time. It is one image to assistive technology: the table below it says the same by the minute. */
export default function CourseChart({ rows, series, unit }: CourseChartProps) {
  const { short, full } = useFigures(unit);
  return (
    <ResponsiveContainer width="100%" height={HEIGHT_PX}>
      <LineChart data={[...rows]} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--color-solid-gray-200)" />
        <XAxis dataKey="label" tick={AXIS} interval="preserveStartEnd" minTickGap={48} />
        <YAxis
          tick={AXIS}
          tickFormatter={short}
          width={64}
          allowDecimals={unit === 'percent'}
          // All of it is the measure of a part
          {...(unit === 'percent' && percentScale(rows, series))}
        />
        <Tooltip formatter={(value) => full(Number(value))} isAnimationActive={false} />
        <Legend itemSorter={null} wrapperStyle={{ fontSize: 14 }} />
        {series.map(({ key, name }, index) => (
          <Line
            key={key}
            // A function, because the id of a deployment may hold dots, which a path would follow
            dataKey={(row: ChartRow) => row[key]}
            name={name}
            {...lookOf(index)}
            strokeWidth={2}
            legendType="plainline"
            dot={false}
            isAnimationActive={false}
          />
        ))}
      </LineChart>
    </ResponsiveContainer>
  );
}
