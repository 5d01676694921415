import { Decimal } from 'decimal.js';
import type { ContractMonth } from '../charge.ts';
import { splitWhole } from '../contracts/split-whole.ts';
import { bandOf } from './bands.ts';
import { fiscalMonths, weekdayOf } from './calendar.ts';
import { type CurrentPrices, type Fee, type PlannedUse, feeOf, followsCosts, scaled, unpricedModels } from './fees.ts';
import type { DayUse } from './forecast-use.ts';
import { simulateUse } from './simulate-use.ts';
import { type UsePart, tokensOf } from './use-reader.ts';

/** What is to be different next year from the trial. */
export interface WhatIf {
  /** Users, in per cent of those of the trial. */
  readonly usersPercent: number;
  /** More use by each of them, in per cent. */
  readonly growthPercent: number;
  /** Per cent of all tokens by model, adding up to 100; null: as in the trial. */
  readonly mix: ReadonlyMap<string, number> | null;
  /** Yen for a dollar; null: today's. */
  readonly jpyPerUsd: Decimal | null;
}

/** As likely less as more, and enough in nine years of ten. */
export interface Likely {
  readonly p50: number;
  readonly p90: number;
}

export interface EstimateRow {
  readonly departmentId: string | null;
  readonly department: string | null;
  readonly purpose: string | null;
  readonly tokens: Likely;
  /** Before tax, whole yen; adds up to the estimate's. Null without a contract. */
  readonly feeJpy: Likely | null;
}

export interface BudgetEstimate {
  readonly fiscalYear: number;
  readonly tokens: Likely;
  readonly rows: readonly EstimateRow[];
  readonly fee: { readonly beforeTaxJpy: Likely; readonly withTaxJpy: Likely } | null;
  /** Models without a price today; where the fee follows the cost there is none then. */
  readonly unpriced: readonly string[];
  /** The fee with tax at other exchange rates; empty where the rate decides nothing. */
  readonly sensitivity: readonly { readonly jpyPerUsd: string; readonly withTaxJpy: Likely }[];
}

export interface EstimateBasis {
  readonly fiscalYear: number;
  /** Every day of the trial, also those without use. */
  readonly days: readonly DayUse[];
  readonly parts: readonly UsePart[];
  /** Names by id, also of departments that used nothing. */
  readonly departments: ReadonlyMap<string, string>;
  /** Whose terms are taken to go on; null without a contract. */
  readonly contract: ContractMonth | null;
  readonly prices: CurrentPrices;
}

const QUANTILES = ['p50', 'p90'] as const;
/** How far from the chosen rate the sensitivity looks, in per cent. */
const RATE_STEPS = [-20, -10, 0, 10, 20];

/**
 * A fiscal year's use and fee from a trial's (docs/decisions/0022): the year is simulated from the trial's days at their
 * level, then changed as planned. Departments and purposes keep their parts of the use. Each month is charged as an invoice
 * would, on the terms of `contract`.
 */
export function estimateBudget(basis: EstimateBasis, whatIf: WhatIf): BudgetEstimate {
  const { fiscalYear, days, parts, contract, departments } = basis;
  const months = fiscalMonths(fiscalYear);
  const daysOfYear = months.reduce((sum, month) => sum + month.days, 0);
  const nextWeekday = days.length > 0 ? (weekdayOf(days.at(-1)!.day) + 1) % 7 : 0;
  const runs = simulateUse({ tokens: days.map(({ tokens }) => tokens), nextWeekday, isLevel: true }, daysOfYear);
  const band = bandOf(Float64Array.from(runs, (path) => path.reduce((sum, tokens) => sum + tokens, 0)));
  const trialTokens = parts.reduce((sum, part) => sum + tokensOf(part), 0);
  const planned = (whatIf.usersPercent / 100) * (1 + whatIf.growthPercent / 100);
  const factor = (quantile: 'p50' | 'p90') => (trialTokens > 0 ? (band[quantile] * planned) / trialTokens : 0);
  const use = withMix(parts, whatIf.mix);
  const prices = { ...basis.prices, jpyPerUsd: whatIf.jpyPerUsd ?? undefined };
  const unpriced = unpricedModels(use, prices);
  const charged = contract && !(followsCosts(contract) && unpriced.length > 0) ? contract : null;
  const feeAt = (quantile: 'p50' | 'p90', rate: CurrentPrices = prices): Fee | null =>
    charged && yearFee(charged, months, use, factor(quantile) / daysOfYear, rate);
  const fees = { p50: feeAt('p50'), p90: feeAt('p90') };
  const tokens = likely((quantile) => Math.round(trialTokens * factor(quantile)));
  return {
    fiscalYear,
    tokens,
    rows: rowsOf(use, departments, factor, fees),
    fee: fees.p50 &&
      fees.p90 && {
        beforeTaxJpy: { p50: fees.p50.beforeTaxJpy, p90: fees.p90.beforeTaxJpy },
        withTaxJpy: { p50: fees.p50.withTaxJpy, p90: fees.p90.withTaxJpy },
      },
    unpriced,
    sensitivity: charged ? sensitivityOf(charged, prices, feeAt) : [],
  };
}

