import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { ContentSeal, TenantDatabase } from '#libs/database';
import { Clock, DomainError } from '#libs/kernel';
import { BudgetKeeper } from '#libs/metering';
import { JobCanceller } from '../job-canceller.ts';
import { type Requester, actorOf, jobSubject } from '../job.ts';
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
    private readonly budget: BudgetKeeper,
    private readonly canceller: JobCanceller,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** A batch that has finished stays as it is. @throws DomainError REQUEST.NOT_FOUND, BATCHES.NOT_STARTED */
  async cancel(requester: Requester, id: string): Promise<void> {
    const { scope } = requester;
    const seal = await this.contentSeal.forTenant(scope);
    const [anyEnded] = await this.database.run(scope, async (tx) => {
      const batch = await this.repository.own(tx, seal, requester, id, 'FOR UPDATE');
      if (!batch.startedAt) throw new DomainError('BATCHES.NOT_STARTED');
      const now = this.clock.now();
      const ended = await this.jobs.endWaiting(tx, id, now);
      await this.budget.releaseAll(tx, ended.map(jobSubject), now);
      await this.audit.append(tx, {
        action: 'batch.cancelled',
        actor: actorOf(requester),
        subject: batchSubject(id),
        segment: scope.segment,
        details: { rows: ended.length },
      });
      return ended;
    });
    // One word for all of them: it makes room for others, and nobody follows the rows one by one.
    if (anyEnded !== undefined) this.canceller.announce(anyEnded, true);
    await this.stopRunning(requester, id);
  }

  /** One by one: their places in line are being renewed by workers, several at once and in no order. */
  private async stopRunning(requester: Requester, id: string): Promise<void> {
    for (const jobId of await this.database.run(requester.scope, (tx) => this.jobs.running(tx, id))) {
      try {
        await this.canceller.cancel(requester, jobId);
      } catch (error) {
        if (!(error instanceof DomainError && error.code === 'JOBS.ALREADY_FINISHED')) throw error;
      }
    }
  }
}
