import { type JstMonth, jstDayOf } from '#libs/kernel';
import type { FxRate, ModelPrice, PriceTable } from '#libs/pricing';
import type { ChargeLine, RatedUsage } from '../charge.ts';
import type {
  InvoiceAllocation,
  InvoiceDocument,
  InvoiceFxRate,
  InvoiceLine,
  InvoicePrice,
  InvoiceUsage,
} from '../invoice-document.ts';
import { daysOfMonth } from '../contracts/days.ts';
import { type AllocatedPart, allocateWithTax } from './allocate-tax.ts';
import { isReduced, sumOf, taxesOf } from './invoice-sums.ts';

/** A document before anybody has issued it: no issuer, number or days yet. */
export type DraftDocument = Omit<InvoiceDocument, 'issuer'>;

export interface DepartmentFacts {
  readonly code: string;
  readonly name: string;
  /** 予算科目. */
  readonly budgetItem: string | null;
}

/** What a document says of the city besides amounts. */
export interface CityFacts {
  readonly recipient: InvoiceDocument['recipient'];
  readonly contract: InvoiceDocument['contract'];
  readonly departments: ReadonlyMap<string, DepartmentFacts>;
}

/** Work that belongs to no department. */
const NO_DEPARTMENT = '所属なし';
/** Decimals of costs as shown: information, charged by nobody. */
const COST_DIGITS = 6;

