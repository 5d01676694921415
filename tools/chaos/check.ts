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

/** A figure without a demand. */
export const figure = (name: string, value: string | number): Check => ({
  name,
  value,
  expected: '',
  met: true,
  where: [],
});
