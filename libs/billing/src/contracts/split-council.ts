import { Decimal } from 'decimal.js';
import type { TenantId } from '#libs/kernel';
import { prorate } from './prorate.ts';
import { splitWhole } from './split-whole.ts';

export const COUNCIL_SPLITS = ['equal', 'population', 'usage', 'weights'] as const;
export type CouncilSplit = (typeof COUNCIL_SPLITS)[number];

/** A member city of a council, as far as one month is concerned. */
export interface CouncilShare {
  readonly tenantId: TenantId;
  /** People where the fee is split by population, the agreed part where by weights. */
  readonly weight: Decimal;
  /** Days of the month, 1 to 31, its contract covers: both included. */
  readonly fromDay: number;
  readonly toDay: number;
  /** All tokens it used in the month. */
  readonly tokens: number;
}

/** Decimals of a weight as councils keep it. */
const WEIGHT_SCALE = 10_000;

/**
 * Splits a council's base fee of a month among its members: the part of the fee for the days on which any member has a
 * contract, by weight times each one's days, or by use; equally by days while nobody used anything. To the yen.
 *
 * @param members in the order that decides between equal remainders
 */
export function splitCouncil(
  { monthlyBaseFeeJpy, split }: { readonly monthlyBaseFeeJpy: number; readonly split: CouncilSplit },
  members: readonly CouncilShare[],
  daysOfMonth: number,
): ReadonlyMap<TenantId, number> {
  const covered = new Set(
    members.flatMap(({ fromDay, toDay }) => Array.from({ length: toDay - fromDay + 1 }, (_, index) => fromDay + index)),
  );
  const fee = prorate(monthlyBaseFeeJpy, { days: covered.size, daysOfMonth });
  const byUse = split === 'usage' && members.some(({ tokens }) => tokens > 0);
  const weights = members.map(({ weight, fromDay, toDay, tokens }) => {
    if (byUse) return BigInt(tokens);
    const days = BigInt(toDay - fromDay + 1);
    return split === 'population' || split === 'weights' ? BigInt(weight.times(WEIGHT_SCALE).toFixed()) * days : days;
  });
  const parts = splitWhole(fee, weights);
  return new Map(members.map(({ tenantId }, index) => [tenantId, parts[index]!]));
}
