/** One line of the verdict. */
export interface Check {
  readonly name: string;
  readonly value: string | number;
  readonly expected: string;
  readonly met: boolean;
  /** What to look at when it is not met: ids, places. */
  readonly where: readonly string[];
}

/** Met when nothing was found. */
export const none = (name: string, found: readonly string[]): Check => ({
  name,
  value: found.length,
  expected: '0',
  met: found.length === 0,
  where: found,
});

/** Met when there was anything at all: of a run that did nothing every other demand is met, too. */
export const some = (name: string, count: number): Check => ({
  name,
  value: count,
  expected: '> 0',
  met: count > 0,
  where: [],
});

/** A figure without a demand. */
export const figure = (name: string, value: string | number): Check => ({
  name,
  value,
  expected: '',
  met: true,
  where: [],
});
