const DAY = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' });
const MONTHS = 12;
const APRIL = 4;

/** Today in JST as `YYYY-MM-DD`, whatever zone the PC is set to. */
export const jstToday = (now = new Date()): string => DAY.format(now);

const DAY_MS = 86_400_000;

/** The last whole day of what came in at an instant and is kept for so many days. */
export const lastDayOf = (instant: string, days: number): string =>
  DAY.format(new Date(Date.parse(instant) + days * DAY_MS));

/** This month in JST as `YYYY-MM`. */
export const jstMonth = (now = new Date()): string => jstToday(now).slice(0, 7);

/** The fiscal year (April to March) this month belongs to, named by the year it starts in. */
export function fiscalYear(month = jstMonth()): number {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return number >= APRIL ? year : year - 1;
}

/** The twelve months of a fiscal year as `YYYY-MM`, April first. */
export const monthsOfFiscalYear = (year: number): string[] =>
  Array.from({ length: MONTHS }, (_, index) => {
    const number = ((index + APRIL - 1) % MONTHS) + 1;
    return `${number < APRIL ? year + 1 : year}-${String(number).padStart(2, '0')}`;
  });
