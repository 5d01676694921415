import { z } from 'zod';
import { INVOICE_STATES, type InvoiceDocument, type InvoiceSummary, type PagePlace } from '#libs/billing';
import { DomainError, isId } from '#libs/kernel';
import { daySchema, instantOrNull, instantSchema, monthSchema, readCursor } from './wire.ts';

export const invoiceState = z.enum(INVOICE_STATES).meta({ id: 'InvoiceState' });
const invoiceKind = z.enum(['invoice', 'credit-note']);
/** Whole yen, negative where something is given back. */
const yen = z.int();

/** An invoice or credit note without its contents. */
export const invoiceSummary = z
  .object({
    id: z.uuid(),
    cityId: z.uuid(),
    cityCode: z.string(),
    cityName: z.string(),
    kind: invoiceKind,
    month: monthSchema,
    state: invoiceState,
    /** Without gaps within a fiscal year; null until issued. */
    number: z.string().nullable(),
    issuedOn: daySchema.nullable(),
    dueOn: daySchema.nullable(),
    paidOn: daySchema.nullable(),
    subtotalJpy: yen,
    taxJpy: yen,
    totalJpy: yen,
    /** The invoice a credit note takes back from. */
    correctsId: z.uuid().nullable(),
    acceptedAt: instantSchema.nullable(),
    dispute: z.string().nullable(),
    disputedAt: instantSchema.nullable(),
  })
  .meta({ id: 'Invoice' });

export const presentInvoice = ({ tenantId, ...invoice }: InvoiceSummary): z.infer<typeof invoiceSummary> => ({
  ...invoice,
  cityId: tenantId,
  acceptedAt: instantOrNull(invoice.acceptedAt),
  disputedAt: instantOrNull(invoice.disputedAt),
});

const text = z.string().nullable();

/** What is written on it. Yen are whole; other decimals are strings. */
export const invoiceContents = z
  .object({
    recipient: z.object({ code: z.string(), name: z.string(), postalCode: text, address: text }),
    contract: z.object({
      id: z.uuid(),
      title: z.string(),
      fiscalYear: z.int(),
      from: daySchema,
      to: daySchema,
      council: text,
    }),
    period: z.object({ from: daySchema, to: daySchema }),
    /** The issued invoice that a credit note takes back from. */
    corrects: z.object({ number: z.string(), issuedOn: z.string() }).nullable(),
    lines: z.array(
      z
        .object({
          position: z.int(),
          kind: z.enum(['base-fee', 'council-base-fee', 'usage', 'correction', 'variance', 'credit']),
          description: z.string(),
          model: text,
          quantity: text,
          unit: text,
          unitPriceJpy: text,
          amountJpy: yen,
          taxRate: z.string(),
          reducedRate: z.boolean(),
          correctsMonth: monthSchema.nullable(),
        })
        .meta({ id: 'InvoiceLine' }),
    ),
    taxes: z.array(z.object({ rate: z.string(), reduced: z.boolean(), taxableJpy: yen, taxJpy: yen })),
    allocations: z.array(
      z
        .object({
          departmentId: z.uuid().nullable(),
          departmentCode: text,
          departmentName: z.string(),
          budgetItem: text,
          subtotalJpy: yen,
          taxJpy: yen,
          totalJpy: yen,
        })
        .meta({ id: 'InvoiceAllocation' }),
    ),
    usage: z.array(
      z
        .object({
          acceptedMonth: monthSchema,
          departmentId: z.uuid().nullable(),
          departmentName: z.string(),
          model: z.string(),
          calls: z.int(),
          inputTokens: z.int(),
          outputTokens: z.int(),
          cacheReadTokens: z.int(),
          cacheWriteTokens: z.int(),
          inputCharacters: z.int(),
          outputCharacters: z.int(),
          /** At the provider's list price; information, not what is charged. */
          costJpy: z.string(),
        })
        .meta({ id: 'InvoiceUsage' }),
    ),
  })
  .meta({ id: 'InvoiceContents' });

export function presentContents(document: Omit<InvoiceDocument, 'issuer'>): z.infer<typeof invoiceContents> {
  const { code, name, postalCode, address } = document.recipient;
  return {
    recipient: { code, name, postalCode, address },
    contract: document.contract,
    period: document.period,
    corrects: document.corrects,
    lines: [...document.lines],
    taxes: [...document.taxes],
    allocations: [...document.allocations],
    usage: document.usage.map(({ priceId: _price, fxRateId: _rate, ...line }) => line),
  };
}

/** Where a page of invoices ended. */
export const writePlace = ({ month, cityCode, id }: InvoiceSummary): string => `${month} ${cityCode} ${id}`;

/** @throws DomainError REQUEST.INVALID */
export function readPlace(cursor: string | undefined): PagePlace | null {
  const written = readCursor(cursor);
  if (written === '') return null;
  const [month = '', code = '', id = ''] = written.split(' ');
  if (monthSchema.safeParse(month).success && isId(id)) return { month, code, id };
  throw new DomainError('REQUEST.INVALID', {
    faults: [{ pointer: '/cursor', message: '続きの位置が正しくありません。' }],
  });
}
