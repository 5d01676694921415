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
import type { USAGE_COUNTS } from '../usage-counts.ts';
import { daysOfMonth } from '../contracts/days.ts';
import { allocateWithTax } from './allocate-tax.ts';
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
      .map((part) => ({ ...nameOf(city, part.departmentId), ...part }))
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

function nameOf({ departments }: CityFacts, id: string | null) {
  const department = id === null ? undefined : departments.get(id);
  return {
    departmentCode: department?.code ?? null,
    departmentName: department?.name ?? NO_DEPARTMENT,
    budgetItem: department?.budgetItem ?? null,
  };
}

/** By code, what belongs to no department last. */
const byDepartment = (a: InvoiceAllocation, b: InvoiceAllocation): number =>
  Number(a.departmentCode === null) - Number(b.departmentCode === null) ||
  compare(a.departmentCode ?? '', b.departmentCode ?? '');

type Count = 'calls' | (typeof USAGE_COUNTS)[number][1];

/** By month, department, model, price and rate; what only differs in terms is one row here. */
function usageOf(city: CityFacts, usage: readonly RatedUsage[]): InvoiceUsage[] {
  const keyOf = (one: RatedUsage) =>
    [one.acceptedMonth, one.departmentId, one.model, one.priceId, one.fxRateId].join(' ');
  return [...Map.groupBy(usage, keyOf).values()]
    .map((parts) => {
      const first = parts[0]!;
      const total = (name: Count): number => {
        let sum = 0;
        for (const part of parts) sum += part[name];
        return sum;
      };
      return {
        acceptedMonth: first.acceptedMonth,
        departmentId: first.departmentId,
        departmentName: nameOf(city, first.departmentId).departmentName,
        model: first.model,
        priceId: first.priceId,
        fxRateId: first.fxRateId,
        calls: total('calls'),
        inputTokens: total('inputTokens'),
        outputTokens: total('outputTokens'),
        cacheReadTokens: total('cacheReadTokens'),
        cacheWriteTokens: total('cacheWriteTokens'),
        inputCharacters: total('inputCharacters'),
        outputCharacters: total('outputCharacters'),
        costJpy: parts
          .slice(1)
          .reduce((cost, one) => cost.plus(one.costJpy), first.costJpy)
          .toFixed(COST_DIGITS),
      };
    })
    .sort(
      (a, b) =>
        compare(a.acceptedMonth, b.acceptedMonth) ||
        compare(codeOf(city, a.departmentId), codeOf(city, b.departmentId)) ||
        compare(a.model, b.model) ||
        compare(a.priceId, b.priceId) ||
        compare(a.fxRateId ?? '', b.fxRateId ?? ''),
    );
}

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
