import { Decimal } from 'decimal.js';
import { DomainError } from '#libs/kernel';
import type { ChargeLine, ContractMonth, RatedUsage, TermStretch } from '../charge.ts';
import { allocate } from './allocate.ts';
import { Exact, byDepartment, costOf, costWeight, countedUnits } from './count-usage.ts';
import { describeCost, describeUnits, millionOf } from './describe-charge.ts';
import { prorate } from './prorate.ts';

/** Consumption tax (消費税法 第29条, 地方税法 第72条の83): 10 %. Nothing here is at the reduced rate. */
export const TAX_RATE = new Decimal('0.1');

const MILLION = 1_000_000n;
/** Decimals of a unit price as contracts keep it. */
const PRICE_SCALE = 10_000n;

/** A line of use, and the days it is of. */
export interface UsageCharge {
  readonly stretch: TermStretch;
  readonly line: ChargeLine;
}

/** The stretches of a month, each with its use. @throws Error for use outside of them */
function byStretch(
  month: ContractMonth,
  usage: readonly RatedUsage[],
): { stretch: TermStretch; usage: RatedUsage[] }[] {
  const stretches = month.stretches.map((stretch) => ({ stretch, usage: [] as RatedUsage[] }));
  for (const part of usage) {
    const home = stretches.find(({ stretch }) => stretch.from === part.stretchFrom);
    if (!home) throw new Error(`usage of ${part.stretchFrom} is outside contract ${month.contractId}`);
    home.usage.push(part);
  }
  return stretches;
}

/** No city pays it: somewhere is a unit or a price wrong by a factor. Sums of such lines stay exact, and fit their column. */
const TOO_LARGE_JPY = 1_000_000_000_000;

/** @throws DomainError BILLING.AMOUNT_TOO_LARGE */
function wholeYen(amount: bigint | Decimal): number {
  const yen = Number(amount.toString());
  if (!(yen < TOO_LARGE_JPY)) throw new DomainError('BILLING.AMOUNT_TOO_LARGE');
  return yen;
}

/**
 * What the use of a month costs beyond what its base fees include. Base fees are not in it.
 * @throws DomainError BILLING.AMOUNT_TOO_LARGE
 */
export function usageCharges(month: ContractMonth, usage: readonly RatedUsage[]): UsageCharge[] {
  return byStretch(month, usage).flatMap((part) => {
    const counts = byDepartment(part.usage, (one) => countedUnits(part.stretch.terms, one));
    const counted = [...counts.values()].reduce((sum, count) => sum + count, 0n);
    if (counted < 0n) throw new RangeError(`more was taken back than was used under contract ${month.contractId}`);
    const included = BigInt(prorate(part.stretch.terms.includedUnits, part.stretch));
    if (counted <= included) return [];
    const { beyond } = part.stretch.terms;
    return beyond.pricing === 'unit_price'
      ? [chargeUnits(part.stretch, counted, included, beyond.unitPriceJpy, counts)]
      : chargeCosts(part.stretch, part.usage, counted, included, beyond.markup);
  });
}

function chargeUnits(
  stretch: TermStretch,
  counted: bigint,
  included: bigint,
  unitPriceJpy: Decimal,
  counts: ReturnType<typeof byDepartment>,
): UsageCharge {
  const beyond = counted - included;
  const price = BigInt(new Exact(unitPriceJpy).times(PRICE_SCALE.toString()).toFixed());
  const amountJpy = wholeYen((beyond * price) / (MILLION * PRICE_SCALE));
  const line: ChargeLine = {
    kind: 'usage',
    description: describeUnits(stretch, counted, included),
    model: null,
    quantity: new Decimal(beyond.toString()).div(MILLION.toString()),
    unit: millionOf(stretch.terms),
    unitPriceJpy,
    amountJpy,
    taxRate: TAX_RATE,
    correctsMonth: null,
    allocation: allocate(amountJpy, counts),
  };
  return { stretch, line };
}

/** One line for each model: what it cost, for the part of the use that the base fee does not include, and the markup. */
function chargeCosts(
  stretch: TermStretch,
  usage: readonly RatedUsage[],
  counted: bigint,
  included: bigint,
  markup: Decimal,
): UsageCharge[] {
  const beyond = counted - included;
  return [...new Set(usage.map(({ model }) => model))].sort().map((model) => {
    const ofModel = usage.filter((one) => one.model === model);
    const cost = ofModel.reduce((sum, one) => sum.plus(costOf(stretch.terms, one)), new Exact(0));
    if (cost.isNegative() && !cost.isZero()) throw new RangeError(`${model}: more cost was taken back than there was`);
    const amountJpy = wholeYen(
      cost.times(new Exact(markup).plus(1)).times(beyond.toString()).div(counted.toString()).floor(),
    );
    const line: ChargeLine = {
      kind: 'usage',
      description: describeCost(stretch, model, new Exact(markup).times(100).toFixed(), included),
      model,
      ...lumpSum(amountJpy),
      taxRate: TAX_RATE,
      correctsMonth: null,
      allocation: allocate(
        amountJpy,
        byDepartment(ofModel, (one) => costWeight(costOf(stretch.terms, one))),
      ),
    };
    return { stretch, line };
  });
}

/** An amount that is no product of a quantity and an agreed price. */
export const lumpSum = (amountJpy: number): Pick<ChargeLine, 'quantity' | 'unit' | 'unitPriceJpy' | 'amountJpy'> => ({
  quantity: new Decimal(amountJpy < 0 ? -1 : 1),
  unit: '式',
  unitPriceJpy: new Decimal(Math.abs(amountJpy)),
  amountJpy,
});
