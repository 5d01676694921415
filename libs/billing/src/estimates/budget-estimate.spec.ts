import { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import type { ModelPrice } from '#libs/pricing';
import { july, terms } from '../contracts/charge.fixture.ts';
import { type EstimateBasis, type WhatIf, estimateBudget } from './budget-estimate.ts';
import { everyDay } from './calendar.ts';
import { type UsePart, tokensOf } from './use-reader.ts';

const AS_IN_TRIAL: WhatIf = { usersPercent: 100, growthPercent: 0, mix: null, jpyPerUsd: null };

const part = (department: string, purpose: string | null, tokens: number, model = 'model-a'): UsePart => ({
  departmentId: department,
  department,
  purpose,
  model,
  inputTokens: tokens * 0.75,
  outputTokens: tokens * 0.25,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  inputCharacters: tokens,
  outputCharacters: tokens,
});
const PARTS = [
  part('税務課', '住民税', 40_000_000),
  part('税務課', null, 20_000_000),
  part('福祉課', '手当', 30_000_000),
];
/** Four weeks, so that a year is 365/28 of them. */
const DAYS = everyDay('2026-06-01', '2026-06-28', new Map()).map(({ day }) => ({ day, tokens: 90_000_000 / 28 }));

const price = (model: string, input: number): ModelPrice => ({
  id: model,
  model,
  validFrom: new Date('2026-04-01T00:00:00+09:00'),
  currency: 'USD',
  input: new Decimal(input),
  output: new Decimal(input * 5),
  cacheRead: new Decimal(0),
  cacheWrite: new Decimal(0),
});
const withSource = <T>(row: T) => ({ ...row, source: 'list' });
const PRICES = {
  list: {
    current: [price('model-a', 3), price('model-b', 0.3)].map(withSource),
    future: [],
    fxRate: withSource({ id: 'rate', validFrom: new Date('2026-04-01T00:00:00+09:00'), jpyPerUsd: new Decimal(150) }),
  },
};
const COST_PLUS = terms({
  includedUnits: 0,
  beyond: { pricing: 'cost_plus', markup: new Decimal('0.15'), fixedJpyPerUsd: null },
});
const BASIS: EstimateBasis = {
  fiscalYear: 2027,
  days: DAYS,
  parts: PARTS,
  departments: new Map([['総務課', '総務課']]),
  contract: july([[1, COST_PLUS]]),
  prices: PRICES,
};
const estimate = (whatIf: Partial<WhatIf> = {}, basis: Partial<EstimateBasis> = {}) =>
  estimateBudget({ ...BASIS, ...basis }, { ...AS_IN_TRIAL, ...whatIf });

describe('an estimate of next fiscal year', () => {
  it('reaches as far beyond the trial as the year is longer, and P90 lies above P50', () => {
    const { tokens } = estimate();
    const expected = (90_000_000 / 28) * 366; // April 2027 to March 2028 has a 29 February
    expect(tokens.p50 / expected).toBeGreaterThan(0.93);
    expect(tokens.p50 / expected).toBeLessThan(1.07);
    expect(tokens.p90).toBeGreaterThan(tokens.p50);
  });

  it.each([
    ['by what it costs', [1, COST_PLUS] as const],
    ['by units', [1, terms()] as const],
  ])('charged %s adds up to the yen over departments and purposes', (_, begin) => {
    const { rows, fee } = estimate({}, { contract: july([begin], { baseFeeDepartmentId: '総務課' }) });
    for (const quantile of ['p50', 'p90'] as const)
      expect(rows.reduce((sum, { feeJpy }) => sum + feeJpy![quantile], 0)).toBe(fee!.beforeTaxJpy[quantile]);
    expect(rows.map(({ department, purpose }) => [department, purpose])).toEqual([
      ['税務課', '住民税'],
      ['税務課', null],
      ['福祉課', '手当'],
      ['総務課', null],
    ]);
  });

  it('follows plans: twice the users use twice as much, a tenth more each a tenth more', () => {
    const { tokens } = estimate();
    expect(estimate({ usersPercent: 200 }).tokens.p50 / tokens.p50).toBeCloseTo(2, 5);
    expect(estimate({ growthPercent: 10 }).tokens.p90 / tokens.p90).toBeCloseTo(1.1, 5);
  });

  it('moves work to a cheaper model without changing how much work it is', () => {
    const dear = estimate();
    const cheap = estimate({ mix: new Map([['model-b', 100]]) });
    expect(cheap.tokens).toEqual(dear.tokens);
    const base = 12 * COST_PLUS.baseFeeJpy;
    expect((cheap.fee!.beforeTaxJpy.p50 - base) / (dear.fee!.beforeTaxJpy.p50 - base)).toBeCloseTo(0.1, 3);
  });

  it('shows what the exchange rate does, where it does anything', () => {
    const { sensitivity } = estimate();
    expect(sensitivity.map(({ jpyPerUsd }) => jpyPerUsd)).toEqual(['120', '135', '150', '165', '180']);
    expect(sensitivity[2]!.withTaxJpy).toEqual(estimate().fee!.withTaxJpy);
    const fees = sensitivity.map(({ withTaxJpy }) => withTaxJpy.p50);
    expect(fees).toEqual(fees.toSorted((a, b) => a - b));
    expect(estimate({ jpyPerUsd: new Decimal(180) }).fee!.withTaxJpy).toEqual(sensitivity[4]!.withTaxJpy);
    expect(estimate({}, { contract: july([[1, terms()]]) }).sensitivity).toEqual([]);
    const fixed = { ...COST_PLUS, beyond: { ...COST_PLUS.beyond, fixedJpyPerUsd: new Decimal(140) } };
    const agreed = { contract: july([[1, fixed]]) };
    expect(estimate({}, agreed).sensitivity).toEqual([]);
    expect(estimate({ jpyPerUsd: new Decimal(180) }, agreed).fee).toEqual(estimate({}, agreed).fee);
  });

  it('has no fee rather than a wrong one: without a contract, or with a model that nobody priced', () => {
    expect(estimate({}, { contract: null })).toMatchObject({ fee: null, rows: [{ feeJpy: null }, {}, {}] });
    const unknown = estimate({}, { parts: [...PARTS, part('福祉課', null, 1_000, 'model-x')] });
    expect(unknown).toMatchObject({ fee: null, unpriced: ['model-x'] });
  });

  it('of a trial without use is nothing but the base fee', () => {
    const idle = estimate({}, { parts: [], days: [] });
    expect(idle.tokens).toEqual({ p50: 0, p90: 0 });
    expect(idle.fee!.beforeTaxJpy).toEqual({ p50: 12 * COST_PLUS.baseFeeJpy, p90: 12 * COST_PLUS.baseFeeJpy });
    expect(PARTS.reduce((sum, one) => sum + tokensOf(one), 0)).toBe(90_000_000);
  });
});
