/**
 * Splits a whole among parts in proportion to their weights by the largest remainder (Hamilton): every part gets its
 * share rounded down, and what is left goes, one each, to the largest remainders; among equal ones to the earlier part.
 *
 * @param whole not negative
 * @param weights integers, not negative, not all zero
 * @returns one part for each weight, in their order, adding up to the whole exactly
 * @throws RangeError for anything else
 */
export function splitWhole(whole: number, weights: readonly bigint[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (!Number.isSafeInteger(whole) || whole < 0) throw new RangeError('what is split is not a whole amount');
  if (total <= 0n || weights.some((weight) => weight < 0n)) throw new RangeError('nothing to split by');
  const exact = weights.map((weight) => BigInt(whole) * weight);
  const parts = exact.map((share) => Number(share / total));
  const left = whole - parts.reduce((sum, part) => sum + part, 0);
  if (left === 0) return parts;
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share % total }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of byRemainder.slice(0, left)) parts[index]! += 1;
  return parts;
}
