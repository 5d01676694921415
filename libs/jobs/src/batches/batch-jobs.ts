import { Injectable } from '@nestjs/common';
import type { TenantSeal, TenantTransaction } from '#libs/database';
import { type ErrorCode, newId } from '#libs/kernel';
import type { MeteredUsage } from '#libs/metering';
import type { FinishReason } from '#libs/model-pool';
import type { Requester } from '../job.ts';
import type { JobStatus } from '../job-state.ts';
import { USAGE_SUMS, type UsageColumns, usageOf } from '../job-usage.ts';
import { type BatchCounts, type BatchRowView, openCells } from './batch.ts';
import type { RowPrompt } from './batch-prompts.ts';

/** What all jobs of a start have in common. */
export interface JobTerms {
  readonly batchId: string;
  readonly requester: Requester;
  readonly model: string;
  readonly maxTokens: number;
  readonly purposeId: string | null;
  readonly acceptedAt: Date;
}

export interface BatchProgress {
  readonly counts: BatchCounts;
  readonly retryable: number;
  /** When the last row ended; null while one has not. */
  readonly finishedAt: Date | null;
}

const NONE: BatchCounts = { queued: 0, running: 0, completed: 0, failed: 0, cancelled: 0 };

/** What a job ended by without anybody of the city having asked for that: it failed, or the system cancelled it and says why. */
export const RETRYABLE = `(status = 'failed' OR status = 'cancelled' AND error_code IS NOT NULL)`;

interface ProgressRow {
  batchId: string;
  status: JobStatus;
  count: number;
  finishedAt: Date | null;
  retryable: number;
}

interface RowOfJob {
  row: number;
  jobId: string;
  status: JobStatus;
  outputSealed: Buffer | null;
  finishReason: FinishReason | null;
  errorCode: ErrorCode | null;
}

/** The jobs of batches: a batch keeps no state of its own that they could contradict. */
@Injectable()
export class BatchJobs {
  /** Jobs and their places in line, in one statement. @returns the jobs' ids, in the order of the prompts */
  async insert(
    tx: TenantTransaction,
    seal: TenantSeal,
    terms: JobTerms,
    prompts: readonly RowPrompt[],
  ): Promise<string[]> {
    const ids = prompts.map(() => newId());
    const inputs = prompts.map(({ messages }) => JSON.stringify(messages));
    const { requester } = terms;
    await tx.query(
      `WITH accepted AS (
         INSERT INTO jobs (tenant_id, segment, id, kind, status, member_id, api_key_id, department_id, purpose_id, model,
           max_tokens, input_sealed, input_bytes, accepted_at, batch_id, batch_row)
         SELECT $1, $2, r.id, 'chat', 'queued', $3, $4, $5, $6, $7, $8, r.input, r.bytes, $9, $10, r.number
         FROM unnest($11::uuid[], $12::bytea[], $13::integer[], $14::integer[]) AS r (id, input, bytes, number)
         RETURNING tenant_id, id, segment, actor_id, model, max_tokens, accepted_at)
       INSERT INTO admission_entries (tenant_id, job_id, segment, lane, route, actor_id, input_tokens, max_tokens,
         cost_tokens, accepted_at)
       SELECT a.tenant_id, a.id, a.segment, 'batch', a.segment || '/' || a.model, a.actor_id, c.tokens, a.max_tokens,
         c.tokens + ceil(a.max_tokens / 2.0), a.accepted_at
       FROM unnest($11::uuid[], $15::integer[]) WITH ORDINALITY AS c (id, tokens, place) JOIN accepted a USING (id)
       ORDER BY c.place`,
      [
        tx.scope.tenantId,
        tx.scope.segment,
        requester.memberId,
        requester.apiKeyId,
        requester.departmentId,
        terms.purposeId,
        terms.model,
        terms.maxTokens,
        terms.acceptedAt,
        terms.batchId,
        ids,
        inputs.map((input, index) => seal.seal({ rowId: ids[index]!, column: 'input' }, input)),
        inputs.map((input) => Buffer.byteLength(input)),
        prompts.map(({ row }) => row),
        prompts.map(({ inputTokens }) => inputTokens),
      ],
    );
    return ids;
  }

  /** How far these batches are. A draft has no jobs. */
  async progress(tx: TenantTransaction, batchIds: readonly string[]): Promise<(batchId: string) => BatchProgress> {
    const rows = await tx.query<ProgressRow>(
      `SELECT batch_id AS "batchId", status, count(*)::integer AS count, max(finished_at) AS "finishedAt",
         count(*) FILTER (WHERE ${RETRYABLE})::integer AS retryable
       FROM jobs WHERE tenant_id = $1 AND batch_id = ANY ($2) AND retried_at IS NULL GROUP BY batch_id, status`,
      [tx.scope.tenantId, batchIds],
    );
    return (id) => {
      const own = rows.filter(({ batchId }) => batchId === id);
      const counts = { ...NONE, ...Object.fromEntries(own.map(({ status, count }) => [status, count])) };
      const ends = own.map(({ finishedAt }) => finishedAt?.getTime() ?? 0);
      const retryable = own.reduce((sum, row) => sum + row.retryable, 0);
      const ended = own.length > 0 && counts.queued + counts.running === 0;
      return { counts, retryable, finishedAt: ended ? new Date(Math.max(...ends)) : null };
    };
  }

