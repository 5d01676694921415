import { jstMonth, monthsOfFiscalYear } from '../../i18n/jst.ts';

/** The `count` months from this one on, as `YYYY-MM`: limits of months that are over are not moved any more. */
export function monthsFromNow(count: number, now = jstMonth()): string[] {
  const year = Number(now.slice(0, 4));
  return [year - 1, year, year + 1]
    .flatMap(monthsOfFiscalYear)
    .filter((month) => month >= now)
    .slice(0, count);
}
