import { Temporal } from 'temporal-polyfill';

const WESTERN = /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$/;
const REIWA = /^(?:令和|R)\s*(\d{1,2}|元)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$/i;
/** Reiwa 1 is 2019. */
const REIWA_BEFORE_FIRST = 2018;

/** A day as city halls write it (2027-03-31, 2027/3/31, 2027年3月31日, 令和9年3月31日, R9.3.31) as `YYYY-MM-DD`; null for no day. */
export function readDay(text: string): string | null {
  const plain = text.normalize('NFKC').trim();
  const western = WESTERN.exec(plain);
  const reiwa = western ? null : REIWA.exec(plain);
  const [, year, month, day] = western ?? reiwa ?? [];
  if (!year || !month || !day) return null;
  const fullYear = reiwa ? REIWA_BEFORE_FIRST + (year === '元' ? 1 : Number(year)) : Number(year);
  try {
    return Temporal.PlainDate.from(
      { year: fullYear, month: Number(month), day: Number(day) },
      { overflow: 'reject' },
    ).toString();
  } catch {
    return null;
  }
}
