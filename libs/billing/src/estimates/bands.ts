/** What may come: in 8 of 10 cases between `p10` and `p90`, as often above `p50` as below. */
export interface Band {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
}

/** Nothing is uncertain about what has happened. */
export const certain = (value: number): Band => ({ p10: value, p50: value, p90: value });

export const mapBand = (band: Band, change: (value: number) => number): Band => ({
  p10: change(band.p10),
  p50: change(band.p50),
  p90: change(band.p90),
});

/** The band of many simulated outcomes, interpolated between neighbours. @param outcomes at least one; stays as it is */
export function bandOf(outcomes: Float64Array): Band {
  const sorted = outcomes.toSorted();
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)]!;
    const above = sorted[Math.ceil(place)]!;
    return below + (above - below) * (place - Math.floor(place));
  };
  return { p10: at(0.1), p50: at(0.5), p90: at(0.9) };
}
