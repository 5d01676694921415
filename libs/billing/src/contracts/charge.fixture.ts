import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { tenantId } from '#libs/kernel';
import type { ContractMonth, ContractTerms, RatedUsage } from '../charge.ts';

export const CITY = tenantId('01976d3a-0000-7000-8000-000000000001');
const DAYS_OF_MONTH = 31;

export const terms = (change: Partial<ContractTerms> = {}): ContractTerms => ({
  validFrom: '2026-04-01',
  baseFeeJpy: 300_000,
  unit: 'tokens',
  countsInput: true,
  countsOutput: true,
  countsCache: false,
  includedUnits: 10_000_000,
  beyond: { pricing: 'unit_price', unitPriceJpy: new Decimal('1200') },
  ...change,
});

const day = (number: number): string => `2026-07-${String(number).padStart(2, '0')}`;

/** July 2026 under terms that begin on the given days; the last runs to `end`. */
export const july = (
  begins: readonly (readonly [day: number, terms: ContractTerms])[],
  change: Partial<ContractMonth> = {},
  end = DAYS_OF_MONTH,
): ContractMonth => ({
  tenantId: CITY,
  contractId: 'contract',
  month: '2026-07',
  stretches: begins.map(([first, agreed], index) => {
    const last = (begins[index + 1]?.[0] ?? end + 1) - 1;
    return { from: day(first), to: day(last), days: last - first + 1, daysOfMonth: DAYS_OF_MONTH, terms: agreed };
  }),
  council: null,
  baseFeeDepartmentId: null,
  ...change,
});

export const used = (change: Partial<RatedUsage> = {}): RatedUsage => ({
  acceptedMonth: '2026-07',
  stretchFrom: '2026-07-01',
  departmentId: 'a',
  model: 'model-a',
  priceId: 'price',
  fxRateId: 'rate',
  calls: 1,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  inputCharacters: 0,
  outputCharacters: 0,
  costJpy: new Decimal(0),
  cost: new Decimal(0),
  ...change,
});

const count = fc.oneof(
  fc.nat(50),
  fc.nat(20_000_000),
  fc.nat(1_000_000).map((n) => n * 1_000_000),
);
const decimal = (max: number, digits: number) =>
  fc.nat(max).map((number) => new Decimal(number).div(new Decimal(10).pow(digits)));

const anyTerms: fc.Arbitrary<ContractTerms> = fc
  .record({
    baseFeeJpy: fc.nat(2_000_000),
    unit: fc.constantFrom('tokens' as const, 'characters' as const),
    countsInput: fc.boolean(),
    countsCache: fc.boolean(),
    includedUnits: count,
    beyond: fc.oneof(
      fc.record({ pricing: fc.constant('unit_price' as const), unitPriceJpy: decimal(50_000_000, 4) }),
      fc.record({
        pricing: fc.constant('cost_plus' as const),
        markup: decimal(20_000, 4),
        fixedJpyPerUsd: fc.option(decimal(200_000_000, 6)),
      }),
    ),
  })
  .map((agreed) => terms({ ...agreed, countsCache: agreed.countsCache && agreed.unit === 'tokens' }));

export const anyMonth: fc.Arbitrary<ContractMonth> = fc
  .record({
    begins: fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: DAYS_OF_MONTH }), anyTerms), {
      selector: ([first]) => first,
      minLength: 1,
      maxLength: 3,
    }),
    council: fc.option(fc.record({ name: fc.constant('協議会'), baseFeeJpy: fc.nat(500_000) })),
    baseFeeDepartmentId: fc.option(fc.constantFrom('a', 'b')),
  })
  .map(({ begins, ...change }) =>
    july(
      begins.sort(([a], [b]) => a - b),
      change,
    ),
  );

const anyUse = (stretches: readonly string[]): fc.Arbitrary<RatedUsage> =>
  fc
    .record({
      stretchFrom: fc.constantFrom(...stretches),
      departmentId: fc.option(fc.constantFrom('a', 'b', 'c', 'd')),
      model: fc.constantFrom('model-a', 'model-b', 'model-c'),
      fxRateId: fc.option(fc.constant('rate')),
      inputTokens: count,
      outputTokens: count,
      cacheReadTokens: count,
      inputCharacters: count,
      outputCharacters: count,
      cost: decimal(2_000_000_000, 9),
      rate: decimal(200_000_000, 6),
    })
    .map(({ rate, ...use }) => used({ ...use, costJpy: use.fxRateId ? use.cost.times(rate) : use.cost }));

/** A month and what was used in it. */
export const anyMonthWithUse: fc.Arbitrary<{ month: ContractMonth; usage: RatedUsage[] }> = anyMonth.chain((month) =>
  fc.record({
    month: fc.constant(month),
    usage: fc.array(anyUse(month.stretches.map(({ from }) => from)), { maxLength: 12 }),
  }),
);
