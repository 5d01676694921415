import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '#libs/testing';
import { splitWhole } from './split-whole.ts';

const anyWeights = fc
  .array(fc.bigInt({ min: 0n, max: 10n ** 24n }), { minLength: 1, maxLength: 40 })
  .filter((weights) => weights.some((weight) => weight > 0n));

const RUNS = propertyRuns(2_000);
const TIME_MS = Math.max(30_000, RUNS);

describe('splitting a whole', () => {
  it('gives what is left to the largest remainders, among equal ones to the earlier part', () => {
    expect(splitWhole(100_000, [3n, 2n, 2n])).toEqual([42_857, 28_572, 28_571]);
    expect(splitWhole(2, [1n, 1n, 1n])).toEqual([1, 1, 0]);
    expect(splitWhole(0, [1n, 5n])).toEqual([0, 0]);
  });

  it(
    'adds up, and no part is a yen or more away from its exact share',
    () =>
      fc.assert(
        fc.property(fc.maxSafeNat(), anyWeights, (whole, weights) => {
          const parts = splitWhole(whole, weights);
          const sum = weights.reduce((a, b) => a + b, 0n);
          return (
            parts.reduce((a, b) => a + BigInt(b), 0n) === BigInt(whole) &&
            parts.every((part, index) => {
              const off = BigInt(part) * sum - BigInt(whole) * weights[index]!;
              return -sum < off && off < sum;
            })
          );
        }),
        { numRuns: RUNS },
      ),
    TIME_MS,
  );

  it('refuses to split what is not a whole amount, and to split by nothing', () => {
    for (const whole of [-1, 0.5, Number.NaN]) expect(() => splitWhole(whole, [1n])).toThrow(RangeError);
    for (const weights of [[], [0n], [2n, -1n]]) expect(() => splitWhole(1, weights)).toThrow(RangeError);
  });
});
