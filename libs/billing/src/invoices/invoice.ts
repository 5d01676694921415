import type { JstMonth, TenantId } from '#libs/kernel';
import type { InvoiceDocument } from '../invoice-document.ts';

export const INVOICE_STATES = ['draft', 'reviewed', 'approved', 'issued', 'disputed', 'accepted', 'paid'] as const;
export type InvoiceState = (typeof INVOICE_STATES)[number];
export type InvoiceKind = InvoiceDocument['kind'];

/** An invoice or credit note without its document. */
export interface InvoiceSummary {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly cityCode: string;
  readonly cityName: string;
  readonly kind: InvoiceKind;
  readonly month: JstMonth;
  readonly state: InvoiceState;
  readonly number: string | null;
  /** JST days. */
  readonly issuedOn: string | null;
  readonly dueOn: string | null;
  readonly paidOn: string | null;
  readonly subtotalJpy: number;
  readonly taxJpy: number;
  readonly totalJpy: number;
  /** The invoice a credit note takes back from. */
  readonly correctsId: string | null;
  readonly acceptedAt: Date | null;
  /** What the city objects to. */
  readonly dispute: string | null;
  readonly disputedAt: Date | null;
}

export const SUMMARY_COLUMNS = `i.id, i.tenant_id AS "tenantId", t.code AS "cityCode", t.name AS "cityName", i.kind,
  to_char(i.month, 'YYYY-MM') AS month, i.state, i.number, i.issued_on::text AS "issuedOn", i.due_on::text AS "dueOn",
  i.paid_on::text AS "paidOn", i.subtotal_jpy::float8 AS "subtotalJpy", i.tax_jpy::float8 AS "taxJpy",
  i.total_jpy::float8 AS "totalJpy", i.corrects_id AS "correctsId", i.accepted_at AS "acceptedAt", i.dispute,
  i.disputed_at AS "disputedAt"`;

/** SQLSTATEs of the trigger on invoices, and of the check that two people stand behind an approval. */
export const NO_SUCH_STEP = 'MI002';
export const CHECK_VIOLATION = '23514';
