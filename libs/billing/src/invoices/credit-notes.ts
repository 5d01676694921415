import { Injectable } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import { AuditTrail } from '#libs/audit';
import type { CrossTenantTransaction } from '#libs/database';
import { Clock, DomainError, idUnderKey, newId } from '#libs/kernel';
import type { ChargeLine } from '../charge.ts';
import type { InvoiceDocument, InvoiceLine } from '../invoice-document.ts';
import { allocateWithTax } from './allocate-tax.ts';
import { canonicalText } from './canonical.ts';
import type { DraftDocument } from './draft-document.ts';
import type { InvoiceSummary } from './invoice.ts';
import { InvoiceBook } from './invoice-book.ts';
import { type Vendor, recordStep } from './invoice-steps.ts';
import { isReduced, taxesOf } from './invoice-sums.ts';

export interface CreditLine {
  readonly description: string;
  /** Whole yen before tax that are given back, more than 0. */
  readonly amountJpy: number;
  /** Who bore them; one of the invoice's departments, or null. */
  readonly departmentId: string | null;
}

export interface Credit {
  readonly reason: string;
  readonly lines: readonly CreditLine[];
}

const STANDARD_RATE = '0.1';

/** Gives back what an issued invoice charged wrongly. A credit note goes the invoice's way, proposed as already reviewed. */
@Injectable()
export class CreditNotes {
  constructor(
    private readonly book: InvoiceBook,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * Proposes one; another person approves it.
   * @param key proposed again under the same key it is the same credit note
   * @throws DomainError REQUEST.NOT_FOUND, BILLING.STEP_NOT_POSSIBLE for what is not an issued invoice,
   *   BILLING.CREDIT_TOO_LARGE, REQUEST.INVALID for a department that bore nothing of it, REQUEST.IDEMPOTENCY_MISMATCH
   */
  async propose(
    tx: CrossTenantTransaction,
    actor: Vendor,
    invoiceId: string,
    { reason, lines }: Credit,
    key?: string,
  ): Promise<InvoiceSummary> {
    // Two proposals at once could give back together more than was charged.
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`moyai.credit ${invoiceId}`]);
    const invoice = await this.book.get(tx, invoiceId);
    if (invoice.kind !== 'invoice' || invoice.number === null) throw new DomainError('BILLING.STEP_NOT_POSSIBLE');
    const issued = await this.book.document(tx, invoiceId);
    assertBorne(issued, lines);
    const draft = creditNote(issued, lines);
    const id = key === undefined ? newId() : idUnderKey(actor.id, `credit_notes ${invoiceId} ${key}`);
    if (key !== undefined && (await proposedBefore(tx, id, { draft, reason }))) return this.book.get(tx, id);
    const [credited] = await tx.query<{ subtotalJpy: number }>(
      `SELECT coalesce(sum(subtotal_jpy), 0)::float8 AS "subtotalJpy" FROM invoices
       WHERE tenant_id = $1 AND corrects_id = $2`,
      [invoice.tenantId, invoiceId],
    );
    if (draft.subtotalJpy + credited!.subtotalJpy + invoice.subtotalJpy < 0)
      throw new DomainError('BILLING.CREDIT_TOO_LARGE');
    const at = this.clock.now();
    await tx.query(
      `INSERT INTO invoices (tenant_id, id, kind, month, contract_id, state, corrects_id, subtotal_jpy, tax_jpy, total_jpy,
         document, created_at, reviewed_by, reviewed_at)
       VALUES ($1, $2, 'credit-note', $3, $4, 'reviewed', $5, $6, $7, $8, $9, $10, $11, $10)`,
      [
        invoice.tenantId,
        id,
        `${invoice.month}-01`,
        issued.contract.id,
        invoiceId,
        draft.subtotalJpy,
        draft.taxJpy,
        draft.totalJpy,
        canonicalText(draft),
        at,
        actor.id,
      ],
    );
    const note = await this.book.get(tx, id);
    await recordStep(tx, this.audit, { invoice: note, name: 'reviewed', actor, at, reason });
    return note;
  }
}

