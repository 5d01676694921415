import type { ChargeLine } from '../charge.ts';
import type { DepartmentWeights } from './count-usage.ts';
import { splitWhole } from './split-whole.ts';

export type Allocation = ChargeLine['allocation'];

/** By id; work that belongs to no department comes last. */
const inOrder = ([a]: readonly [string | null, ...unknown[]], [b]: readonly [string | null, ...unknown[]]): number =>
  a === b ? 0 : a === null ? 1 : b === null || a < b ? -1 : 1;

const withoutNothing = (parts: readonly (readonly [string | null, number])[]): Allocation =>
  parts.flatMap(([departmentId, amountJpy]) => (amountJpy === 0 ? [] : [{ departmentId, amountJpy }]));

export const allocateTo = (departmentId: string | null, amountJpy: number): Allocation =>
  withoutNothing([[departmentId, amountJpy]]);

/**
 * Splits an amount among departments in proportion to their use. What a correction took from a department beyond what it
 * used weighs nothing; where nobody used anything, the city as a whole bears it.
 */
export function allocate(amountJpy: number, use: DepartmentWeights): Allocation {
  const users = [...use].filter(([, weight]) => weight > 0n).sort(inOrder);
  if (users.length === 0) return allocateTo(null, amountJpy);
  const parts = splitWhole(
    amountJpy,
    users.map(([, weight]) => weight),
  );
  return withoutNothing(users.map(([departmentId], index) => [departmentId, parts[index]!]));
}

/** What the departments bear now and did not bear before. */
export function allocationDifference(now: Allocation, before: Allocation): Allocation {
  const differences = new Map<string | null, number>();
  for (const { departmentId, amountJpy } of now) differences.set(departmentId, amountJpy);
  for (const { departmentId, amountJpy } of before)
    differences.set(departmentId, (differences.get(departmentId) ?? 0) - amountJpy);
  return withoutNothing([...differences].sort(inOrder));
}
