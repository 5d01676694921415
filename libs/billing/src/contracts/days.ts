import { Temporal } from 'temporal-polyfill';
import type { JstMonth } from '#libs/kernel';

export const daysOfMonth = (month: JstMonth): number => Temporal.PlainYearMonth.from(month).daysInMonth;

/** Days from `from` to `to`, both included. */
export const daysBetween = (from: string, to: string): number =>
  Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to), { largestUnit: 'days' }).days + 1;
