/** One figure of the table. `id` is stable: the README names figures by it. */
export interface Row {
  readonly id: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the figure should be, as `<= 25` or `>= 150`; null where there is only something to know. */
  readonly goal: string | null;
  /** Null without a goal. */
  readonly met: boolean | null;
  /** How it came about: load shape, where the time went, how busy the machine was. */
  readonly note: string;
}

/** One measurement, which may yield several rows. */
export interface Bench {
  /** The ids of its rows are this or begin with it and a dot. */
  readonly id: string;
  run(context: BenchContext): Promise<Row[]>;
}

export interface BenchContext {
  /** A directory for this bench alone, removed afterwards. */
  readonly directory: string;
  say(message: string): void;
  /** What is deferred on it is done when the caller's block ends, or when the whole run is broken off. */
  scope(): AsyncDisposableStack;
}

/** A row that is held against a goal. */
export function judged(row: Omit<Row, 'goal' | 'met'>, comparison: '<=' | '>=', limit: number): Row {
  const met = comparison === '<=' ? row.value <= limit : row.value >= limit;
  return { ...row, goal: `${comparison} ${limit}`, met };
}

export const unjudged = (row: Omit<Row, 'goal' | 'met'>): Row => ({ ...row, goal: null, met: null });
