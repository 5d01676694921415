import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import type { CrossTenantTransaction } from '#libs/database';
import { Clock, DomainError, type JstMonth, VENDOR_TENANT_ID } from '#libs/kernel';
import { CloseChecks } from './close-checks.ts';
import { PeriodBook } from './period-book.ts';
import type { Period } from './period.ts';

type Vendor = AuditActor & { readonly id: string };

/** Freezes a month, once nothing is missing from it. The work that follows is {@link CloseRunner}'s. */
@Injectable()
export class MonthClose {
  constructor(
    private readonly checks: CloseChecks,
    private readonly periods: PeriodBook,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * From the commit on no usage joins the month any more: what comes later is billed by the next one. Asked again while
   * the close is running or stands still after a fault, it only sets it going.
   * @throws DomainError BILLING.MONTH_CLOSED, BILLING.MONTH_NOT_READY
   */
  async begin(tx: CrossTenantTransaction, actor: Vendor, month: JstMonth): Promise<Period> {
    const first = `${month}-01`;
    // Waits for those who are recording usage of the month, and is seen by all who come later.
    await tx.query('SELECT pg_advisory_xact_lock(billing_lock($1))', [first]);
    const { state } = await this.periods.get(tx, month);
    if (state === 'closed') throw new DomainError('BILLING.MONTH_CLOSED');
    if (state === 'open' && (await this.checks.faultsOf(tx, month)).length > 0)
      throw new DomainError('BILLING.MONTH_NOT_READY');
    await tx.query(
      `INSERT INTO billing_periods AS p (month, state, closing_at, closing_by, phase, touched_at, deliveries)
       VALUES ($1, 'closing', $2, $3, 'counting', $2, 1)
       ON CONFLICT (month) DO UPDATE SET fault = NULL, touched_at = $2, deliveries = p.deliveries + 1, state = 'closing',
         closing_at = coalesce(p.closing_at, $2), closing_by = coalesce(p.closing_by, $3),
         phase = coalesce(p.phase, 'counting')`,
      [first, this.clock.now(), actor.id],
    );
    const period = await this.periods.get(tx, month);
    await tx.actOn(VENDOR_TENANT_ID);
    await this.audit.append(tx, { action: 'period.closing', actor, subject: { type: 'month', id: month } });
    return period;
  }
}
