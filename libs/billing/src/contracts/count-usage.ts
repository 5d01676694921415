import { Decimal } from 'decimal.js';
import type { ContractTerms, RatedUsage } from '../charge.ts';

/** Exact for every product of amounts, rates and counts here; a quotient is cut off, so that its floor is the true one. */
export const Exact = Decimal.clone({ precision: 120, rounding: Decimal.ROUND_DOWN, defaults: true });

/** What the terms count of a piece of usage, in their unit. */
export function countedUnits(terms: ContractTerms, usage: RatedUsage): bigint {
  const input = BigInt(terms.unit === 'tokens' ? usage.inputTokens : usage.inputCharacters);
  const output = BigInt(terms.unit === 'tokens' ? usage.outputTokens : usage.outputCharacters);
  const cache = terms.unit === 'tokens' ? BigInt(usage.cacheReadTokens) + BigInt(usage.cacheWriteTokens) : 0n;
  return (terms.countsInput ? input : 0n) + (terms.countsOutput ? output : 0n) + (terms.countsCache ? cache : 0n);
}

/** What it cost the vendor in yen: at the rate the contract fixes, else at the rate of the day. */
export function costOf(terms: ContractTerms, usage: RatedUsage): Decimal {
  const fixed = terms.beyond.pricing === 'cost_plus' ? terms.beyond.fixedJpyPerUsd : null;
  return fixed && usage.fxRateId ? new Exact(usage.cost).times(fixed) : usage.costJpy;
}

/** A picoyen: fine enough to divide by, and a whole number. */
const PICOYEN = new Exact('1e12');
export const costWeight = (cost: Decimal): bigint => BigInt(PICOYEN.times(cost).floor().toFixed());

export type DepartmentWeights = ReadonlyMap<string | null, bigint>;

/** Sums a measure by department. */
export function byDepartment(usage: readonly RatedUsage[], measure: (usage: RatedUsage) => bigint): DepartmentWeights {
  const sums = new Map<string | null, bigint>();
  for (const part of usage) sums.set(part.departmentId, (sums.get(part.departmentId) ?? 0n) + measure(part));
  return sums;
}
