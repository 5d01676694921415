import { Dice } from '#libs/kernel';

const WEEK = 7;
/** A quarter: older weeks say more about last season than about the next weeks. */
const WEEKS_MAX = 13;
/** How much of a trend is left a week later: nothing grows for ever (Gardner and McKenzie 1985, damped trend). */
const DAMPING = 0.95;
/** Of the logarithm, a week. What is steeper is an event, not a trend. */
const SLOPE_MAX = 0.2;
/** A day's use varies by about this part of its level; the level is known as well as the mean of so many days. */
const DAY_SPREAD = 0.6;
const RUNS = 500;
/** The same history gives the same figures, today and before the audit committee. */
const SEED = 20_260_401;

/** Weekday 0 (Monday) to 4 (Friday). Holidays are not known: that they are quiet is in the history, as in the spread. */
export const isBusinessDay = (weekday: number): boolean => weekday < 5;

interface Past {
  /** Tokens of each day that is over, the latest last; without gaps. */
  readonly tokens: readonly number[];
  /** 0 is Monday. Of the first day after them. */
  readonly nextWeekday: number;
  /** Leaves the trend out, where growth is a matter of plans. */
  readonly isLevel?: boolean;
}

/**
 * Simulates the days to come, `days` of them, many times: a bootstrap of whole weeks, so that what belongs together stays
 * together. Every run draws its own weeks to know, its own trend from their steps and its own error of the level, because
 * a forecast that trusts its averages is too sure (docs/decisions/0022).
 * @returns tokens by run, then day
 */
export function simulateUse({ tokens, nextWeekday, isLevel = false }: Past, days: number): Float64Array[] {
  const dice = new Dice(SEED);
  const weeks = weeksOf(tokens);
  return Array.from({ length: RUNS }, () => {
    if (weeks.length === 0) return simulateFewDays(tokens, nextWeekday, days, dice);
    const slope = isLevel ? 0 : slopeOf(weeks, dice);
    // Each week as it would be now
    const known = weeks.map((week, index) => {
      const growth = Math.exp(slope * (weeks.length - 1 - index));
      return week.map((count) => count * growth);
    });
    const drawn = known.map(() => dice.pick(known));
    const level = levelError(tokens, nextWeekday, dice);
    const path = new Float64Array(days);
    let growth = 0;
    let momentum = slope;
    for (let start = 0; start < days; start += WEEK) {
      momentum *= DAMPING;
      growth += momentum;
      const week = dice.pick(drawn);
      for (let day = start; day < Math.min(start + WEEK, days); day += 1)
        path[day] = week[day - start]! * level * Math.exp(growth);
    }
    return path;
  });
}

/** Blocks of seven days that end with the last one: each has every weekday once, in the order of the days to come. */
function weeksOf(tokens: readonly number[]): number[][] {
  const count = Math.min(Math.floor(tokens.length / WEEK), WEEKS_MAX);
  return Array.from({ length: count }, (_, index) => {
    const end = tokens.length - (count - 1 - index) * WEEK;
    return tokens.slice(end - WEEK, end);
  });
}

/** Growth a week: the least-squares slope of the weeks' logarithms, of as many weeks as there are, each drawn anew. */
function slopeOf(weeks: readonly number[][], dice: Dice): number {
  const points = weeks.flatMap((week, x) => {
    const sum = week.reduce((total, count) => total + count, 0);
    return sum > 0 ? [{ x, y: Math.log(sum) }] : [];
  });
  if (points.length < 2) return 0;
  const drawn = points.map(() => dice.pick(points));
  const meanX = drawn.reduce((sum, { x }) => sum + x, 0) / drawn.length;
  const meanY = drawn.reduce((sum, { y }) => sum + y, 0) / drawn.length;
  const spread = drawn.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  if (spread === 0) return 0;
  const slope = drawn.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  return Math.max(-SLOPE_MAX, Math.min(SLOPE_MAX, slope));
}

/** Log-normal around 1, the wider the fewer business days are known. */
function levelError(tokens: readonly number[], nextWeekday: number, dice: Dice): number {
  const known = Math.max(1, businessDaysOf(tokens.length, nextWeekday));
  const normal = Math.sqrt(-2 * Math.log(1 - dice.roll())) * Math.cos(2 * Math.PI * dice.roll());
  return Math.exp((DAY_SPREAD / Math.sqrt(known)) * normal);
}

/** Business days among the last `count` days before a weekday. */
export function businessDaysOf(count: number, nextWeekday: number): number {
  return Array.from({ length: count }, (_, back) => (((nextWeekday - 1 - back) % WEEK) + WEEK) % WEEK).filter(
    isBusinessDay,
  ).length;
}

/** Less than a week: a day stands for any day of its kind, and where its kind is not known for any day. */
function simulateFewDays(tokens: readonly number[], nextWeekday: number, days: number, dice: Dice): Float64Array {
  const kindOf = (offset: number) => isBusinessDay((((nextWeekday + offset) % WEEK) + WEEK) % WEEK);
  const level = levelError(tokens, nextWeekday, dice);
  return Float64Array.from({ length: days }, (_, day) => {
    const alike = tokens.filter((_count, index) => kindOf(index - tokens.length) === kindOf(day));
    const from = alike.length > 0 ? alike : tokens;
    return from.length > 0 ? dice.pick(from) * level : 0;
  });
}
