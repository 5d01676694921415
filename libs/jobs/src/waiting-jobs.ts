import { Injectable } from '@nestjs/common';
import { TenantDatabase, type TenantScope, type TenantTransaction } from '#libs/database';
import { Clock, type ErrorCode } from '#libs/kernel';
import { BudgetKeeper } from '#libs/metering';
import { Signals } from '#libs/queue';
import { FairAdmission } from './admission/fair-admission.ts';
import { JobMetrics } from './job-metrics.ts';
import { jobSubject } from './job.ts';

/** Jobs that end in one transaction: for so long all cities wait for admission, and this one for its budget. */
const SLICE = 500;

interface Ending {
  /** Locks so many of them that wait, in the order of their ids. */
  readonly lockNext: (tx: TenantTransaction, limit: number) => Promise<string[]>;
  /** Of a slice, before its commit: it is sent at once and waits for no answer in between. */
  readonly record?: (tx: TenantTransaction, jobs: number) => Promise<void>;
  /** What the jobs say where nobody who asked for them ends them. */
  readonly cause?: ErrorCode;
}

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

  /** Until none of them waits. */
  async end(scope: TenantScope, { lockNext, record, cause }: Ending): Promise<void> {
    for (;;) {
      const ended = await this.database.run(scope, async (tx) => {
        const ids = await lockNext(tx, SLICE);
        if (ids.length === 0) return ids;
        const sent = Promise.all([this.endLocked(tx, ids, cause), record?.(tx, ids.length)]);
        // Nobody waits for this process while it holds what all need.
        tx.commitBehind();
        await sent;
        return ids;
      });
      if (ended.length === 0) return;
      for (const jobId of ended) this.signals.publish({ kind: 'job.finished', jobId });
      this.metrics.ended('cancelled', ended.length);
      // Awaited: it takes the slice out of the line, which it would else do with all of them at once.
      await this.admission.request().catch(() => undefined);
    }
  }

  /**
   * Jobs first, then their budget, and the line under the lock of admission last: whoever holds up the city's budget holds up
   * nobody else.
   */
  private endLocked(tx: TenantTransaction, ids: readonly string[], cause: ErrorCode | null = null): Promise<unknown> {
    const now = this.clock.now();
    return Promise.all([
      this.budget.releaseAll(tx, ids.map(jobSubject), now),
      tx.query(`SELECT pg_advisory_xact_lock(hashtext('moyai.admission'))`),
      tx.query(
        `WITH ended AS (
           UPDATE jobs SET status = 'cancelled', error_code = $4, finished_at = $3 WHERE tenant_id = $1 AND id = ANY ($2))
         UPDATE admission_entries SET finished_at = $3 WHERE tenant_id = $1 AND job_id = ANY ($2)`,
        [tx.scope.tenantId, ids, now, cause],
      ),
    ]);
  }
}
