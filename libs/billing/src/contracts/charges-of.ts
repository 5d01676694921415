import type { JstMonth } from '#libs/kernel';
import type { ChargeLine, ContractMonth, RatedUsage, TermStretch } from '../charge.ts';
import { type Allocation, allocate, allocateTo, allocationDifference } from './allocate.ts';
import { byDepartment, countedUnits } from './count-usage.ts';
import { describeBaseFee, describeCorrection, describeCouncilFee } from './describe-charge.ts';
import { prorate } from './prorate.ts';
import { TAX_RATE, type UsageCharge, lumpSum, usageCharges } from './usage-charges.ts';

/** A month that was billed before, as far as late or corrected usage of it needs to know. */
export interface BilledMonth {
  /** The contract as it stood in that month. */
  readonly contract: ContractMonth;
  /** All usage of that month that earlier invoices have charged, late and corrected usage included. */
  readonly billed: readonly RatedUsage[];
}

/**
 * What a city owes for a month, before tax (docs/decisions/0017): base fees, its part of the council's, use beyond what
 * they include and, as corrections, what late or corrected use changes in months billed before. Every line is whole yen,
 * rounded down once; its allocation adds up to it.
 *
 * @param usage all that this month bills, whenever it was accepted
 * @param earlier the months before that `usage` has something of
 * @throws Error when usage lies outside the contract or of a month not given; the close refuses before it comes to that
 */
export function chargesOf(
  month: ContractMonth,
  usage: readonly RatedUsage[],
  earlier: readonly BilledMonth[] = [],
): ChargeLine[] {
  const own = usage.filter(({ acceptedMonth }) => acceptedMonth === month.month);
  const late = usage.filter(({ acceptedMonth }) => acceptedMonth !== month.month);
  return [
    ...baseFees(month, own),
    ...councilFee(month, own),
    ...usageCharges(month, own).map(({ line }) => line),
    ...corrections(late, earlier),
  ];
}

/** The named department bears a base fee, or all do by their counted use of the whole month. */
function allocateFee(
  { baseFeeDepartmentId }: ContractMonth,
  amountJpy: number,
  { terms }: TermStretch,
  usage: readonly RatedUsage[],
): Allocation {
  if (baseFeeDepartmentId) return allocateTo(baseFeeDepartmentId, amountJpy);
  return allocate(
    amountJpy,
    byDepartment(usage, (one) => countedUnits(terms, one)),
  );
}

function baseFees(month: ContractMonth, usage: readonly RatedUsage[]): ChargeLine[] {
  return month.stretches.flatMap((stretch) => {
    const whole = stretch.days === stretch.daysOfMonth;
    const amountJpy = prorate(stretch.terms.baseFeeJpy, stretch);
    if (amountJpy === 0) return [];
    return {
      kind: 'base-fee',
      description: describeBaseFee(stretch),
      model: null,
      ...lumpSum(amountJpy),
      unit: whole ? '月' : '式',
      taxRate: TAX_RATE,
      correctsMonth: null,
      allocation: allocateFee(month, amountJpy, stretch, usage),
    };
  });
}

function councilFee(month: ContractMonth, usage: readonly RatedUsage[]): ChargeLine[] {
  const { council } = month;
  const last = month.stretches.at(-1);
  if (!council || !last || council.baseFeeJpy === 0) return [];
  return [
    {
      kind: 'council-base-fee',
      description: describeCouncilFee(month, council.name),
      model: null,
      ...lumpSum(council.baseFeeJpy),
      taxRate: TAX_RATE,
      correctsMonth: null,
      allocation: allocateFee(month, council.baseFeeJpy, last, usage),
    },
  ];
}

/**
 * A month billed before, charged again with what came later: the difference to what it was charged is the correction, so
 * that late usage costs to the yen what it would have cost in time.
 */
function corrections(late: readonly RatedUsage[], earlier: readonly BilledMonth[]): ChargeLine[] {
  const months = [...new Set(late.map(({ acceptedMonth }) => acceptedMonth))].sort();
  return months.flatMap((month) => {
    const before = earlier.find(({ contract }) => contract.month === month);
    if (!before) throw new Error(`usage of ${month} came late, and what was billed of that month is not known`);
    const added = late.filter(({ acceptedMonth }) => acceptedMonth === month);
    const then = usageCharges(before.contract, before.billed);
    const now = usageCharges(before.contract, [...before.billed, ...added]);
    const gone = then.filter((charge) => !now.some((other) => sameUse(charge, other)));
    return [
      ...now.flatMap((charge) =>
        difference(
          month,
          then.find((other) => sameUse(charge, other)),
          charge,
        ),
      ),
      ...gone.flatMap((charge) => difference(month, charge, undefined)),
    ];
  });
}

const sameUse = (a: UsageCharge, b: UsageCharge): boolean =>
  a.stretch.from === b.stretch.from && a.line.model === b.line.model;

function difference(month: JstMonth, then: UsageCharge | undefined, now: UsageCharge | undefined): ChargeLine[] {
  const { stretch, line } = (now ?? then)!;
  const amountJpy = (now?.line.amountJpy ?? 0) - (then?.line.amountJpy ?? 0);
  const allocation = allocationDifference(now?.line.allocation ?? [], then?.line.allocation ?? []);
  if (amountJpy === 0 && allocation.length === 0) return [];
  return [
    {
      kind: 'correction',
      description: describeCorrection(stretch, line.model),
      model: line.model,
      ...lumpSum(amountJpy),
      taxRate: TAX_RATE,
      correctsMonth: month,
      allocation,
    },
  ];
}
