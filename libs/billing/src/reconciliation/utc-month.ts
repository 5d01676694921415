/** A month in UTC as `YYYY-MM`. The provider's months are UTC; a JST month of this name starts nine hours before it. */
export type UtcMonth = string & { readonly __utcMonth?: never };

/** Its first day, as dates are written in the database. */
export const firstOf = (month: UtcMonth): string => `${month}-01`;

/** Half-open instants `[start, end)`. */
export function utcMonthRange(month: UtcMonth): { start: Date; end: Date } {
  const start = new Date(`${month}-01T00:00:00Z`);
  return { start, end: new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1)) };
}
