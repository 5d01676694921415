import { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { tenantId } from '#libs/kernel';
import { type CouncilShare, type CouncilSplit, splitCouncil } from './split-council.ts';

const city = (number: number, change: Partial<CouncilShare> = {}): CouncilShare => ({
  tenantId: tenantId(`01976d3a-0000-7000-8000-00000000000${number}`),
  weight: new Decimal(1),
  fromDay: 1,
  toDay: 30,
  tokens: 0,
  ...change,
});
const parts = (split: CouncilSplit, ...members: CouncilShare[]): number[] => [
  ...splitCouncil({ monthlyBaseFeeJpy: 100_000, split }, members, 30).values(),
];

describe('a council’s base fee', () => {
  it('is split equally, by people, by agreed weights or by use, to the yen', () => {
    expect(parts('equal', city(1), city(2), city(3))).toEqual([33_334, 33_333, 33_333]);
    const towns = [city(1, { weight: new Decimal(360_000) }), city(2, { weight: new Decimal(40_000) })];
    expect(parts('population', ...towns)).toEqual([90_000, 10_000]);
    expect(parts('equal', ...towns)).toEqual([50_000, 50_000]);
    expect(parts('weights', city(1, { weight: new Decimal('1.5') }), city(2))).toEqual([60_000, 40_000]);
    expect(parts('usage', city(1, { tokens: 1 }), city(2, { tokens: 3 }))).toEqual([25_000, 75_000]);
  });

  it('is split equally while nobody used anything', () => {
    expect(parts('usage', city(1), city(2))).toEqual([50_000, 50_000]);
  });

  it('counts days: a member that joined within the month bears less, and days without any member cost nothing', () => {
    expect(parts('equal', city(1), city(2, { fromDay: 16 }))).toEqual([66_667, 33_333]);
    expect(parts('equal', city(1, { toDay: 10 }), city(2, { fromDay: 21 }))).toEqual([33_333, 33_333]);
  });
});
