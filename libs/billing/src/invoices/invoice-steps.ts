import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { type CrossTenantTransaction, refusedWith } from '#libs/database';
import { Clock, DomainError, VENDOR_TENANT_ID, jstDayOf, newId } from '#libs/kernel';
import { DraftInvoices } from '../close/draft-invoices.ts';
import { canonicalText } from './canonical.ts';
import { CHECK_VIOLATION, type InvoiceState, type InvoiceSummary, NO_SUCH_STEP } from './invoice.ts';
import { InvoiceBook } from './invoice-book.ts';

export type Vendor = AuditActor & { readonly id: string };

const BACK_TO_DRAFT = `reviewed_by = NULL, reviewed_at = NULL, approved_by = NULL, approved_at = NULL`;

/** What the vendor's people do with invoices before and after they are issued; issuing itself is InvoiceIssue's. */
@Injectable()
export class InvoiceSteps {
  constructor(
    private readonly book: InvoiceBook,
    private readonly drafts: DraftInvoices,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Somebody has looked at it. @throws DomainError REQUEST.NOT_FOUND, BILLING.STEP_NOT_POSSIBLE */
  review(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<InvoiceSummary> {
    return this.step(tx, actor, id, {
      to: 'reviewed',
      from: ['draft'],
      name: 'reviewed',
      set: 'reviewed_by = $4, reviewed_at = $5',
      values: [actor.id, this.clock.now()],
    });
  }

  /** Another person than who reviewed it. @throws DomainError as {@link review}, and BILLING.SAME_PERSON */
  approve(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<InvoiceSummary> {
    return this.step(tx, actor, id, {
      to: 'approved',
      from: ['reviewed'],
      name: 'approved',
      set: 'approved_by = $4, approved_at = $5',
      values: [actor.id, this.clock.now()],
    });
  }

  /** Back to draft; who reviewed and approved it is asked again. @throws DomainError as {@link review} */
  giveBack(tx: CrossTenantTransaction, actor: Vendor, id: string, reason: string): Promise<InvoiceSummary> {
    return this.step(tx, actor, id, {
      to: 'draft',
      from: ['reviewed', 'approved'],
      name: 'returned',
      set: BACK_TO_DRAFT,
      values: [],
      reason,
    });
  }

  /** Makes a draft anew from what the close counted and what is agreed by now. @throws DomainError as {@link review} */
  async redraft(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<InvoiceSummary> {
    const invoice = await this.book.get(tx, id);
    if (invoice.kind !== 'invoice') throw new DomainError('BILLING.STEP_NOT_POSSIBLE');
    const draft = await this.drafts.composeOne(tx, invoice.month, invoice.tenantId);
    if (!draft) throw new DomainError('BILLING.STEP_NOT_POSSIBLE');
    return this.step(tx, actor, id, {
      to: 'draft',
      from: ['draft'],
      name: 'redrafted',
      set: 'document = $4, subtotal_jpy = $5, tax_jpy = $6, total_jpy = $7',
      values: [canonicalText(draft), draft.subtotalJpy, draft.taxJpy, draft.totalJpy],
    });
  }

  /**
   * @param paidOn JST day the money came in on: none before the issue, and none to come
   * @throws DomainError as {@link review}, and REQUEST.INVALID
   */
  async pay(tx: CrossTenantTransaction, actor: Vendor, id: string, paidOn: string): Promise<InvoiceSummary> {
    const { issuedOn } = await this.book.get(tx, id);
    if (issuedOn !== null && (paidOn < issuedOn || paidOn > jstDayOf(this.clock.now())))
      throw new DomainError('REQUEST.INVALID', {
        faults: [{ pointer: '/paidOn', message: '発行日から今日までの日を指定してください。' }],
      });
    return this.step(tx, actor, id, {
      to: 'paid',
      from: ['accepted'],
      name: 'paid',
      set: 'paid_by = $4, paid_at = $5, paid_on = $6',
      values: [actor.id, this.clock.now(), paidOn],
    });
  }

  private async step(
    tx: CrossTenantTransaction,
    actor: Vendor,
    id: string,
    step: {
      to: InvoiceState;
      from: readonly InvoiceState[];
      name: string;
      set: string;
      values: readonly unknown[];
      reason?: string;
    },
  ): Promise<InvoiceSummary> {
    await this.book.get(tx, id);
    const changed = await tx
      .query<{ tenantId: string }>(
        `UPDATE invoices SET state = $2, ${step.set} WHERE id = $1 AND state = ANY ($3) RETURNING tenant_id AS "tenantId"`,
        [id, step.to, step.from, ...step.values],
      )
      .catch((error: unknown) => {
        if (refusedWith(error, CHECK_VIOLATION)) throw new DomainError('BILLING.SAME_PERSON', { cause: error });
        if (refusedWith(error, NO_SUCH_STEP)) throw new DomainError('BILLING.STEP_NOT_POSSIBLE', { cause: error });
        throw error;
      });
    if (changed.length === 0) throw new DomainError('BILLING.STEP_NOT_POSSIBLE');
    const invoice = await this.book.get(tx, id);
    await recordStep(tx, this.audit, { invoice, name: step.name, actor, at: this.clock.now(), reason: step.reason });
    return invoice;
  }
}

/** Writes a step of the vendor's down: among the invoice's events, and last in the vendor's chain. */
export async function recordStep(
  tx: CrossTenantTransaction,
  audit: AuditTrail,
  step: { invoice: InvoiceSummary; name: string; actor: Vendor; at: Date; reason?: string | undefined },
): Promise<void> {
  const { invoice, name, actor, at, reason } = step;
  await tx.query(
    `INSERT INTO invoice_events (tenant_id, id, invoice_id, step, occurred_at, vendor_user_id, reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [invoice.tenantId, newId(), invoice.id, name, at, actor.id, reason ?? null],
  );
  await tx.actOn(VENDOR_TENANT_ID);
  await audit.append(tx, { ...auditOf(invoice, name), actor });
}

export const auditOf = ({ id, kind, cityCode, month, number, totalJpy }: InvoiceSummary, step: string) => ({
  action: `invoice.${step}`,
  subject: { type: kind, id },
  details: { city: cityCode, month, number, totalJpy },
});
