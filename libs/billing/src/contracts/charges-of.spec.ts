import { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import type { RatedUsage } from '../charge.ts';
import { july, terms, used } from './charge.fixture.ts';
import { chargesOf } from './charges-of.ts';

const tokens = (departmentId: string | null, inputTokens: number, change: Partial<RatedUsage> = {}) =>
  used({ departmentId, inputTokens, ...change });
const amountsOf = (lines: ReturnType<typeof chargesOf>) => lines.map(({ kind, amountJpy }) => [kind, amountJpy]);

/** The example of docs/decisions/0017. */
const FIRST = terms();
const SECOND = terms({
  validFrom: '2026-07-15',
  baseFeeJpy: 450_000,
  includedUnits: 20_000_000,
  beyond: { pricing: 'unit_price', unitPriceJpy: new Decimal(1_000) },
});
const EXAMPLE = july(
  [
    [1, FIRST],
    [15, SECOND],
  ],
  { council: { name: '大和川流域協議会', baseFeeJpy: 42_857 }, baseFeeDepartmentId: 'a' },
);

describe('what a city owes', () => {
  it('is, in the example of the decision record, what is written there', () => {
    const lines = chargesOf(EXAMPLE, [
      tokens('a', 4_000_000),
      tokens('b', 2_000_000),
      tokens('a', 9_000_000, { stretchFrom: '2026-07-15' }),
    ]);
    expect(lines.map(({ description, amountJpy }) => [description, amountJpy])).toEqual([
      ['基本料金（2026年7月分、7月1日から7月14日まで31日のうち14日）', 135_483],
      ['基本料金（2026年7月分、7月15日から7月31日まで31日のうち17日）', 246_774],
      ['協議会基本料金（2026年7月分、大和川流域協議会）', 42_857],
      [
        '従量料金（2026年7月分、7月1日から7月14日まで31日のうち14日、利用6,000,000トークン、うち基本料金に含む4,516,129トークンを除く）',
        1_780,
      ],
    ]);
    expect(lines.at(-1)).toMatchObject({
      quantity: new Decimal('1.483871'),
      unit: '百万トークン',
      unitPriceJpy: new Decimal('1200'),
      allocation: [
        { departmentId: 'a', amountJpy: 1_187 },
        { departmentId: 'b', amountJpy: 593 },
      ],
    });
  });

  it('is the base fee alone while the use stays within what it includes, to the last unit', () => {
    const month = july([[1, FIRST]]);
    expect(amountsOf(chargesOf(month, [tokens('a', 10_000_000)]))).toEqual([['base-fee', 300_000]]);
    expect(amountsOf(chargesOf(month, [tokens('a', 10_000_834)]))).toEqual([
      ['base-fee', 300_000],
      ['usage', 1],
    ]);
  });

  it('counts what the contract counts, in tokens or in characters', () => {
    const use = [
      used({
        inputTokens: 1_000_000,
        outputTokens: 2_000_000,
        cacheReadTokens: 4_000_000,
        cacheWriteTokens: 8_000_000,
        inputCharacters: 16_000_000,
        outputCharacters: 32_000_000,
      }),
    ];
    const charged = (change: Parameters<typeof terms>[0]) =>
      chargesOf(july([[1, terms({ baseFeeJpy: 0, includedUnits: 0, ...change })]]), use)[0]!.quantity!.toNumber();
    expect(charged({})).toBe(3);
    expect(charged({ countsCache: true })).toBe(15);
    expect(charged({ countsInput: false })).toBe(2);
    expect(charged({ unit: 'characters' })).toBe(48);
    expect(charged({ unit: 'characters', countsInput: false })).toBe(32);
  });

  it('is, at cost plus markup, what the models cost for the part beyond the included units, a line for each', () => {
    const beyond = { pricing: 'cost_plus', markup: new Decimal('0.15'), fixedJpyPerUsd: null } as const;
    const use = [
      tokens('a', 15_000_000, { costJpy: new Decimal('10000.5'), cost: new Decimal('66.67') }),
      tokens('b', 5_000_000, { model: 'model-b', costJpy: new Decimal('3000'), cost: new Decimal('20') }),
    ];
    const lines = chargesOf(july([[1, terms({ beyond })]]), use);
    // 10,000.5 × 1.15 × ½ and 3,000 × 1.15 × ½
    expect(lines.slice(1).map(({ model, amountJpy }) => [model, amountJpy])).toEqual([
      ['model-a', 5_750],
      ['model-b', 1_725],
    ]);
    const fixed = terms({ beyond: { ...beyond, fixedJpyPerUsd: new Decimal(140) } });
    // 66.67 × 140 × 1.15 × ½; a model priced in yen knows no rate
    const withYen = [use[0]!, { ...use[1]!, fxRateId: null }];
    expect(
      chargesOf(july([[1, fixed]]), withYen)
        .slice(1)
        .map(({ amountJpy }) => amountJpy),
    ).toEqual([5_366, 1_725]);
  });

  it('puts the base fee on the named department, else on all by their use, else on the city as a whole', () => {
    const allocation = (departmentId: string | null, use: RatedUsage[]) =>
      chargesOf(july([[1, FIRST]], { baseFeeDepartmentId: departmentId }), use)[0]!.allocation;
    const use = [tokens('a', 2), tokens(null, 1)];
    expect(allocation('b', use)).toEqual([{ departmentId: 'b', amountJpy: 300_000 }]);
    expect(allocation(null, use)).toEqual([
      { departmentId: 'a', amountJpy: 200_000 },
      { departmentId: null, amountJpy: 100_000 },
    ]);
    expect(allocation(null, [])).toEqual([{ departmentId: null, amountJpy: 300_000 }]);
  });

  it('moves between departments without changing the sum when a correction says whose use it was', () => {
    const month = july([[1, terms({ baseFeeJpy: 0, includedUnits: 0 })]]);
    const next = { ...july([[1, FIRST]]), month: '2026-08', stretches: [] };
    const corrections = [tokens('a', -500_000), tokens('b', 500_000)];
    expect(chargesOf(next, corrections, [{ contract: month, billed: [tokens('a', 1_000_000)] }])).toMatchObject([
      {
        kind: 'correction',
        amountJpy: 0,
        correctsMonth: '2026-07',
        allocation: [
          { departmentId: 'a', amountJpy: -600 },
          { departmentId: 'b', amountJpy: 600 },
        ],
      },
    ]);
  });

  it('is not reckoned over use outside the contract, of an unknown month, or with more taken back than was used', () => {
    const month = july([[1, FIRST]]);
    expect(() => chargesOf(month, [tokens('a', 1, { stretchFrom: '2026-07-02' })])).toThrow('outside contract');
    expect(() => chargesOf(month, [tokens('a', 1, { acceptedMonth: '2026-06' })])).toThrow('2026-06');
    expect(() => chargesOf(month, [tokens('a', -1)])).toThrow('taken back');
  });

  it('holds for 1e12 tokens and beyond, and refuses what no city pays', () => {
    const month = july([[1, terms({ includedUnits: 0 })]]);
    const [, line] = chargesOf(month, [tokens('a', 800_000_000_000_001)]);
    expect(line!.amountJpy).toBe(960_000_000_000);
    for (const count of [833_333_333_333_334, Number.MAX_SAFE_INTEGER])
      expect(() => chargesOf(month, [tokens('a', count)])).toThrow(
        expect.objectContaining({ code: 'BILLING.AMOUNT_TOO_LARGE' }),
      );
  });
});
