'use client';

import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { useFormats } from '../../i18n/use-formats.ts';

interface FxChartProps {
  points: readonly { day: string; rate: number }[];
  name: string;
}

const HEIGHT_PX = 240;
const AXIS = { fontSize: 14, fill: 'var(--color-solid-gray-800)' };

/** A rate holds until the next one begins: steps, no slopes. The table below it says the same. */
export default function FxChart({ points, name }: FxChartProps) {
  const rows = points.map(({ day, rate }) => ({ at: Date.parse(day), rate }));
  const { day: written } = useFormats();
  const dayOf = (at: number) => written(new Date(at).toISOString().slice(0, 10));
  return (
    <ResponsiveContainer width="100%" height={HEIGHT_PX}>
      <LineChart data={rows} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--color-solid-gray-200)" />
        <XAxis
          dataKey="at"
          type="number"
          domain={['dataMin', 'dataMax']}
          tick={AXIS}
          tickFormatter={dayOf}
          minTickGap={48}
        />
        <YAxis tick={AXIS} width={64} domain={['auto', 'auto']} />
        <Tooltip labelFormatter={(at) => dayOf(Number(at))} isAnimationActive={false} />
        <Line
          dataKey="rate"
          name={name}
          type="stepAfter"
          stroke="var(--color-key-900)"
          strokeWidth={2}
          dot
          isAnimationActive={false}
        />
      </LineChart>
    </ResponsiveContainer>
  );
}
