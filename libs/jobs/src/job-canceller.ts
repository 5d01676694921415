import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { TenantDatabase, type TenantTransaction } from '#libs/database';
import { Clock, DomainError } from '#libs/kernel';
import { BudgetKeeper } from '#libs/metering';
import { Signals } from '#libs/queue';
import { FairAdmission } from './admission/fair-admission.ts';
import { JobMetrics } from './job-metrics.ts';
import { type Requester, actorOf, jobSubject, requesterId } from './job.ts';
import { type JobStatus, isTerminal } from './job-state.ts';

/** Stops jobs. A waiting one ends at once; a running one is drained by its worker, so that its bill is exact. */
@Injectable()
export class JobCanceller {
  constructor(
    private readonly database: TenantDatabase,
    private readonly budget: BudgetKeeper,
    private readonly admission: FairAdmission,
    private readonly audit: AuditTrail,
    private readonly signals: Signals,
    private readonly clock: Clock,
    private readonly metrics: JobMetrics,
  ) {}

  /** @throws DomainError REQUEST.NOT_FOUND, JOBS.ALREADY_FINISHED */
  async cancel(requester: Requester, jobId: string): Promise<void> {
    const stopped = await this.database.run(requester.scope, async (tx) => {
      const [job] = await tx.query<{ status: JobStatus }>(
        'SELECT status FROM jobs WHERE id = $1 AND actor_id = $2 FOR UPDATE',
        [jobId, requesterId(requester)],
      );
      if (!job) throw new DomainError('REQUEST.NOT_FOUND');
      if (isTerminal(job.status)) {
        throw new DomainError('JOBS.ALREADY_FINISHED', { detail: 'この処理は既に終わっています。' });
      }
      return this.cancelLocked(tx, requester, jobId, job.status);
    });
    this.announce(jobId, stopped);
  }

  /** As {@link stop}, and on record as the requester's; last in the transaction, as it sends the commit. */
  async cancelLocked(tx: TenantTransaction, requester: Requester, jobId: string, status: JobStatus): Promise<boolean> {
    const sent = Promise.all([
      this.stop(tx, jobId, status),
      this.audit.append(tx, {
        action: status === 'running' ? 'job.cancel-requested' : 'job.cancelled',
        actor: actorOf(requester),
        subject: jobSubject(jobId),
        segment: requester.scope.segment,
      }),
    ]);
    // Nobody waits for this process while it holds a place in line, which admission waits for.
    tx.commitBehind();
    return (await sent)[0];
  }

  /**
   * Within the caller's transaction, on a job whose row it has locked. What it writes is sent at once, so that the caller can
   * send the commit behind it.
   * @returns true when the job has ended by this, false when its worker has yet to end it
   */
  async stop(tx: TenantTransaction, jobId: string, status: JobStatus): Promise<boolean> {
    const now = this.clock.now();
    if (status === 'running') {
      await tx.query('UPDATE admission_entries SET cancel_requested_at = $2 WHERE tenant_id = $3 AND job_id = $1', [
        jobId,
        now,
        tx.scope.tenantId,
      ]);
      return false;
    }
    // Before its place in line, which admission waits for: who waits for the budget keeps nobody waiting.
    await Promise.all([
      this.budget.release(tx, jobSubject(jobId), now),
      tx.query(
        `WITH ended AS (
           UPDATE jobs SET status = 'cancelled', finished_at = $2 WHERE tenant_id = $3 AND id = $1 RETURNING tenant_id, id)
         UPDATE admission_entries e SET finished_at = $2
         FROM ended WHERE e.tenant_id = ended.tenant_id AND e.job_id = ended.id`,
        [jobId, now, tx.scope.tenantId],
      ),
    ]);
    return true;
  }

  /** After the commit: lets the worker or the readers know. */
  announce(jobId: string, ended: boolean): void {
    this.signals.publish(ended ? { kind: 'job.finished', jobId } : { kind: 'job.cancel-requested', jobId });
    if (!ended) return;
    this.metrics.ended('cancelled');
    // Room in the line is made within a second in any case.
    this.admission.request().catch(() => undefined);
  }
}
