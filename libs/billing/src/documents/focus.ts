import { Decimal } from 'decimal.js';
import { type JstMonth, jstMonthRange } from '#libs/kernel';
import { type Column, type StreamedTable, tableOf } from '#libs/spreadsheet';
import type { InvoiceDocument, InvoiceLine } from '../invoice-document.ts';

/**
 * Invoices in the FinOps Open Cost and Usage Specification 1.2: a row for each line and one for each rate's tax, so that the
 * BilledCost of an InvoiceId is the invoice to the yen. All 21 mandatory columns, and of the others those we can fill.
 * @see https://focus.finops.org/focus-specification/v1-2/
 */
export const focusTable = (documents: Iterable<InvoiceDocument> | AsyncIterable<InvoiceDocument>): StreamedTable =>
  tableOf('FOCUS', COLUMNS, rowsOf(documents));

/** What differs from row to row of an invoice. */
interface Charge {
  readonly billedJpy: number;
  readonly category: 'Usage' | 'Purchase' | 'Tax' | 'Adjustment';
  /** Corrects a month that was invoiced before. */
  readonly isCorrection: boolean;
  readonly frequency: 'Recurring' | 'Usage-Based' | 'One-Time';
  readonly description: string;
  readonly month: JstMonth;
  /** Null where the specification wants none: taxes, corrections and adjustments. */
  readonly priced: {
    readonly sku: string;
    readonly quantity: string;
    readonly unit: string;
    readonly price: string;
  } | null;
}

type FocusRow = Charge & { readonly document: InvoiceDocument };

async function* rowsOf(
  documents: Iterable<InvoiceDocument> | AsyncIterable<InvoiceDocument>,
): AsyncGenerator<FocusRow> {
  for await (const document of documents)
    for (const charge of [...document.lines.map((line) => chargeOf(document, line)), ...taxCharges(document)])
      yield { ...charge, document };
}

const CATEGORIES: Record<InvoiceLine['kind'], Pick<Charge, 'category' | 'frequency'>> = {
  'base-fee': { category: 'Purchase', frequency: 'Recurring' },
  'council-base-fee': { category: 'Purchase', frequency: 'Recurring' },
  usage: { category: 'Usage', frequency: 'Usage-Based' },
  correction: { category: 'Usage', frequency: 'Usage-Based' },
  variance: { category: 'Adjustment', frequency: 'One-Time' },
  credit: { category: 'Adjustment', frequency: 'One-Time' },
};

function chargeOf({ corrects, month }: InvoiceDocument, line: InvoiceLine): Charge {
  const { category, frequency } = CATEGORIES[line.kind];
  const isCorrection = corrects !== null || line.correctsMonth !== null;
  return {
    billedJpy: line.amountJpy,
    category,
    isCorrection,
    frequency,
    description: line.description,
    month: line.correctsMonth ?? month,
    priced: isCorrection || category === 'Adjustment' ? null : pricedAs(line),
  };
}

function pricedAs({ kind, model, quantity, unit, unitPriceJpy, amountJpy }: InvoiceLine): Charge['priced'] {
  const sku = model === null ? kind : `${kind}:${model}`;
  if (quantity === null || unitPriceJpy === null || new Decimal(unitPriceJpy).isNegative())
    return { sku, quantity: '1', unit: 'Units', price: String(amountJpy) };
  return { sku, quantity, unit: UNITS[unit ?? ''] ?? 'Units', price: unitPriceJpy };
}

/** Our units of measure in FOCUS's unit format. */
const UNITS: Readonly<Record<string, string>> = {
  百万トークン: '1000000 Tokens',
  百万文字: '1000000 Characters',
  月: 'Months',
};

const taxCharges = ({ taxes, corrects, month }: InvoiceDocument): Charge[] =>
  taxes.map(({ rate, taxJpy }) => ({
    billedJpy: taxJpy,
    category: 'Tax',
    isCorrection: corrects !== null,
    frequency: 'One-Time',
    description: `消費税及び地方消費税 ${new Decimal(rate).times(100).toString()}%`,
    month,
    priced: null,
  }));

const text = (header: string, of: (row: FocusRow) => string | null): Column<FocusRow> => ({ header, kind: 'text', of });
const decimal = (header: string, of: (row: FocusRow) => string | null): Column<FocusRow> => ({
  header,
  kind: 'decimal',
  of,
});

/** UTC without fractions of a second, as the specification's date format has it. */
const instant = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

/** Before rounding to whole yen; unit price x quantity, as the specification demands. */
const contracted = ({ priced, billedJpy }: FocusRow): string =>
  priced ? new Decimal(priced.price).times(priced.quantity).toFixed() : String(billedJpy);

const skuPrice = ({ priced, document }: FocusRow): string | null => priced && `${document.contract.id}:${priced.sku}`;

const COLUMNS: readonly Column<FocusRow>[] = [
  { header: 'BilledCost', kind: 'integer', of: ({ billedJpy }) => billedJpy },
  text('BillingAccountId', ({ document }) => document.recipient.tenantId),
  text('BillingAccountName', ({ document }) => document.recipient.name),
  text('BillingAccountType', () => 'Municipality'),
  text('BillingCurrency', () => 'JPY'),
  text('BillingPeriodEnd', ({ document }) => instant(jstMonthRange(document.month).end)),
  text('BillingPeriodStart', ({ document }) => instant(jstMonthRange(document.month).start)),
  text('ChargeCategory', ({ category }) => category),
  text('ChargeClass', ({ isCorrection }) => (isCorrection ? 'Correction' : null)),
  text('ChargeDescription', ({ description }) => description),
  text('ChargeFrequency', ({ frequency }) => frequency),
  text('ChargePeriodEnd', ({ month }) => instant(jstMonthRange(month).end)),
  text('ChargePeriodStart', ({ month }) => instant(jstMonthRange(month).start)),
  decimal('ContractedCost', contracted),
  decimal('ContractedUnitPrice', ({ priced }) => priced && priced.price),
  { header: 'EffectiveCost', kind: 'integer', of: ({ billedJpy }) => billedJpy },
  text('InvoiceId', ({ document }) => document.number),
  text('InvoiceIssuerName', ({ document }) => document.issuer.name),
  decimal('ListCost', contracted),
  decimal('ListUnitPrice', ({ priced }) => priced && priced.price),
  text('PricingCategory', ({ priced }) => priced && 'Standard'),
  decimal('PricingQuantity', ({ priced }) => priced && priced.quantity),
  text('PricingUnit', ({ priced }) => priced && priced.unit),
  text('ProviderName', ({ document }) => document.issuer.name),
  text('PublisherName', ({ document }) => document.issuer.name),
  text('ServiceCategory', () => 'AI and Machine Learning'),
  text('ServiceName', () => 'Moyai'),
  text('ServiceSubcategory', () => 'Generative AI'),
  text('SkuId', ({ priced }) => priced && priced.sku),
  text('SkuPriceId', skuPrice),
];
