import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { type TenantTransaction, refusedWith } from '#libs/database';
import { Clock, DomainError, newId } from '#libs/kernel';
import { type InvoiceState, type InvoiceSummary, NO_SUCH_STEP } from './invoice.ts';
import { InvoiceBook } from './invoice-book.ts';
import { auditOf } from './invoice-steps.ts';

type Member = AuditActor & { readonly id: string };

/** What a city does with an invoice it got: 検収, or an objection. */
@Injectable()
export class CityInvoices {
  constructor(
    private readonly book: InvoiceBook,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** 検収, also of one that was objected to and has been cleared up. @throws DomainError REQUEST.NOT_FOUND, BILLING.STEP_NOT_POSSIBLE */
  accept(tx: TenantTransaction, member: Member, id: string): Promise<InvoiceSummary> {
    return this.step(tx, member, id, {
      to: 'accepted',
      from: ['issued', 'disputed'],
      set: 'accepted_by = $4, accepted_at = $5',
    });
  }

  /** @throws DomainError as {@link accept} */
  dispute(tx: TenantTransaction, member: Member, id: string, reason: string): Promise<InvoiceSummary> {
    return this.step(tx, member, id, {
      to: 'disputed',
      from: ['issued'],
      set: 'disputed_by = $4, disputed_at = $5, dispute = $6',
      reason,
    });
  }

  private async step(
    tx: TenantTransaction,
    member: Member,
    id: string,
    step: {
      to: 'accepted' | 'disputed';
      from: readonly InvoiceState[];
      set: string;
      reason?: string;
    },
  ): Promise<InvoiceSummary> {
    const { kind } = await this.book.get(tx, id);
    const at = this.clock.now();
    const values = [id, step.to, step.from, member.id, at, ...(step.reason === undefined ? [] : [step.reason])];
    const changed = await tx
      .query(`UPDATE invoices SET state = $2, ${step.set} WHERE id = $1 AND state = ANY ($3) RETURNING id`, values)
      .catch((error: unknown) => {
        if (refusedWith(error, NO_SUCH_STEP)) throw new DomainError('BILLING.STEP_NOT_POSSIBLE', { cause: error });
        throw error;
      });
    if (changed.length === 0 || kind === 'credit-note') throw new DomainError('BILLING.STEP_NOT_POSSIBLE');
    await tx.query(
      `INSERT INTO invoice_events (tenant_id, id, invoice_id, step, occurred_at, member_id, reason)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [tx.scope.tenantId, newId(), id, step.to, at, member.id, step.reason ?? null],
    );
    const invoice = await this.book.get(tx, id);
    await this.audit.append(tx, { ...auditOf(invoice, step.to), actor: member, segment: tx.scope.segment });
    return invoice;
  }
}