/** The draft of a city's invoice. The same charges, usage and names give the same document. */
export function draftDocument(
  month: JstMonth,
  city: CityFacts,
  lines: readonly ChargeLine[],
  usage: readonly RatedUsage[],
  prices: PriceTable,
): DraftDocument {
  const taxes = taxesOf(lines);
  const subtotalJpy = sumOf(lines.map(({ amountJpy }) => amountJpy));
  const taxJpy = sumOf(taxes.map((tax) => tax.taxJpy));
  return {
    version: 1,
    kind: 'invoice',
    number: null,
    month,
    period: { from: `${month}-01`, to: `${month}-${daysOfMonth(month)}` },
    issuedOn: null,
    dueOn: null,
    recipient: city.recipient,
    contract: city.contract,
    corrects: null,
    lines: lines.map(toLine),
    taxes,
    subtotalJpy,
    taxJpy,
    totalJpy: subtotalJpy + taxJpy,
    allocations: allocateWithTax(lines, taxes)
      .map((part) => toAllocation(city, part))
      .sort(byDepartment),
    usage: usageOf(city, usage),
    prices: pricesOf(usage, prices),
    fxRates: fxRatesOf(usage, prices),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function toLine(line: ChargeLine, index: number): InvoiceLine {
  return {
    position: index + 1,
    kind: line.kind,
    description: line.description,
    model: line.model,
    quantity: line.quantity?.toFixed() ?? null,
    unit: line.unit,
    unitPriceJpy: line.unitPriceJpy?.toFixed() ?? null,
    amountJpy: line.amountJpy,
    taxRate: line.taxRate.toString(),
    reducedRate: isReduced(line.taxRate),
    correctsMonth: line.correctsMonth,
  };
}

// Of allocations and usage a month has tens of thousands: their keys are in the order of the canonical text, which then is
// written without a copy of them

function toAllocation(
  { departments }: CityFacts,
  { departmentId, subtotalJpy, taxJpy, totalJpy }: AllocatedPart,
): InvoiceAllocation {
  const department = departmentId === null ? undefined : departments.get(departmentId);
  return {
    budgetItem: department?.budgetItem ?? null,
    departmentCode: department?.code ?? null,
    departmentId,
    departmentName: department?.name ?? NO_DEPARTMENT,
    subtotalJpy,
    taxJpy,
    totalJpy,
  };
}

/** By code, what belongs to no department last. */
const byDepartment = (a: InvoiceAllocation, b: InvoiceAllocation): number =>
  Number(a.departmentCode === null) - Number(b.departmentCode === null) ||
  compare(a.departmentCode ?? '', b.departmentCode ?? '');

/** By month, department, model, price and rate; what only differs in terms is one row here. */
function usageOf(city: CityFacts, usage: readonly RatedUsage[]): InvoiceUsage[] {
  const keyOf = (one: RatedUsage) =>
    `${one.acceptedMonth} ${one.departmentId} ${one.model} ${one.priceId} ${one.fxRateId}`;
  return [...Map.groupBy(usage, keyOf).values()]
    .map((parts) => toUsage(city, parts.reduce(together)))
    .sort(
      (a, b) =>
        compare(a.acceptedMonth, b.acceptedMonth) ||
        compare(codeOf(city, a.departmentId), codeOf(city, b.departmentId)) ||
        compare(a.model, b.model) ||
        compare(a.priceId, b.priceId) ||
        compare(a.fxRateId ?? '', b.fxRateId ?? ''),
    );
}

const together = (one: RatedUsage, other: RatedUsage): RatedUsage => ({
  ...one,
  calls: one.calls + other.calls,
  inputTokens: one.inputTokens + other.inputTokens,
  outputTokens: one.outputTokens + other.outputTokens,
  cacheReadTokens: one.cacheReadTokens + other.cacheReadTokens,
  cacheWriteTokens: one.cacheWriteTokens + other.cacheWriteTokens,
  inputCharacters: one.inputCharacters + other.inputCharacters,
  outputCharacters: one.outputCharacters + other.outputCharacters,
  costJpy: one.costJpy.plus(other.costJpy),
});

const toUsage = ({ departments }: CityFacts, one: RatedUsage): InvoiceUsage => ({
  acceptedMonth: one.acceptedMonth,
  cacheReadTokens: one.cacheReadTokens,
  cacheWriteTokens: one.cacheWriteTokens,
  calls: one.calls,
  costJpy: one.costJpy.toFixed(COST_DIGITS),
  departmentId: one.departmentId,
  departmentName: (one.departmentId === null ? undefined : departments.get(one.departmentId)?.name) ?? NO_DEPARTMENT,
  fxRateId: one.fxRateId,
  inputCharacters: one.inputCharacters,
  inputTokens: one.inputTokens,
  model: one.model,
  outputCharacters: one.outputCharacters,
  outputTokens: one.outputTokens,
  priceId: one.priceId,
});

const LAST = '\uffff';
const codeOf = ({ departments }: CityFacts, id: string | null): string =>
  (id === null ? undefined : departments.get(id)?.code) ?? LAST;

const pricesOf = (usage: readonly RatedUsage[], table: PriceTable): InvoicePrice[] =>
  [...new Set(usage.map(({ priceId }) => priceId))]
    .map((id) => table.price(id))
    .sort((a, b) => compare(a.model, b.model) || a.validFrom.getTime() - b.validFrom.getTime())
    .map(shownPrice);

const fxRatesOf = (usage: readonly RatedUsage[], table: PriceTable): InvoiceFxRate[] =>
  [...new Set(usage.map(({ fxRateId }) => fxRateId))]
    .flatMap((id) => table.fxRate(id) ?? [])
    .sort((a, b) => a.validFrom.getTime() - b.validFrom.getTime())
    .map(shownRate);

/** The same few stand on the invoices of all cities. */
function once<Of extends object, Shown>(show: (of: Of) => Shown): (of: Of) => Shown {
  const known = new WeakMap<Of, Shown>();
  return (of) => {
    const shown = known.get(of) ?? show(of);
    known.set(of, shown);
    return shown;
  };
}

const shownPrice = once(
  ({ id, model, validFrom, currency, input, output, cacheRead, cacheWrite }: ModelPrice): InvoicePrice => ({
    id,
    model,
    validFrom: jstDayOf(validFrom),
    currency,
    input: input.toFixed(),
    output: output.toFixed(),
    cacheRead: cacheRead.toFixed(),
    cacheWrite: cacheWrite.toFixed(),
  }),
);

const shownRate = once(({ id, validFrom, jpyPerUsd }: FxRate): InvoiceFxRate => ({
  id,
  validFrom: jstDayOf(validFrom),
  jpyPerUsd: jpyPerUsd.toFixed(),
}));
