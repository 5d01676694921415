import { describe, expect, it } from 'vitest';
import { percentScale } from './course-chart.tsx';

const series = [{ key: 'a', name: 'a' }];

describe('the axis of a part', () => {
  it('ends with the whole, in quarters', () => {
    expect(percentScale([{ label: '1', a: 0.3 }], series).ticks).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(percentScale([], series).domain).toEqual([0, 1]);
  });

  it('ends with a further quarter where more is used than all', () => {
    const scale = percentScale([{ label: '1', a: 1.01 }], series);
    expect(scale).toEqual({ domain: [0, 1.25], ticks: [0, 0.25, 0.5, 0.75, 1, 1.25] });
  });
});
