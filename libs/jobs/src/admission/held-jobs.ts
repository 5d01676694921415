import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, TenantDatabase, type TenantScope } from '#libs/database';
import { Clock, type ErrorCode, jstMonthOf, jstMonthRange } from '#libs/kernel';
import { BudgetKeeper } from '#libs/metering';
import { JobMetrics } from '../job-metrics.ts';
import { jobSubject } from '../job.ts';

const AT_ONCE = 500;
const CAUSE: ErrorCode = 'JOBS.HELD_PAST_MONTH';

const OVERTAKEN = `
  SELECT tenant_id AS "tenantId", segment, array_agg(job_id) AS ids FROM (
    SELECT tenant_id, segment, job_id FROM admission_entries
    WHERE stage = 'held' AND finished_at IS NULL AND accepted_at < $1 LIMIT ${AT_ONCE}) held
  GROUP BY 1, 2 ORDER BY 1, 2`;

interface Overtaken extends TenantScope {
  readonly ids: readonly string[];
}

/**
 * Ends what a suspended city still has waiting of a month that is over. Work is billed in the month it was accepted in: as
 * long as some of it may still run, nobody's month can be closed.
 */
@Injectable()
export class HeldJobs {
  constructor(
    private readonly admission: AdmissionDatabase,
    private readonly database: TenantDatabase,
    private readonly budget: BudgetKeeper,
    private readonly audit: AuditTrail,
    private readonly metrics: JobMetrics,
    private readonly clock: Clock,
  ) {}

  /** At most {@link AT_ONCE} jobs a call, and their reservations with them. @returns how many were ended */
  async endOfPastMonths(): Promise<number> {
    const { start } = jstMonthRange(jstMonthOf(this.clock.now()));
    let ended = 0;
    for (const { ids, ...scope } of await this.admission.query<Overtaken>(OVERTAKEN, [start]))
      ended += await this.cancel(scope, ids);
    this.metrics.ended('cancelled', ended);
    return ended;
  }

  private cancel(scope: TenantScope, ids: readonly string[]): Promise<number> {
    const now = this.clock.now();
    return this.database.run(scope, async (tx) => {
      const rows = await tx.query<{ id: string }>(
        `UPDATE jobs SET status = 'cancelled', error_code = $4, finished_at = $3
         WHERE tenant_id = $1 AND id = ANY ($2) AND status = 'queued' RETURNING id`,
        [scope.tenantId, ids, now, CAUSE],
      );
      if (rows.length === 0) return 0;
      const ended = rows.map(({ id }) => id);
      await this.budget.releaseAll(tx, ended.map(jobSubject), now);
      await tx.query('UPDATE admission_entries SET finished_at = $3 WHERE tenant_id = $1 AND job_id = ANY ($2)', [
        scope.tenantId,
        ended,
        now,
      ]);
      await this.audit.append(tx, {
        action: 'city.held-jobs-cancelled',
        actor: { type: 'system', id: null },
        segment: scope.segment,
        details: { jobs: ended.length },
      });
      return ended.length;
    });
  }
}
