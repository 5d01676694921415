'use client';

import { useFormatter } from 'use-intl';
import { byteSize } from './byte-size.ts';

/** How numbers and times are written everywhere: separators, JST, and a dash where there is nothing. */
export function useFormats() {
  const format = useFormatter();
  return {
    number: (value: number): string => format.number(value),
    /** Large counts short enough for an axis: 12万, 120K. */
    compact: (value: number): string => format.number(value, { notation: 'compact', useGrouping: 'always' }),
    /** The size of a file, with its unit. */
    size: (bytes: number): string => {
      const { value, unit } = byteSize(bytes);
      return format.number(value, { style: 'unit', unit, maximumFractionDigits: 1 });
    },
    time: (instant: string | null): string =>
      instant ? format.dateTime(new Date(instant), { dateStyle: 'medium', timeStyle: 'short' }) : '—',
    /** Audit entries are told apart by the second. */
    exactTime: (instant: string): string =>
      format.dateTime(new Date(instant), { dateStyle: 'medium', timeStyle: 'medium' }),
    /** What changes every few seconds is told apart by the second; the day is today. */
    clockTime: (instant: string): string => format.dateTime(new Date(instant), { timeStyle: 'medium' }),
    /** A part of one, as whole percent. */
    percent: (ratio: number): string => format.number(ratio, { style: 'percent' }),
    /** A part of one, as percent with a digit behind the point: for rates that ought to be small. */
    rate: (ratio: number): string => format.number(ratio, { style: 'percent', maximumFractionDigits: 1 }),
    /** A `YYYY-MM-DD` day of Japan. */
    day: (day: string | null | undefined): string =>
      day ? format.dateTime(new Date(`${day}T00:00:00+09:00`), { dateStyle: 'medium' }) : '—',
    /** A `YYYY-MM` month. */
    month: (month: string): string =>
      format.dateTime(new Date(`${month}-15T00:00:00Z`), { year: 'numeric', month: 'long' }),
  };
}
