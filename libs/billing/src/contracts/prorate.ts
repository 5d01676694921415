import type { TermStretch } from '../charge.ts';

/**
 * What a monthly whole is worth in a stretch: by its days of the month, rounded down (docs/decisions/0017). Whole yen for
 * the base fee, whole units for what it includes.
 */
export const prorate = (monthly: number, { days, daysOfMonth }: Pick<TermStretch, 'days' | 'daysOfMonth'>): number =>
  Number((BigInt(monthly) * BigInt(days)) / BigInt(daysOfMonth));