const likely = (of: (quantile: 'p50' | 'p90') => number): Likely => ({ p50: of('p50'), p90: of('p90') });

/** The same tokens of each part, shared out among models as planned; how they divide into kinds stays. */
function withMix(parts: readonly UsePart[], mix: WhatIf['mix']): readonly UsePart[] {
  if (!mix) return parts;
  const byHolder = Map.groupBy(parts, ({ departmentId, purpose }) => JSON.stringify([departmentId, purpose]));
  return [...byHolder.values()].flatMap((holder) =>
    [...mix].flatMap(([model, percent]) =>
      percent > 0 ? holder.map((part) => ({ ...part, ...scaled(part, percent / 100), model })) : [],
    ),
  );
}

/** Every month on the contract's latest terms, used by its share of the year's days. */
function yearFee(
  contract: ContractMonth,
  months: readonly { readonly month: string; readonly days: number }[],
  use: readonly PlannedUse[],
  factorADay: number,
  prices: CurrentPrices,
): Fee {
  const { terms } = contract.stretches.at(-1)!;
  const fees = months.map(({ month, days }) => {
    const whole = { from: `${month}-01`, to: `${month}-${days}`, days, daysOfMonth: days, terms };
    return feeOf({ ...contract, month, stretches: [whole] }, use, factorADay * days, prices);
  });
  const byDepartment = new Map<string | null, number>();
  for (const fee of fees)
    for (const [id, amount] of fee.byDepartment) byDepartment.set(id, (byDepartment.get(id) ?? 0) + amount);
  return {
    beforeTaxJpy: fees.reduce((sum, fee) => sum + fee.beforeTaxJpy, 0),
    withTaxJpy: fees.reduce((sum, fee) => sum + fee.withTaxJpy, 0),
    byDepartment,
  };
}

/** Departments with their purposes; a department's fee is split by tokens and adds up. */
function rowsOf(
  use: readonly UsePart[],
  names: ReadonlyMap<string, string>,
  factor: (quantile: 'p50' | 'p90') => number,
  fees: Record<'p50' | 'p90', Fee | null>,
): EstimateRow[] {
  const departments = Map.groupBy(use, ({ departmentId }) => departmentId);
  const idle = [...new Set(QUANTILES.flatMap((quantile) => [...(fees[quantile]?.byDepartment.keys() ?? [])]))];
  const rows = [...departments].flatMap(([departmentId, parts]) => {
    const purposes = [...Map.groupBy(parts, ({ purpose }) => purpose)].map(([purpose, own]) => ({
      purpose,
      tokens: own.reduce((sum, part) => sum + tokensOf(part), 0),
    }));
    const split = (fee: Fee | null): number[] | null =>
      fee &&
      splitWhole(
        fee.byDepartment.get(departmentId) ?? 0,
        purposes.map(({ tokens }) => BigInt(Math.max(1, tokens))),
      );
    const amounts = { p50: split(fees.p50), p90: split(fees.p90) };
    return purposes.map(({ purpose, tokens }, index) => ({
      departmentId,
      department: parts[0]!.department,
      purpose,
      tokens: likely((quantile) => Math.round(tokens * factor(quantile))),
      feeJpy: amounts.p50 && amounts.p90 && likely((quantile) => amounts[quantile]![index]!),
    }));
  });
  // Who bears a base fee need not have used anything
  return [
    ...rows,
    ...idle
      .filter((departmentId) => !departments.has(departmentId))
      .map((departmentId) => ({
        departmentId,
        department: departmentId && (names.get(departmentId) ?? null),
        purpose: null,
        tokens: { p50: 0, p90: 0 },
        feeJpy: likely((quantile) => fees[quantile]!.byDepartment.get(departmentId) ?? 0),
      })),
  ];
}

function sensitivityOf(
  contract: ContractMonth,
  prices: CurrentPrices,
  feeAt: (quantile: 'p50' | 'p90', prices: CurrentPrices) => Fee | null,
): BudgetEstimate['sensitivity'] {
  const rate = prices.jpyPerUsd ?? prices.list.fxRate?.jpyPerUsd;
  const { beyond } = contract.stretches.at(-1)!.terms;
  if (!rate || beyond.pricing === 'unit_price' || beyond.fixedJpyPerUsd) return [];
  return RATE_STEPS.map((percent) => {
    const jpyPerUsd = new Decimal(rate)
      .times(100 + percent)
      .div(100)
      .toDecimalPlaces(2);
    return {
      jpyPerUsd: jpyPerUsd.toFixed(),
      withTaxJpy: likely((quantile) => feeAt(quantile, { ...prices, jpyPerUsd })!.withTaxJpy),
    };
  });
}
