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
  /** Of a slice, before its commit. */
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
        await this.endLocked(tx, ids, cause);
        await record?.(tx, ids.length);
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
  private async endLocked(
    tx: TenantTransaction,
    ids: readonly string[],
    cause: ErrorCode | null = null,
  ): Promise<void> {
    const now = this.clock.now();
    await tx.query(`SELECT pg_advisory_xact_lock(hashtext('moyai.admission'))`);
    await tx.query(
      `WITH ended AS (
         UPDATE jobs SET status = 'cancelled', error_code = $4, finished_at = $3 WHERE tenant_id = $1 AND id = ANY ($2))
       UPDATE admission_entries SET finished_at = $3 WHERE tenant_id = $1 AND job_id = ANY ($2)`,
      [tx.scope.tenantId, ids, now, cause],
    );
    await this.budget.releaseAll(tx, ids.map(jobSubject), now);
  }
}
