import { Temporal } from 'temporal-polyfill';
import type { JstMonth } from '#libs/kernel';
import { type Band, bandOf, certain } from './bands.ts';
import { everyDay } from './calendar.ts';
import { businessDaysOf, simulateUse } from './simulate-use.ts';

/** Tokens of one JST day `YYYY-MM-DD`. */
export interface DayUse {
  readonly day: string;
  readonly tokens: number;
}

/** Use up to the end of a day, from the first of its month. */
export interface DayForecast {
  readonly day: string;
  /** Null for days to come, today included. */
  readonly actual: number | null;
  readonly band: Band;
}

export interface MonthForecast {
  readonly month: JstMonth;
  readonly band: Band;
  /** Over: what it says is what was used. */
  readonly isOver: boolean;
}

export interface UseForecast {
  /** What it is made of. */
  readonly basis: {
    readonly from: string | null;
    readonly to: string;
    readonly businessDays: number;
    /** Too few days to trust more than the order of magnitude. */
    readonly isThin: boolean;
  };
  /** This month, day by day, adding up. */
  readonly days: readonly DayForecast[];
  /** The fiscal year, April to March. */
  readonly months: readonly MonthForecast[];
  readonly year: Band;
}

const THIN_BELOW = 10;

/**
 * From the days that are over to the end of the month and of the fiscal year. Days before the first use say nothing about
 * use and are left out.
 * @param history days with use, in any order; none of `today` or later counts
 * @param today the JST day that is still running
 */
export function forecastUse(history: readonly DayUse[], today: string): UseForecast {
  const now = Temporal.PlainDate.from(today);
  const past = daysUntil(history, now);
  const fiscalYear = now.month >= 4 ? now.year : now.year - 1;
  const end = Temporal.PlainDate.from({ year: fiscalYear + 1, month: 3, day: 31 });
  const runs = simulateUse(
    { tokens: past.map(({ tokens }) => tokens), nextWeekday: now.dayOfWeek - 1 },
    now.until(end).days + 1,
  );
  const sums = new Outcomes(runs);
  const months = Array.from({ length: 12 }, (_, index) =>
    Temporal.PlainYearMonth.from({ year: fiscalYear, month: 4 }).add({ months: index }),
  );
  const used = (prefix: string) => sumOf(past.filter(({ day }) => day.startsWith(prefix)));
  const actualOfYear = sumOf(past.filter(({ day }) => day >= months[0]!.toString()));
  const businessDays = businessDaysOf(past.length, now.dayOfWeek - 1);
  return {
    basis: {
      from: past[0]?.day ?? null,
      to: now.subtract({ days: 1 }).toString(),
      businessDays,
      isThin: businessDays < THIN_BELOW,
    },
    days: daysOfMonth(past, now, sums),
    months: months.map((month) => {
      const actual = used(month.toString());
      const isOver = Temporal.PlainYearMonth.compare(month, now.toPlainYearMonth()) < 0;
      if (isOver) return { month: month.toString(), band: certain(actual), isOver };
      const first = Math.max(0, now.until(month.toPlainDate({ day: 1 })).days);
      const last = now.until(month.toPlainDate({ day: month.daysInMonth })).days;
      return { month: month.toString(), band: sums.between(first, last, actual), isOver };
    }),
    year: sums.between(0, now.until(end).days, actualOfYear),
  };
}

/** Every day from the first with use to yesterday. */
function daysUntil(history: readonly DayUse[], today: Temporal.PlainDate): DayUse[] {
  const byDay = new Map(
    history.filter(({ day, tokens }) => day < today.toString() && tokens > 0).map((use) => [use.day, use.tokens]),
  );
  const [first] = [...byDay.keys()].sort();
  return first === undefined ? [] : everyDay(first, today.subtract({ days: 1 }).toString(), byDay);
}

function daysOfMonth(past: readonly DayUse[], today: Temporal.PlainDate, sums: Outcomes): DayForecast[] {
  const first = today.with({ day: 1 });
  const before = past.filter(({ day }) => day >= first.toString());
  const actual = sumOf(before);
  return Array.from({ length: today.daysInMonth }, (_, index) => {
    const date = first.add({ days: index });
    const day = date.toString();
    if (day >= today.toString()) return { day, actual: null, band: sums.between(0, today.until(date).days, actual) };
    const until = sumOf(before.filter((use) => use.day <= day));
    return { day, actual: until, band: certain(until) };
  });
}

const sumOf = (days: readonly DayUse[]): number => days.reduce((sum, { tokens }) => sum + tokens, 0);

/** Simulated paths, asked for sums. */
class Outcomes {
  private readonly totals: Float64Array[];

  constructor(runs: readonly Float64Array[]) {
    this.totals = runs.map((path) => {
      let total = 0;
      return path.map((tokens) => (total += tokens));
    });
  }

  /** Days counted from today, both included. @param known what is used already and counts too */
  between(first: number, last: number, known: number): Band {
    const outcomes = Float64Array.from(
      this.totals,
      (total) => known + total[last]! - (first > 0 ? total[first - 1]! : 0),
    );
    const { p10, p50, p90 } = bandOf(outcomes);
    return { p10: Math.round(p10), p50: Math.round(p50), p90: Math.round(p90) };
  }
}
