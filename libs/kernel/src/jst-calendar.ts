import { Temporal } from 'temporal-polyfill';

const ZONE = 'Asia/Tokyo';

/** A business month in JST as `YYYY-MM`. It starts at 15:00Z of the previous day. */
export type JstMonth = string & { readonly __jstMonth?: never };

const inJst = (at: Date) => Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(ZONE);

let latestMonth: { month: JstMonth; start: number; end: number } | undefined;

/** The JST month an instant belongs to. Every job asks, nearly always within the month that was asked for last. */
export function jstMonthOf(at: Date): JstMonth {
  const time = at.getTime();
  if (!latestMonth || time < latestMonth.start || time >= latestMonth.end) {
    const month = inJst(at).toPlainDate().toPlainYearMonth().toString();
    const { start, end } = jstMonthRange(month);
    latestMonth = { month, start: start.getTime(), end: end.getTime() };
  }
  return latestMonth.month;
}

/** The JST calendar day (`YYYY-MM-DD`) an instant belongs to. */
export const jstDayOf = (at: Date): string => inJst(at).toPlainDate().toString();

/** The fiscal year (1 April - 31 March, JST) an instant belongs to, named by the year it starts in. */
export function fiscalYearOf(at: Date): number {
  const day = inJst(at);
  return day.month >= 4 ? day.year : day.year - 1;
}

const startOfDay = (day: Temporal.PlainDate): Date =>
  new Date(day.toZonedDateTime({ timeZone: ZONE }).epochMilliseconds);

/** Half-open instants `[start, end)` of a JST month. */
export function jstMonthRange(month: JstMonth): { start: Date; end: Date } {
  const first = Temporal.PlainYearMonth.from(month);
  return {
    start: startOfDay(first.toPlainDate({ day: 1 })),
    end: startOfDay(first.add({ months: 1 }).toPlainDate({ day: 1 })),
  };
}

/** The JST day so many days after the one an instant belongs to (before it, when negative). */
export const jstDayAfter = (at: Date, days: number): string => inJst(at).toPlainDate().add({ days }).toString();

/** From when on what is kept for `days` days is still kept: the day it came in does not count, the last one counts whole. */
export const retainedSince = (now: Date, days: number): Date => startOfDay(inJst(now).toPlainDate().subtract({ days }));

/** Half-open instants `[start, end)` covering the JST days `from` to `to`, both included. */
export function jstDayRange(from: string, to: string): { start: Date; end: Date } {
  return {
    start: startOfDay(Temporal.PlainDate.from(from)),
    end: startOfDay(Temporal.PlainDate.from(to).add({ days: 1 })),
  };
}
