import { Injectable } from '@nestjs/common';
import { Temporal } from 'temporal-polyfill';
import { AuditTrail } from '#libs/audit';
import type { CrossTenantTransaction } from '#libs/database';
import { Clock, DomainError, fiscalYearOf, jstDayOf } from '#libs/kernel';
import type { InvoiceDocument } from '../invoice-document.ts';
import { Reconciliation } from '../reconciliation/reconciliation.ts';
import { canonicalText, hashOf } from './canonical.ts';
import type { DraftDocument } from './draft-document.ts';
import type { InvoiceSummary } from './invoice.ts';
import { InvoiceBook } from './invoice-book.ts';
import { type Vendor, auditOf, recordStep } from './invoice-steps.ts';
import { Issuer } from './issuer.ts';

/** A city pays within 30 days (政府契約の支払遅延防止等に関する法律 第6条). */
const DUE_DAYS = 30;
const NUMBER_DIGITS = 6;

/** Makes an approved draft an invoice: number, days, issuer and hash, all in one transaction and for good. */
@Injectable()
export class InvoiceIssue {
  constructor(
    private readonly book: InvoiceBook,
    private readonly issuer: Issuer,
    private readonly reconciliation: Reconciliation,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * Numbers have no gap: the counter's row is locked until the commit, so whoever issues next waits for it, and a number
   * that was not committed was never taken.
   * @throws DomainError REQUEST.NOT_FOUND, BILLING.STEP_NOT_POSSIBLE, BILLING.ISSUER_UNKNOWN;
   *   RECONCILIATION.REPORT_MISSING or RECONCILIATION.NOT_SETTLED while the provider's bill speaks against it
   */
  async issue(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<InvoiceSummary> {
    const issuer = this.issuer.get();
    const [locked] = await tx.query<{ state: string }>('SELECT state FROM invoices WHERE id = $1 FOR UPDATE', [id]);
    const approved = await this.book.get(tx, id);
    if (locked?.state !== 'approved') throw new DomainError('BILLING.STEP_NOT_POSSIBLE');
    // What is given back needs no bill of the provider's.
    if (approved.kind === 'invoice') await this.reconciliation.demandSettled(tx, approved.month);
    const { text } = await this.book.kept(tx, id);
    const now = this.clock.now();
    const issuedOn = jstDayOf(now);
    const dueOn = approved.kind === 'invoice' ? daysAfter(issuedOn, DUE_DAYS) : null;
    const number = await nextNumber(tx, fiscalYearOf(now));
    const document: InvoiceDocument = { ...(JSON.parse(text) as DraftDocument), issuer, number, issuedOn, dueOn };
    const issuedText = canonicalText(document);
    await tx.query(
      `UPDATE invoices SET state = 'issued', number = $2, issued_on = $3, due_on = $4, issued_by = $5, issued_at = $6,
         document = $7, sha256 = $8 WHERE id = $1`,
      [id, number, issuedOn, dueOn, actor.id, now, issuedText, hashOf(issuedText)],
    );
    const issued = await this.book.get(tx, id);
    // The city's chain before the vendor's, always in this order: each is a lock.
    await tx.actOn(issued.tenantId);
    await this.audit.append(tx, { ...auditOf(issued, 'issued'), actor });
    await recordStep(tx, this.audit, { invoice: issued, name: 'issued', actor, at: now });
    return issued;
  }
}

async function nextNumber(tx: CrossTenantTransaction, fiscalYear: number): Promise<string> {
  const [row] = await tx.query<{ number: number }>(
    `INSERT INTO invoice_numbers AS n (fiscal_year, last_number) VALUES ($1, 1)
     ON CONFLICT (fiscal_year) DO UPDATE SET last_number = n.last_number + 1 RETURNING last_number AS number`,
    [fiscalYear],
  );
  return `M${fiscalYear}-${String(row!.number).padStart(NUMBER_DIGITS, '0')}`;
}

const daysAfter = (day: string, days: number): string => Temporal.PlainDate.from(day).add({ days }).toString();
