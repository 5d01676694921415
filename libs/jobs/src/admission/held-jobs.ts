import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, type TenantScope, type TenantTransaction } from '#libs/database';
import { Clock, jstMonthOf, jstMonthRange } from '#libs/kernel';
import { WaitingJobs } from '../waiting-jobs.ts';

const OVERTAKEN = `
  SELECT DISTINCT tenant_id AS "tenantId", segment FROM admission_entries
  WHERE stage = 'held' AND finished_at IS NULL AND accepted_at < $1 ORDER BY 1, 2`;

/**
 * Ends what a suspended city still has waiting of a month that is over. Work is billed in the month it was accepted in: as
 * long as some of it may still run, nobody's month can be closed.
 */
@Injectable()
export class HeldJobs {
  constructor(
    private readonly admission: AdmissionDatabase,
    private readonly waiting: WaitingJobs,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** With their reservations, and told to who waits for them. @returns how many were ended */
  async endOfPastMonths(): Promise<number> {
    const { start } = jstMonthRange(jstMonthOf(this.clock.now()));
    let ended = 0;
    for (const scope of await this.admission.query<TenantScope>(OVERTAKEN, [start]))
      await this.waiting.end(scope, {
        lockNext: (tx, limit) => lockNext(tx, start, limit),
        record: (tx, jobs) => {
          ended += jobs;
          return this.record(tx, jobs);
        },
        cause: 'JOBS.HELD_PAST_MONTH',
      });
    return ended;
  }

  private record(tx: TenantTransaction, jobs: number): Promise<void> {
    return this.audit.append(tx, {
      action: 'city.held-jobs-cancelled',
      actor: { type: 'system', id: null },
      segment: tx.scope.segment,
      details: { jobs },
    });
  }
}

async function lockNext(tx: TenantTransaction, monthStart: Date, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT id FROM jobs WHERE tenant_id = $1 AND status = 'queued' AND id = ANY (ARRAY (
       SELECT job_id FROM admission_entries
       WHERE tenant_id = $1 AND segment = $2 AND stage = 'held' AND finished_at IS NULL AND accepted_at < $3 LIMIT $4))
     ORDER BY id FOR UPDATE`,
    [tx.scope.tenantId, tx.scope.segment, monthStart, limit],
  );
  return rows.map(({ id }) => id);
}
