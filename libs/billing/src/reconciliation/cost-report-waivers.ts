import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { type CrossTenantTransaction, FinanceDatabase, type Transaction } from '#libs/database';
import { Clock, DomainError, VENDOR_TENANT_ID, newId } from '#libs/kernel';
import { CostComparison } from './cost-comparison.ts';
import { type Proposal, type VendorPerson, demandApprovable, demandOpen } from './two-people.ts';
import { type UtcMonth, firstOf } from './utc-month.ts';

/** The recorded decision of two people to issue a month without the provider's report. */
export interface CostReportWaiver extends Proposal {
  readonly id: string;
  readonly reason: string;
  readonly proposedByName: string;
  readonly proposedAt: Date;
  readonly approvedByName: string | null;
}

const FIND = `
  SELECT w.id, w.reason, w.proposed_by AS "proposedBy", p.display_name AS "proposedByName", w.proposed_at AS "proposedAt",
    a.display_name AS "approvedByName", w.approved_at AS "approvedAt", w.withdrawn_at AS "withdrawnAt"
  FROM cost_report_waivers w JOIN vendor_users p ON p.id = w.proposed_by LEFT JOIN vendor_users a ON a.id = w.approved_by
  WHERE w.month = $1 AND w.withdrawn_at IS NULL`;

/** The recorded decision of two people to issue a month without its cost report. */
@Injectable()
export class CostReportWaivers {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly comparison: CostComparison,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** The one of the month that nobody has taken back, approved or not. */
  async find(tx: Transaction, month: UtcMonth): Promise<CostReportWaiver | null> {
    const [waiver] = await tx.query<CostReportWaiver>(FIND, [firstOf(month)]);
    return waiver ?? null;
  }

  /** @throws DomainError RECONCILIATION.ALREADY_PROPOSED */
  propose(actor: VendorPerson, month: UtcMonth, reason: string): Promise<void> {
    return this.inMonth(month, async (tx) => {
      if (await this.find(tx, month)) throw new DomainError('RECONCILIATION.ALREADY_PROPOSED');
      await this.comparison.takeUsage(tx, month);
      const id = newId();
      await tx.query(
        'INSERT INTO cost_report_waivers (id, month, reason, proposed_by, proposed_at) VALUES ($1, $2, $3, $4, $5)',
        [id, firstOf(month), reason, actor.id, this.clock.now()],
      );
      await this.record(tx, actor, 'cost-report-waiver.proposed', id, month);
    });
  }

  /** @throws DomainError REQUEST.NOT_FOUND, RECONCILIATION.ALREADY_DECIDED, RECONCILIATION.SAME_PERSON */
  approve(actor: VendorPerson, month: UtcMonth): Promise<void> {
    return this.inMonth(month, async (tx) => {
      const waiver = (await this.find(tx, month)) ?? undefined;
      demandApprovable(waiver, actor);
      await tx.query('UPDATE cost_report_waivers SET approved_by = $2, approved_at = $3 WHERE id = $1', [
        waiver!.id,
        actor.id,
        this.clock.now(),
      ]);
      await this.record(tx, actor, 'cost-report-waiver.approved', waiver!.id, month);
    });
  }

  /** @throws DomainError REQUEST.NOT_FOUND, RECONCILIATION.ALREADY_DECIDED */
  withdraw(actor: VendorPerson, month: UtcMonth): Promise<void> {
    return this.inMonth(month, async (tx) => {
      const waiver = (await this.find(tx, month)) ?? undefined;
      demandOpen(waiver);
      await tx.query('UPDATE cost_report_waivers SET withdrawn_at = $2 WHERE id = $1', [waiver!.id, this.clock.now()]);
      await this.record(tx, actor, 'cost-report-waiver.withdrawn', waiver!.id, month);
    });
  }

  private inMonth(month: UtcMonth, work: (tx: CrossTenantTransaction) => Promise<void>): Promise<void> {
    return this.database.run(async (tx) => {
      await this.comparison.lock(tx, month);
      await work(tx);
    });
  }

  private async record(
    tx: CrossTenantTransaction,
    actor: VendorPerson,
    action: string,
    id: string,
    month: UtcMonth,
  ): Promise<void> {
    await tx.actOn(VENDOR_TENANT_ID);
    await this.audit.append(tx, { action, actor, subject: { type: 'cost_report_waiver', id }, details: { month } });
  }
}
