import { Decimal } from 'decimal.js';
import type { MeteredUsage } from '#libs/metering';
import { type Cost, type PriceList, costOf } from '#libs/pricing';
import type { ContractMonth, RatedUsage } from '../charge.ts';
import { chargesOf } from '../contracts/charges-of.ts';

/** What models cost today, for reckoning ahead: no later price is known. */
export interface CurrentPrices {
  readonly list: PriceList;
  /** Instead of today's rate. */
  readonly jpyPerUsd?: Decimal | undefined;
}

/** Use that a fee is reckoned from. */
export interface PlannedUse extends MeteredUsage {
  readonly departmentId: string | null;
  readonly model: string;
}

/** Whole yen. */
export interface Fee {
  readonly beforeTaxJpy: number;
  readonly withTaxJpy: number;
  /** Before tax, by department; adds up. */
  readonly byDepartment: ReadonlyMap<string | null, number>;
}

/** Models of the use that have no price today, or dollars without a rate. */
export const unpricedModels = (use: readonly PlannedUse[], prices: CurrentPrices): string[] =>
  [...new Set(use.map(({ model }) => model))].filter((model) => !costAt(NOTHING, model, prices));

/** Whether what models cost decides what the city pays. */
export const followsCosts = ({ stretches }: ContractMonth): boolean =>
  stretches.some(({ terms }) => terms.beyond.pricing === 'cost_plus');

/**
 * What a month costs under its contract when `use` times `factor` is used evenly over its days: the rules are those of the
 * invoice (docs/decisions/0017), the use is a guess. Unpriced models cost nothing: ask unpricedModels() before.
 */
export function feeOf(month: ContractMonth, use: readonly PlannedUse[], factor: number, prices: CurrentPrices): Fee {
  const lines = chargesOf(
    month,
    month.stretches.flatMap((stretch) =>
      use.map((part) => rated(part, month, stretch.from, (factor * stretch.days) / stretch.daysOfMonth, prices)),
    ),
  );
  const byDepartment = new Map<string | null, number>();
  for (const { allocation } of lines)
    for (const { departmentId, amountJpy } of allocation)
      byDepartment.set(departmentId, (byDepartment.get(departmentId) ?? 0) + amountJpy);
  const byRate = Map.groupBy(lines, ({ taxRate }) => taxRate.toFixed());
  const tax = [...byRate].reduce(
    (sum, [rate, taxed]) => sum + new Decimal(amountOf(taxed)).times(rate).floor().toNumber(),
    0,
  );
  const beforeTaxJpy = amountOf(lines);
  return { beforeTaxJpy, withTaxJpy: beforeTaxJpy + tax, byDepartment };
}

const amountOf = (lines: readonly { readonly amountJpy: number }[]): number =>
  lines.reduce((sum, { amountJpy }) => sum + amountJpy, 0);

function rated(
  part: PlannedUse,
  { month }: ContractMonth,
  stretchFrom: string,
  factor: number,
  prices: CurrentPrices,
): RatedUsage {
  const counts = scaled(part, factor);
  const cost = costAt(counts, part.model, prices);
  return {
    acceptedMonth: month,
    stretchFrom,
    departmentId: part.departmentId,
    model: part.model,
    priceId: 'today',
    fxRateId: cost?.isForeign ? 'today' : null,
    calls: 0,
    ...counts,
    costJpy: cost?.costJpy ?? new Decimal(0),
    cost: cost?.cost ?? new Decimal(0),
  };
}

/** Counts are whole; each is rounded for itself. */
export const scaled = (part: MeteredUsage, factor: number): MeteredUsage => ({
  inputTokens: Math.round(part.inputTokens * factor),
  outputTokens: Math.round(part.outputTokens * factor),
  cacheReadTokens: Math.round(part.cacheReadTokens * factor),
  cacheWriteTokens: Math.round(part.cacheWriteTokens * factor),
  inputCharacters: Math.round(part.inputCharacters * factor),
  outputCharacters: Math.round(part.outputCharacters * factor),
});

const NOTHING: MeteredUsage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  inputCharacters: 0,
  outputCharacters: 0,
};

function costAt(
  counts: MeteredUsage,
  model: string,
  { list, jpyPerUsd }: CurrentPrices,
): (Cost & { readonly isForeign: boolean }) | null {
  const price = list.current.find((one) => one.model === model);
  const rate = jpyPerUsd ?? list.fxRate?.jpyPerUsd;
  if (!price || (price.currency === 'USD' && !rate)) return null;
  return { ...costOf(counts, price, rate ? { jpyPerUsd: rate } : null), isForeign: price.currency === 'USD' };
}
