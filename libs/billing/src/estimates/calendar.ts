import { Temporal } from 'temporal-polyfill';
import { daysBetween } from '../contracts/days.ts';

/** The JST day `days` before another. */
export const dayBefore = (day: string, days: number): string =>
  Temporal.PlainDate.from(day).subtract({ days }).toString();

/** 0 is Monday. */
export const weekdayOf = (day: string): number => Temporal.PlainDate.from(day).dayOfWeek - 1;

/** The months of a fiscal year, each with its days. */
export const fiscalMonths = (fiscalYear: number): { month: string; days: number }[] =>
  Array.from({ length: 12 }, (_, index) => {
    const month = Temporal.PlainYearMonth.from({ year: fiscalYear, month: 4 }).add({ months: index });
    return { month: month.toString(), days: month.daysInMonth };
  });

/** Every day from `from` to `to` with its tokens, 0 where nothing is known. */
export function everyDay(
  from: string,
  to: string,
  tokens: ReadonlyMap<string, number>,
): { day: string; tokens: number }[] {
  const first = Temporal.PlainDate.from(from);
  return Array.from({ length: daysBetween(from, to) }, (_, index) => {
    const day = first.add({ days: index }).toString();
    return { day, tokens: tokens.get(day) ?? 0 };
  });
}
