import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '#libs/testing';
import { type TokenCounts, costOf } from './cost.ts';
import { ExactDecimal, type TokenPrices } from './model-price.ts';

const RUNS = propertyRuns(500);
const TIME_MS = Math.max(30_000, RUNS * 3);

const MICROS = 1_000_000n;
const RATE = 6;

const tokens = fc.bigInt({ min: 0n, max: 2n ** 52n }).map(Number);
const counts: fc.Arbitrary<TokenCounts> = fc.record({
  inputTokens: tokens,
  outputTokens: tokens,
  cacheReadTokens: tokens,
  cacheWriteTokens: tokens,
});
/** NUMERIC(14,6) and NUMERIC(12,6) as whole millionths. */
const micros = fc.bigInt({ min: 0n, max: 10n ** 14n - 1n });
const rateMicros = fc.bigInt({ min: 1n, max: 10n ** 12n - 1n });
const decimal = (value: bigint) => new ExactDecimal(value.toString()).div(10 ** RATE);
const priceOf = (currency: TokenPrices['currency'], [input, output, cacheRead, cacheWrite]: readonly bigint[]) => ({
  currency,
  input: decimal(input!),
  output: decimal(output!),
  cacheRead: decimal(cacheRead!),
  cacheWrite: decimal(cacheWrite!),
});
const fourPrices = fc.tuple(micros, micros, micros, micros);

describe('the cost of usage', () => {
  it('is the sum of tokens by price for a million, in yen by the rate of the day', () => {
    const price = priceOf('USD', [3_300_000n, 16_500_000n, 330_000n, 4_125_000n]);
    const used = { inputTokens: 1_000_000, outputTokens: 200_000, cacheReadTokens: 500_000, cacheWriteTokens: 4 };
    const { cost, costJpy } = costOf(used, price, { jpyPerUsd: new ExactDecimal('151.25') });
    expect(cost.toFixed()).toBe('6.7650165');
    expect(costJpy.toFixed()).toBe('1023.208745625');
  });

  it(
    'is exact: whole-number arithmetic in millionths says the same to the last digit',
    () => {
      fc.assert(
        fc.property(counts, fourPrices, rateMicros, (used, prices, rate) => {
          const kinds = [used.inputTokens, used.outputTokens, used.cacheReadTokens, used.cacheWriteTokens];
          const expected = kinds.reduce((sum, count, kind) => sum + BigInt(count) * prices[kind]!, 0n) * rate;
          const { costJpy } = costOf(used, priceOf('USD', prices), { jpyPerUsd: decimal(rate) });
          expect(costJpy.times((MICROS ** 3n).toString()).toFixed()).toBe(expected.toString());
        }),
        { numRuns: RUNS },
      );
    },
    TIME_MS,
  );

  it(
    'of many calls is the sum of the cost of each',
    () => {
      fc.assert(
        fc.property(fc.array(counts, { maxLength: 20 }), fourPrices, (calls, prices) => {
          const price = priceOf('JPY', prices);
          const small = calls.map((call) => each(call, (count) => Math.floor(count / 32)));
          const together = small.reduce(
            add,
            each(ZERO, (count) => count),
          );
          const apart = small.reduce((sum, call) => sum.plus(costOf(call, price, null).costJpy), new ExactDecimal(0));
          expect(costOf(together, price, null).costJpy.eq(apart)).toBe(true);
        }),
        { numRuns: RUNS },
      );
    },
    TIME_MS,
  );

  it(
    'of what is taken back is what it was, below zero',
    () => {
      fc.assert(
        fc.property(counts, fourPrices, (used, prices) => {
          const price = priceOf('JPY', prices);
          const back = costOf(
            each(used, (count) => -count),
            price,
            null,
          );
          expect(back.cost.plus(costOf(used, price, null).cost).isZero()).toBe(true);
        }),
        { numRuns: RUNS },
      );
    },
    TIME_MS,
  );

  it('is refused rather than guessed: dollars without a rate, broken or unsafe counts', () => {
    const price = priceOf('USD', [1n, 1n, 1n, 1n]);
    expect(() => costOf(ZERO, price, null)).toThrow(RangeError);
    for (const inputTokens of [0.5, NaN, Infinity, 2 ** 53])
      expect(() => costOf({ ...ZERO, inputTokens }, price, { jpyPerUsd: new ExactDecimal(1) })).toThrow(RangeError);
  });
});

const ZERO: TokenCounts = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

const each = (used: TokenCounts, change: (count: number) => number): TokenCounts => ({
  inputTokens: change(used.inputTokens),
  outputTokens: change(used.outputTokens),
  cacheReadTokens: change(used.cacheReadTokens),
  cacheWriteTokens: change(used.cacheWriteTokens),
});

const add = (one: TokenCounts, other: TokenCounts): TokenCounts => ({
  inputTokens: one.inputTokens + other.inputTokens,
  outputTokens: one.outputTokens + other.outputTokens,
  cacheReadTokens: one.cacheReadTokens + other.cacheReadTokens,
  cacheWriteTokens: one.cacheWriteTokens + other.cacheWriteTokens,
});
