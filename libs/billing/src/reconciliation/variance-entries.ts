import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { type CrossTenantTransaction, FinanceDatabase } from '#libs/database';
import { Clock, DomainError, VENDOR_TENANT_ID, newId } from '#libs/kernel';
import { CostComparison } from './cost-comparison.ts';
import { type Proposal, type VendorPerson, demandApprovable, demandOpen } from './two-people.ts';

export const ENTRY_KINDS = ['explained', 'posted'] as const;
/** `explained`: the difference is right and here is why. `posted`: the vendor books it as its own cost. */
export type EntryKind = (typeof ENTRY_KINDS)[number];

const OPEN_REST = `
  SELECT (v.difference_usd - coalesce(sum(e.usd), 0))::text AS rest,
    coalesce(bool_or(e.id IS NOT NULL AND e.approved_at IS NULL), false) AS "isProposed"
  FROM variances v LEFT JOIN variance_entries e ON e.variance_id = v.id AND e.withdrawn_at IS NULL
  WHERE v.id = $1 GROUP BY v.id`;

interface OpenRest {
  readonly rest: string;
  readonly isProposed: boolean;
}

/** Accounts for variances: one person proposes, another approves. Usage and bills stay as they are. */
@Injectable()
export class VarianceEntries {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly comparison: CostComparison,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * Proposes to account for all that is still open of a variance.
   * @returns the variance's month
   * @throws DomainError REQUEST.NOT_FOUND, RECONCILIATION.NOTHING_OPEN, RECONCILIATION.ALREADY_PROPOSED
   */
  propose(
    actor: VendorPerson,
    varianceId: string,
    { kind, explanation }: { readonly kind: EntryKind; readonly explanation: string },
  ): Promise<string> {
    return this.inMonthOf(varianceId, async (tx, month) => {
      const [{ rest, isProposed }] = (await tx.query(OPEN_REST, [varianceId])) as [OpenRest];
      if (isProposed) throw new DomainError('RECONCILIATION.ALREADY_PROPOSED');
      if (Number(rest) === 0) throw new DomainError('RECONCILIATION.NOTHING_OPEN');
      const id = newId();
      await tx.query(
        `INSERT INTO variance_entries (id, variance_id, kind, usd, explanation, proposed_by, proposed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [id, varianceId, kind, rest, explanation, actor.id, this.clock.now()],
      );
      await this.record(tx, actor, 'variance-entry.proposed', id, { month, kind, usd: rest });
    });
  }

  /** @returns the month @throws DomainError REQUEST.NOT_FOUND, RECONCILIATION.ALREADY_DECIDED, RECONCILIATION.SAME_PERSON */
  approve(actor: VendorPerson, entryId: string): Promise<string> {
    return this.decide(entryId, async (tx, proposal) => {
      demandApprovable(proposal, actor);
      await tx.query('UPDATE variance_entries SET approved_by = $2, approved_at = $3 WHERE id = $1', [
        entryId,
        actor.id,
        this.clock.now(),
      ]);
      await this.record(tx, actor, 'variance-entry.approved', entryId);
    });
  }

  /** Takes a proposal back, one's own or another's. @throws DomainError REQUEST.NOT_FOUND, RECONCILIATION.ALREADY_DECIDED */
  withdraw(actor: VendorPerson, entryId: string): Promise<string> {
    return this.decide(entryId, async (tx, proposal) => {
      demandOpen(proposal);
      await tx.query('UPDATE variance_entries SET withdrawn_at = $2 WHERE id = $1', [entryId, this.clock.now()]);
      await this.record(tx, actor, 'variance-entry.withdrawn', entryId);
    });
  }

  private async decide(
    entryId: string,
    work: (tx: CrossTenantTransaction, proposal: Proposal | undefined) => Promise<void>,
  ): Promise<string> {
    const [entry] = await this.database.query<{ varianceId: string }>(
      'SELECT variance_id AS "varianceId" FROM variance_entries WHERE id = $1',
      [entryId],
    );
    if (!entry) throw new DomainError('REQUEST.NOT_FOUND');
    return this.inMonthOf(entry.varianceId, async (tx) => {
      const [proposal] = await tx.query<Proposal>(
        `SELECT proposed_by AS "proposedBy", approved_at AS "approvedAt", withdrawn_at AS "withdrawnAt"
         FROM variance_entries WHERE id = $1`,
        [entryId],
      );
      await work(tx, proposal);
    });
  }

  /** Under the month's lock, so that no comparison moves the amount meanwhile. */
  private inMonthOf(
    varianceId: string,
    work: (tx: CrossTenantTransaction, month: string) => Promise<void>,
  ): Promise<string> {
    return this.database.run(async (tx) => {
      const [variance] = await tx.query<{ month: string }>(
        `SELECT to_char(month, 'YYYY-MM') AS month FROM variances WHERE id = $1`,
        [varianceId],
      );
      if (!variance) throw new DomainError('REQUEST.NOT_FOUND');
      await this.comparison.lock(tx, variance.month);
      await work(tx, variance.month);
      return variance.month;
    });
  }

  private async record(
    tx: CrossTenantTransaction,
    actor: VendorPerson,
    action: string,
    id: string,
    details: Record<string, string> = {},
  ): Promise<void> {
    await tx.actOn(VENDOR_TENANT_ID);
    await this.audit.append(tx, { action, actor, subject: { type: 'variance_entry', id }, details });
  }
}
