import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { Dice } from '#libs/kernel';
import { type DayUse, forecastUse } from './forecast-use.ts';

const START = Temporal.PlainDate.from('2026-04-01');

interface Habit {
  /** Tokens of an ordinary business day. */
  readonly level: number;
  /** Standard deviation of a day's logarithm. */
  readonly noise: number;
  /** Of the level, a week. */
  readonly growth: number;
}

/** A made-up city's days: quiet weekends, every twentieth business day a holiday. */
function live(days: number, { level, noise, growth }: Habit, dice: Dice): DayUse[] {
  return Array.from({ length: days }, (_, index) => {
    const date = START.add({ days: index });
    const normal = Math.sqrt(-2 * Math.log(1 - dice.roll())) * Math.cos(2 * Math.PI * dice.roll());
    const isQuiet = date.dayOfWeek > 5 || dice.roll() < 0.05;
    const tokens = level * (1 + growth) ** (index / 7) * Math.exp(noise * normal) * (isQuiet ? 0.05 : 1);
    return { day: date.toString(), tokens: Math.round(tokens) };
  });
}

const sumOf = (days: readonly DayUse[]) => days.reduce((sum, { tokens }) => sum + tokens, 0);

describe('a forecast of use', () => {
  const steady = { level: 100_000, noise: 0.3, growth: 0 };

  it('gives the same figures for the same data, in whatever order', () => {
    const days = live(100, steady, new Dice(1));
    expect(forecastUse(days.toReversed(), '2026-07-10')).toEqual(forecastUse(days, '2026-07-10'));
  });

  it('adds up: the past is what it was, this month begins from it, the year is not less than its months over', () => {
    const days = live(100, steady, new Dice(2));
    const { days: month, months, year } = forecastUse(days, '2026-07-10');
    expect(months[0]).toEqual({
      month: '2026-04',
      isOver: true,
      band: { p10: sumOf(days.slice(0, 30)), p50: sumOf(days.slice(0, 30)), p90: sumOf(days.slice(0, 30)) },
    });
    expect(months).toHaveLength(12);
    expect(month).toHaveLength(31);
    expect(month[8]).toMatchObject({ day: '2026-07-09', actual: sumOf(days.slice(91, 100)) });
    expect(month[9]!.actual).toBeNull();
    expect(month.at(-1)!.band).toEqual(months[3]!.band);
    expect(year.p10).toBeGreaterThan(sumOf(days));
    for (const { band } of [...month, ...months]) expect(band.p10 <= band.p50 && band.p50 <= band.p90).toBe(true);
  });

  it('knows a quiet weekend from a working day', () => {
    const days = live(100, { ...steady, noise: 0.1 }, new Dice(3));
    const { days: month } = forecastUse(days, '2026-07-10');
    const of = (day: number) => month[day - 1]!.band.p50 - month[day - 2]!.band.p50;
    expect(of(11)).toBeLessThan(of(13) / 3); // Saturday 11 and Monday 13 July
  });

  it('says when it knows little, and is the less sure the less it knows', () => {
    const widthOn = (today: string) => {
      const { basis, months } = forecastUse(live(300, steady, new Dice(4)), today);
      const { p10, p50, p90 } = months.at(-1)!.band;
      return { isThin: basis.isThin, width: (p90 - p10) / p50 };
    };
    const [thin, some, much] = [widthOn('2026-04-07'), widthOn('2026-05-20'), widthOn('2026-10-01')];
    expect([thin.isThin, some.isThin, much.isThin]).toEqual([true, false, false]);
    expect(thin.width).toBeGreaterThan(much.width);
    expect(some.width).toBeGreaterThan(much.width);
  });

  it('of a city that never used anything is nothing, and says that it knows nothing', () => {
    const { basis, year } = forecastUse([], '2026-07-10');
    expect(basis).toEqual({ from: null, to: '2026-07-09', businessDays: 0, isThin: true });
    expect(year).toEqual({ p10: 0, p50: 0, p90: 0 });
  });

  it.each([
    ['steady use', { level: 100_000, noise: 0.3, growth: 0 }],
    ['restless use', { level: 100_000, noise: 0.7, growth: 0 }],
    ['use that grows by 2 % a week', { level: 50_000, noise: 0.3, growth: 0.02 }],
  ])(
    'held in the past, this month and the one three months on of %s lie in the band about 8 times of 10',
    (_, habit) => {
      const dice = new Dice(5);
      const tries = 60;
      const hits = { month: 0, later: 0 };
      for (let attempt = 0; attempt < tries; attempt += 1) {
        const days = live(365, habit, dice.fork());
        // 91 to 150 days of history
        const today = START.add({ days: 91 + attempt });
        const { months } = forecastUse(days, today.toString());
        const truth = (month: string) => sumOf(days.filter(({ day }) => day.startsWith(month)));
        const isIn = (index: number) => {
          const { month, band } = months[index]!;
          return band.p10 <= truth(month) && truth(month) <= band.p90;
        };
        const current = months.findIndex(({ isOver }) => !isOver);
        hits.month += Number(isIn(current));
        hits.later += Number(isIn(Math.min(current + 3, 11)));
      }
      expect(hits.month / tries).toBeGreaterThanOrEqual(0.7);
      expect(hits.later / tries).toBeGreaterThanOrEqual(0.65);
    },
    30_000,
  );
});
