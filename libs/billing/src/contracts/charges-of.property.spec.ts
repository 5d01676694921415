import fc from 'fast-check';
import { describe, it } from 'vitest';
import { propertyRuns } from '#libs/testing';
import type { ChargeLine, ContractMonth, RatedUsage } from '../charge.ts';
import { anyMonthWithUse } from './charge.fixture.ts';
import { type BilledMonth, chargesOf } from './charges-of.ts';

const RUNS = propertyRuns(2_000);
const TIME_MS = Math.max(60_000, RUNS * 3);

const total = (lines: readonly { readonly amountJpy: number }[]): number =>
  lines.reduce((sum, line) => sum + line.amountJpy, 0);

const isWhole = (lines: readonly ChargeLine[]): boolean =>
  lines.every((line) => Number.isSafeInteger(line.amountJpy) && total(line.allocation) === line.amountJpy);

/** Same amounts for the same use, whatever order and pieces it comes in. */
const amounts = (lines: readonly ChargeLine[]): string =>
  JSON.stringify(lines.map(({ description, amountJpy, allocation }) => [description, amountJpy, allocation]));

const august = (month: ContractMonth): ContractMonth => ({ ...month, month: '2026-08', stretches: [], council: null });

const check = (property: (month: ContractMonth, usage: RatedUsage[], cut: number) => boolean): void =>
  fc.assert(
    fc.property(anyMonthWithUse, fc.nat(12), ({ month, usage }, cut) => property(month, usage, cut)),
    { numRuns: RUNS },
  );

describe('whatever a city used', () => {
  it(
    'every line is whole yen, not negative, and its allocation adds up to it',
    () =>
      check((month, usage) => {
        const lines = chargesOf(month, usage);
        return isWhole(lines) && lines.every(({ amountJpy }) => amountJpy >= 0);
      }),
    TIME_MS,
  );

  it(
    'the same use in another order and in other pieces costs the same',
    () =>
      check((month, usage) => {
        const pieces = usage.toReversed().flatMap((use) => [
          { ...use, outputTokens: 0, outputCharacters: 0, cost: use.cost.times(0), costJpy: use.costJpy.times(0) },
          { ...use, inputTokens: 0, inputCharacters: 0, cacheReadTokens: 0 },
        ]);
        return amounts(chargesOf(month, pieces)) === amounts(chargesOf(month, usage));
      }),
    TIME_MS,
  );

  it(
    'what comes late costs, with what was billed in time, to the yen what all of it would have cost in time',
    () =>
      check((month, usage, cut) => {
        const [inTime, late] = [usage.slice(0, cut), usage.slice(cut)];
        const before: BilledMonth = { contract: month, billed: inTime };
        const corrections = chargesOf(august(month), late, [before]);
        const usageOf = (lines: readonly ChargeLine[]) => total(lines.filter(({ kind }) => !kind.endsWith('base-fee')));
        return (
          isWhole(corrections) &&
          usageOf(chargesOf(month, inTime)) + total(corrections) === usageOf(chargesOf(month, usage))
        );
      }),
    TIME_MS,
  );

  it(
    'taking all of it back gives back what was charged for it',
    () =>
      check((month, usage) => {
        const negative = usage.map((use) => ({
          ...use,
          inputTokens: -use.inputTokens,
          outputTokens: -use.outputTokens,
          cacheReadTokens: -use.cacheReadTokens,
          inputCharacters: -use.inputCharacters,
          outputCharacters: -use.outputCharacters,
          cost: use.cost.negated(),
          costJpy: use.costJpy.negated(),
        }));
        const charged = chargesOf(month, usage).filter(({ kind }) => kind === 'usage');
        const back = chargesOf(august(month), negative, [{ contract: month, billed: usage }]);
        return isWhole(back) && total(back) === -total(charged);
      }),
    TIME_MS,
  );
});
