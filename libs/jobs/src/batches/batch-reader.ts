import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { ContentSeal, TenantDatabase } from '#libs/database';
import { DomainError } from '#libs/kernel';
import { type Requester, actorOf } from '../job.ts';
import type { JobStatus } from '../job-state.ts';
import { type BatchDetail, type BatchRowView, type BatchView, batchSubject } from './batch.ts';
import { BatchJobs, type BatchProgress } from './batch-jobs.ts';
import { BatchRepository, type StoredBatch } from './batch-repository.ts';

/** Rows read at once while results are taken out. */
const CHUNK = 200;

/** A finished or running batch on its way out, row by row. */
export interface BatchResults {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<BatchRowView>;
}

/** Reads batches for the one who made them: to everybody else, in the same city too, they do not exist. */
@Injectable()
export class BatchReader {
  constructor(
    private readonly database: TenantDatabase,
    private readonly contentSeal: ContentSeal,
    private readonly repository: BatchRepository,
    private readonly jobs: BatchJobs,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws DomainError REQUEST.NOT_FOUND */
  async view(requester: Requester, id: string): Promise<BatchDetail> {
    const seal = await this.contentSeal.forTenant(requester.scope);
    return this.database.run(requester.scope, async (tx) => {
      const batch = await this.repository.own(tx, seal, requester, id);
      const progressOf = await this.jobs.progress(tx, [id]);
      const view = viewOf(batch, progressOf(id));
      const { usage, isOwed } = await this.jobs.usage(tx, id);
      return { ...view, usage, isUsageFinal: view.state === 'finished' && !isOwed };
    });
  }

  /** The newest first, after the batch `before`. */
  async list(requester: Requester, page: { before: string; limit: number }): Promise<BatchView[]> {
    const seal = await this.contentSeal.forTenant(requester.scope);
    return this.database.run(requester.scope, async (tx) => {
      const batches = await this.repository.list(tx, seal, requester, page);
      const progressOf = await this.jobs.progress(
        tx,
        batches.map(({ id }) => id),
      );
      return batches.map((batch) => viewOf(batch, progressOf(batch.id)));
    });
  }

  /** What became of the rows so far. Recorded: this is a reading of content. @throws DomainError REQUEST.NOT_FOUND */
  async rows(
    requester: Requester,
    id: string,
    page: { after: number; limit: number; status?: JobStatus | undefined },
  ): Promise<BatchRowView[]> {
    const seal = await this.contentSeal.forTenant(requester.scope);
    return this.database.run(requester.scope, async (tx) => {
      await this.repository.own(tx, seal, requester, id);
      const rows = await this.jobs.rows(tx, seal, id, page);
      await this.audit.append(tx, {
        action: 'batch.read',
        actor: actorOf(requester),
        subject: batchSubject(id),
        segment: requester.scope.segment,
      });
      return rows;
    });
  }

  /**
   * Everything that there is so far, to take out. Recorded before the first row is given.
   * @throws DomainError REQUEST.NOT_FOUND, BATCHES.NOT_STARTED
   */
  async results(requester: Requester, id: string, format: 'csv' | 'xlsx'): Promise<BatchResults> {
    const { scope } = requester;
    const seal = await this.contentSeal.forTenant(scope);
    const { name, columns } = await this.database.run(scope, async (tx) => {
      const batch = await this.repository.own(tx, seal, requester, id);
      if (!batch.startedAt) throw new DomainError('BATCHES.NOT_STARTED');
      await this.audit.append(tx, {
        action: 'batch.exported',
        actor: actorOf(requester),
        subject: batchSubject(id),
        segment: scope.segment,
        details: { rows: batch.rowCount, format },
      });
      return batch;
    });
    return { name, columns, rows: this.allRows(requester, id) };
  }

  /** In short transactions: a slow reader must not keep one open. */
  private async *allRows({ scope }: Requester, id: string): AsyncGenerator<BatchRowView> {
    const seal = await this.contentSeal.forTenant(scope);
    for (let after = 0; ;) {
      const rows = await this.database.run(scope, (tx) => this.jobs.rows(tx, seal, id, { after, limit: CHUNK }));
      if (rows.length === 0) return;
      yield* rows;
      after = rows.at(-1)!.row;
    }
  }
}

function viewOf(batch: StoredBatch, { counts, retryable, finishedAt }: BatchProgress): BatchView {
  const { id, name, format, encoding, columns, rowCount, createdAt, startedAt, round } = batch;
  const { template, model, maxTokens, purposeCode, handedOverFrom } = batch;
  return {
    id,
    name,
    state: !startedAt ? 'draft' : finishedAt ? 'finished' : 'running',
    format,
    encoding,
    columns,
    rowCount,
    createdAt,
    startedAt,
    finishedAt,
    plan: template !== null ? { template, model: model!, maxTokens: maxTokens!, purposeCode } : null,
    round,
    counts,
    retryable,
    handedOverFrom,
  };
}
