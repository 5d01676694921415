import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fractionOf, percentOf } from './percent.ts';

describe('a markup', () => {
  it('is said in per cent and kept as a fraction, to the last digit', () => {
    expect(['0', '15', '12.5', '100', '999.99'].map(fractionOf)).toEqual(['0.00', '0.15', '0.125', '1.00', '9.9999']);
    expect(['0', '0.15', '0.1250', '1', '9.9999'].map(percentOf)).toEqual(['0', '15', '12.5', '100', '999.99']);
    fc.assert(
      fc.property(fc.nat(99_999), (hundredths) => {
        const percent = String(hundredths / 100);
        expect(percentOf(fractionOf(percent))).toBe(percent);
      }),
    );
  });
});