/** The lock of the invoice keeps a second request with the key waiting. @throws DomainError REQUEST.IDEMPOTENCY_MISMATCH */
async function proposedBefore(
  tx: CrossTenantTransaction,
  id: string,
  { draft, reason }: { draft: DraftDocument; reason: string },
): Promise<boolean> {
  const [earlier] = await tx.query<{ isSame: boolean }>(
    `SELECT e.reason = $2 AND d.document -> 'lines' = $3::jsonb AND d.document -> 'allocations' = $4::jsonb AS "isSame"
     FROM invoices i CROSS JOIN LATERAL (SELECT i.document::jsonb AS document) d
     JOIN invoice_events e ON e.tenant_id = i.tenant_id AND e.invoice_id = i.id AND e.step = 'reviewed'
     WHERE i.id = $1 ORDER BY e.id LIMIT 1`,
    [id, reason, JSON.stringify(draft.lines), JSON.stringify(draft.allocations)],
  );
  if (earlier && !earlier.isSame) throw new DomainError('REQUEST.IDEMPOTENCY_MISMATCH');
  return earlier !== undefined;
}

function assertBorne({ allocations }: InvoiceDocument, lines: readonly CreditLine[]): void {
  const bearers = new Set(allocations.map(({ departmentId }) => departmentId));
  const faults = lines.flatMap(({ departmentId }, index) =>
    departmentId === null || bearers.has(departmentId)
      ? []
      : [{ pointer: `/lines/${index}/departmentId`, message: 'この請求に配賦のない所属です。' }],
  );
  if (faults.length > 0) throw new DomainError('REQUEST.INVALID', { faults });
}

/** The document of a credit note: the invoice's recipient, contract and month, and amounts below zero. */
function creditNote(issued: InvoiceDocument, credits: readonly CreditLine[]): DraftDocument {
  const rate = new Decimal(issued.taxes[0]?.rate ?? STANDARD_RATE);
  const lines: InvoiceLine[] = credits.map(({ description, amountJpy }, index) => ({
    position: index + 1,
    kind: 'credit',
    description,
    model: null,
    quantity: '-1',
    unit: '式',
    unitPriceJpy: String(amountJpy),
    amountJpy: -amountJpy,
    taxRate: rate.toString(),
    reducedRate: isReduced(rate),
    correctsMonth: issued.month,
  }));
  const charges: Pick<ChargeLine, 'amountJpy' | 'taxRate' | 'allocation'>[] = credits.map(
    ({ amountJpy, departmentId }) => ({
      amountJpy: -amountJpy,
      taxRate: rate,
      allocation: [{ departmentId, amountJpy: -amountJpy }],
    }),
  );
  const taxes = taxesOf(charges);
  const subtotalJpy = lines.reduce((sum, { amountJpy }) => sum + amountJpy, 0);
  const taxJpy = taxes.reduce((sum, tax) => sum + tax.taxJpy, 0);
  const { issuer: _, ...kept } = issued;
  const names = new Map(issued.allocations.map((part) => [part.departmentId, part]));
  return {
    ...kept,
    kind: 'credit-note',
    number: null,
    issuedOn: null,
    dueOn: null,
    corrects: { number: issued.number ?? '', issuedOn: issued.issuedOn ?? '' },
    lines,
    taxes,
    subtotalJpy,
    taxJpy,
    totalJpy: subtotalJpy + taxJpy,
    allocations: allocateWithTax(charges, taxes).map((part) => {
      const {
        departmentCode = null,
        departmentName = '所属なし',
        budgetItem = null,
      } = names.get(part.departmentId) ?? {};
      return { ...part, departmentCode, departmentName, budgetItem };
    }),
    usage: [],
    prices: [],
    fxRates: [],
  };
}
