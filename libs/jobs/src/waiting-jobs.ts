import { Injectable } from '@nestjs/common';
import { TenantDatabase, type TenantScope, type TenantTransaction } from '#libs/database';
import { Clock } from '#libs/kernel';
import { BudgetKeeper } from '#libs/metering';
import { Signals } from '#libs/queue';
import { FairAdmission } from './admission/fair-admission.ts';
import { JobMetrics } from './job-metrics.ts';
import { jobSubject } from './job.ts';

/** Jobs that end in one transaction: for so long all cities wait for admission, and this one for its budget. */
const SLICE = 500;

/** Ends jobs that wait, however many: slice by slice, each of them whole by itself. */
@Injectable()
export class WaitingJobs {
  constructor(
    private readonly database: TenantDatabase,
    private readonly budget: BudgetKeeper,
    private readonly admission: FairAdmission,
    private readonly signals: Signals,
    private readonly metrics: JobMetrics,
    private readonly clock: Clock,
  ) {}

  /**
   * Ends them until none of them waits.
   * @param lockNext locks so many of them that wait, in the order of their ids
   * @param record of a slice, before its commit
   */
  async end(
    scope: TenantScope,
    lockNext: (tx: TenantTransaction, limit: number) => Promise<string[]>,
    record: (tx: TenantTransaction, jobs: number) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    for (;;) {
      const ended = await this.database.run(scope, async (tx) => {
        const ids = await lockNext(tx, SLICE);
        if (ids.length === 0) return ids;
        await this.endLocked(tx, ids);
        await record(tx, ids.length);
        return ids;
      });
      if (ended.length === 0) return;
      for (const jobId of ended) this.signals.publish({ kind: 'job.finished', jobId });
      this.metrics.ended('cancelled', ended.length);
      // Awaited: it takes the slice out of the line, which it would else do with all of them at once.
      await this.admission.request().catch(() => undefined);
    }
  }

  /** Jobs first, then the line under the lock of admission: as everybody takes them who takes many. */
  private async endLocked(tx: TenantTransaction, ids: readonly string[]): Promise<void> {
    const now = this.clock.now();
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext('moyai.admission'))`);
    await tx.query(
      `WITH ended AS (
         UPDATE jobs SET status = 'cancelled', finished_at = $3 WHERE tenant_id = $1 AND id = ANY ($2))
       UPDATE admission_entries SET finished_at = $3 WHERE tenant_id = $1 AND job_id = ANY ($2)`,
      [tx.scope.tenantId, ids, now],
    );
    await this.budget.releaseAll(tx, ids.map(jobSubject), now);
  }
}