  /**
   * What the calls of all rounds have used; null while nothing is known. What a call that was lost has used is known later than
   * its row has ended.
   */
  async usage(
    tx: TenantTransaction,
    batchId: string,
  ): Promise<{ readonly usage: MeteredUsage | null; readonly isOwed: boolean }> {
    const [used] = await tx.query<UsageColumns & { isOwed: boolean }>(
      `SELECT ${USAGE_SUMS}, EXISTS (
         SELECT FROM lost_calls l JOIN jobs j ON j.tenant_id = l.tenant_id AND j.id = l.job_id
         WHERE l.tenant_id = $1 AND l.resolved_at IS NULL AND j.batch_id = $2) AS "isOwed"
       FROM usage_records u
       WHERE u.tenant_id = $1 AND u.subject_type = 'job' AND u.subject_id = ANY (ARRAY (
         SELECT id FROM jobs WHERE tenant_id = $1 AND batch_id = $2))`,
      [tx.scope.tenantId, batchId],
    );
    return { usage: usageOf(used!), isOwed: used!.isOwed };
  }

  /**
   * Rows in the file's order with what became of them, after a row. Their cells are asked for by their keys: joined, by a plan
   * made for a short batch, all rows of the city were read for each row of a page.
   */
  async rows(
    tx: TenantTransaction,
    seal: TenantSeal,
    batchId: string,
    { after, limit, status }: { after: number; limit: number; status?: JobStatus | undefined },
  ): Promise<BatchRowView[]> {
    const { tenantId } = tx.scope;
    const jobs = await tx.query<RowOfJob>(
      `SELECT batch_row AS row, id AS "jobId", status, output_sealed AS "outputSealed", finish_reason AS "finishReason",
         error_code AS "errorCode"
       FROM jobs WHERE tenant_id = $1 AND batch_id = $2 AND batch_row > $3 AND retried_at IS NULL
         AND ($4::text IS NULL OR status = $4)
       ORDER BY batch_row LIMIT $5`,
      [tenantId, batchId, after, status ?? null, limit],
    );
    const inFile = await tx.query<{ row: number; cellsSealed: Buffer }>(
      `SELECT row, cells_sealed AS "cellsSealed" FROM batch_rows WHERE tenant_id = $1 AND batch_id = $2 AND row = ANY ($3)`,
      [tenantId, batchId, jobs.map(({ row }) => row)],
    );
    const cells = new Map(inFile.map(({ row, cellsSealed }) => [row, openCells(seal, batchId, row, cellsSealed)]));
    return jobs.map(({ row, jobId, status: reached, outputSealed, finishReason, errorCode }) => ({
      row,
      jobId,
      status: reached,
      cells: cells.get(row)!,
      answer: outputSealed && seal.open({ rowId: jobId, column: 'output' }, outputSealed),
      finishReason,
      errorCode,
    }));
  }

  /** Locks the next rows that wait, the first in line first. @returns their jobs, locked in the order of their ids */
  async lockWaiting(tx: TenantTransaction, batchId: string, limit: number): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `SELECT id FROM jobs WHERE tenant_id = $1 AND status = 'queued' AND id = ANY (ARRAY (
         SELECT id FROM jobs WHERE tenant_id = $1 AND batch_id = $2 AND status = 'queued' ORDER BY batch_row LIMIT $3))
       ORDER BY id FOR UPDATE`,
      [tx.scope.tenantId, batchId, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Locks a row's job. @returns null when it has ended */
  async lockOpen(tx: TenantTransaction, jobId: string): Promise<JobStatus | null> {
    const [job] = await tx.query<{ status: JobStatus }>(
      `SELECT status FROM jobs WHERE tenant_id = $1 AND id = $2 AND status IN ('queued', 'running') FOR UPDATE`,
      [tx.scope.tenantId, jobId],
    );
    return job?.status ?? null;
  }

  /** How many rows have not ended. */
  async countOpen(tx: TenantTransaction, batchId: string): Promise<number> {
    const [row] = await tx.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM jobs
       WHERE tenant_id = $1 AND batch_id = $2 AND status IN ('queued', 'running')`,
      [tx.scope.tenantId, batchId],
    );
    return row!.count;
  }

  /** The jobs that can still be cancelled: those that wait, and those that run and have not been told yet. */
  async cancellable(tx: TenantTransaction, batchId: string): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `SELECT j.id FROM jobs j JOIN admission_entries e ON e.tenant_id = j.tenant_id AND e.job_id = j.id
       WHERE j.tenant_id = $1 AND j.batch_id = $2
         AND (j.status = 'queued' OR j.status = 'running' AND e.cancel_requested_at IS NULL)`,
      [tx.scope.tenantId, batchId],
    );
    return rows.map(({ id }) => id);
  }
}
