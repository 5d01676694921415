import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { ContentSeal, TenantDatabase } from '#libs/database';
import { DomainError } from '#libs/kernel';
import { JobCanceller } from '../job-canceller.ts';
import { type Requester, actorOf } from '../job.ts';
import { WaitingJobs } from '../waiting-jobs.ts';
import { batchSubject } from './batch.ts';
import { BatchJobs } from './batch-jobs.ts';
import { BatchRepository } from './batch-repository.ts';

/** Stops what of a batch has not ended. What waits ends at once; what runs is drained by its worker, so that its bill is exact. */
@Injectable()
export class BatchCanceller {
  constructor(
    private readonly database: TenantDatabase,
    private readonly contentSeal: ContentSeal,
    private readonly repository: BatchRepository,
    private readonly jobs: BatchJobs,
    private readonly waiting: WaitingJobs,
    private readonly canceller: JobCanceller,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * A batch that has finished stays as it is. A cancellation that died on its way is sent again and ends the rest: what a
   * row is counted as is what became of it. @throws DomainError REQUEST.NOT_FOUND, BATCHES.NOT_STARTED
   */
  async cancel(requester: Requester, id: string): Promise<void> {
    if (!(await this.recorded(requester, id))) return;
    const { scope } = requester;
    await this.waiting.end(scope, { lockNext: (tx, limit) => this.jobs.lockWaiting(tx, id, limit) });
    // Until nothing is left: a row that ran comes back into line when its deployment takes no call.
    for (;;) {
      const rest = await this.database.run(scope, (tx) => this.jobs.cancellable(tx, id));
      if (rest.length === 0) return;
      for (const jobId of rest) await this.stop(requester, jobId);
    }
  }

  /** On record once and before the first row ends, whatever dies after that. @returns false when there is nothing to end */
  private async recorded(requester: Requester, id: string): Promise<boolean> {
    const { scope } = requester;
    const seal = await this.contentSeal.forTenant(scope);
    return this.database.run(scope, async (tx) => {
      const batch = await this.repository.own(tx, seal, requester, id, 'FOR UPDATE');
      if (!batch.startedAt) throw new DomainError('BATCHES.NOT_STARTED');
      const rows = await this.jobs.countOpen(tx, id);
      if (rows === 0) return false;
      await this.audit.append(tx, {
        action: 'batch.cancelled',
        actor: actorOf(requester),
        subject: batchSubject(id),
        segment: scope.segment,
        details: { rows },
      });
      return true;
    });
  }

  /**
   * One by one: their places in line are being renewed by workers, several at once and in no order. Whoever has the batch may
   * stop its rows, also where somebody who has left asked for them.
   */
  private async stop(requester: Requester, jobId: string): Promise<void> {
    const ended = await this.database.run(requester.scope, async (tx) => {
      const status = await this.jobs.lockOpen(tx, jobId);
      return status && this.canceller.cancelLocked(tx, requester, jobId, status);
    });
    if (ended !== null) this.canceller.announce(jobId, ended);
  }
}
