import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import { type ErrorCode, newId } from '#libs/kernel';
import type { FinishReason } from '#libs/model-pool';
import type { Lane } from '../job.ts';
import { type JobStatus, TERMINAL_STATUSES, type TerminalStatus, statusesBefore } from '../job-state.ts';

/** A job this worker holds: nobody else may settle it while the fence stands. */
export interface ClaimedJob {
  readonly id: string;
  readonly fence: number;
  readonly lane: Lane;
  readonly conversationId: string | null;
  readonly memberId: string | null;
  readonly apiKeyId: string | null;
  readonly departmentId: string | null;
  readonly purposeId: string | null;
  readonly model: string;
  readonly maxTokens: number;
  /** Null when the conversation was deleted before the job ran. */
  readonly inputSealed: Buffer | null;
  readonly historyBytes: number;
  readonly acceptedAt: Date;
  readonly cancelRequested: boolean;
  /** Where admission found room for it; null for what was admitted before it chose. */
  readonly deploymentId: string | null;
  /** Earlier executions that gave the job back; the others were lost. */
  readonly returns: number;
  /**
   * The call that the execution before this one had under way when its worker was lost, and where; null when none was lost,
   * {@link NO_CALL} when it was to make none.
   */
  readonly lostCallNumber: number | null;
  readonly lostCallDeploymentId: string | null;
  readonly estimatedInputTokens: number;
}

export interface EarlierTurn {
  readonly id: string;
  readonly inputSealed: Buffer;
  readonly outputSealed: Buffer;
}

export interface Ending {
  readonly status: TerminalStatus;
  readonly outputSealed: Buffer | null;
  readonly outputBytes: number;
  readonly finishReason: FinishReason | null;
  readonly errorCode: ErrorCode | null;
  readonly spentTokens: number;
  /** What the call took of the deployment's tokens per minute. */
  readonly burnedTokens: number;
  readonly served: boolean | null;
  readonly finishedAt: Date;
}

export const FENCE_LOST = 'MJ001';

/** Number of the call that an execution has under way which makes none. */
export const NO_CALL = 0;

const quoted = (statuses: readonly JobStatus[]): string => statuses.map((status) => `'${status}'`).join(', ');

/**
 * A statement is planned once a connection, for as much as the city that used it first has: for a small one to read all its
 * jobs is as good as a look-up, and the plan then serves a city with a million. So every table is asked for its rows by the
 * ids themselves, beside the join; and an entry for being admitted, which is to be running, because an index of those who run
 * looks short, too, while few do.
 */
const CLAIM = `
  WITH asked AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::integer[], $5::timestamptz[])
    AS a (claim, id, worker, lease_ms, now)),
  job AS (
    SELECT j.tenant_id, j.id, j.fence + 1 AS fence, CASE j.status WHEN 'running' THEN j.call_number END AS lost_call_number,
      j.deployment_id AS lost_call_deployment_id
    FROM jobs j
    WHERE j.tenant_id = app_tenant_id() AND j.id = ANY ($2)
      AND j.status IN (${quoted(statusesBefore('running'))}) ORDER BY j.id FOR UPDATE),
  lease AS (
    UPDATE admission_entries e
    SET lease_expires_at = clock_timestamp() + make_interval(secs => a.lease_ms / 1000.0), lease_fence = job.fence
    FROM job JOIN asked a USING (id)
    WHERE e.tenant_id = job.tenant_id AND e.job_id = job.id AND e.job_id = ANY ($2) AND e.finished_at IS NULL
      AND e.admitted_at IS NOT NULL AND e.returned_at IS NULL
      AND (e.lease_expires_at IS NULL OR e.lease_expires_at < clock_timestamp())
    RETURNING e.tenant_id, e.job_id, e.lease_fence, e.cancel_requested_at, e.deployment_id, e.input_tokens, e.lane,
      a.claim, a.worker, a.now, job.lost_call_number, job.lost_call_deployment_id)
  UPDATE jobs j SET status = 'running', fence = lease.lease_fence, started_at = coalesce(j.started_at, lease.now),
    worker_address = lease.worker, call_number = 1, deployment_id = lease.deployment_id
  FROM lease WHERE j.tenant_id = lease.tenant_id AND j.id = lease.job_id AND j.id = ANY ($2)
  RETURNING lease.claim, j.id, j.fence, j.conversation_id AS "conversationId", j.member_id AS "memberId",
    j.api_key_id AS "apiKeyId", j.department_id AS "departmentId", j.purpose_id AS "purposeId", j.model,
    j.max_tokens AS "maxTokens", j.input_sealed AS "inputSealed", j.history_bytes AS "historyBytes",
    j.accepted_at AS "acceptedAt", lease.cancel_requested_at IS NOT NULL AS "cancelRequested",
    lease.deployment_id AS "deploymentId", j.returns, lease.lost_call_number AS "lostCallNumber",
    lease.lost_call_deployment_id AS "lostCallDeploymentId", lease.input_tokens AS "estimatedInputTokens", lease.lane`;

const ENDINGS = TERMINAL_STATUSES.flatMap((to) => statusesBefore(to).map((from) => `(${quoted([from, to])})`)).join(
  ', ',
);

const END = `
  WITH ending AS (
    SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::bytea[], $5::integer[], $6::text[], $7::text[],
      $8::timestamptz[], $9::bigint[], $10::text[], $11::boolean[], $12::bigint[], $13::boolean[])
    AS e (id, fence, status, output_sealed, output_bytes, finish_reason, error_code, finished_at, spent_tokens,
      deployment_id, simulated, burned_tokens, served)),
  ended AS (
    UPDATE jobs j SET status = e.status, output_bytes = e.output_bytes, finish_reason = e.finish_reason,
      error_code = e.error_code, finished_at = e.finished_at,
      output_sealed = CASE WHEN j.input_sealed IS NULL THEN NULL ELSE e.output_sealed END,
      deployment_id = e.deployment_id, simulated = e.simulated, worker_address = NULL
    FROM ending e WHERE j.tenant_id = app_tenant_id() AND j.id = e.id AND j.id = ANY ($1) AND j.fence = e.fence
      AND (j.status, e.status) IN (${ENDINGS})
    RETURNING j.tenant_id, j.id, j.conversation_id),
  left_line AS (
    UPDATE admission_entries a SET finished_at = e.finished_at, spent_tokens = e.spent_tokens,
      burned_tokens = e.burned_tokens, served = e.served
    FROM ended JOIN ending e USING (id)
    WHERE a.tenant_id = ended.tenant_id AND a.job_id = ended.id AND a.job_id = ANY ($1)),
  touched AS (
    UPDATE conversations c SET updated_at = newest.finished_at
    FROM (SELECT tenant_id, conversation_id, max(e.finished_at) AS finished_at FROM ended JOIN ending e USING (id)
          GROUP BY tenant_id, conversation_id) newest
    WHERE c.tenant_id = newest.tenant_id AND c.id = newest.conversation_id
      AND c.id = ANY (ARRAY(SELECT conversation_id FROM ended)))
  SELECT demand((SELECT count(*) FROM ended) = (SELECT count(*) FROM ending), '${FENCE_LOST}')`;

/** The rows of a job while a worker holds it. Every write but the claim is one of the execution that holds its fence. */
@Injectable()
export class RunRepository {
  /**
   * Takes the lease and raises the fence, unless another worker's lease still runs, the job has ended or is in line.
   * Lease times are the database's clock: the only one all processes share. The job is locked before its entry, as
   * everybody does who takes both, so that a claim and a cancellation never wait for each other.
   */
  async claim(
    tx: TenantTransaction,
    { jobId, worker, leaseMs, now }: { jobId: string; worker: string; leaseMs: number; now: Date },
  ): Promise<ClaimedJob | null> {
    // Of two copies of one delivery in one statement only one has the job.
    const claim = newId();
    const claimed = await tx.gather<ClaimedJob & { claim: string }>(CLAIM, [claim, jobId, worker, leaseMs, now]);
    return claimed.find((row) => row.claim === claim) ?? null;
  }

  /**
   * Puts on record that the execution's next call begins, and where: whoever takes the job over looks for that one.
   * @throws SQLSTATE {@link FENCE_LOST} when another execution holds the job or it has ended
   */
  async beginCall(tx: TenantTransaction, job: ClaimedJob, number: number, deploymentId: string): Promise<void> {
    await tx.query(
      `WITH begun AS (
         UPDATE jobs SET call_number = $4, deployment_id = $5
         WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND status = 'running' RETURNING 1)
       SELECT demand(EXISTS (SELECT FROM begun), '${FENCE_LOST}')`,
      [tx.scope.tenantId, job.id, job.fence, number, deploymentId],
    );
  }

  /**
   * Puts on record that the execution, which has just been claimed or has begun a call in this transaction, calls nothing: it
   * ends, and if its worker is lost before that, nobody is to look for its call.
   */
  async callNothing(tx: TenantTransaction, job: ClaimedJob): Promise<void> {
    await tx.query('UPDATE jobs SET call_number = $3 WHERE tenant_id = $1 AND id = $2', [
      tx.scope.tenantId,
      job.id,
      NO_CALL,
    ]);
  }

  /**
   * The newest turns asked for before the job that are finished, oldest first, within the bytes its reservation counted. A
   * turn asked for later may have ended earlier: an answer must not know what comes after its question.
   */
  earlierTurns(tx: TenantTransaction, job: ClaimedJob): Promise<EarlierTurn[]> {
    return tx.query<EarlierTurn>(
      `SELECT id, input_sealed AS "inputSealed", output_sealed AS "outputSealed" FROM (
         SELECT j.*, sum(j.input_bytes + j.output_bytes) OVER (ORDER BY j.asked_at DESC, j.id DESC) AS bytes
         FROM jobs j WHERE j.tenant_id = $1 AND j.conversation_id = $2 AND j.status = 'completed'
           AND (j.asked_at, j.id) < (SELECT asked_at, id FROM jobs WHERE tenant_id = $1 AND id = $4)) turns
       WHERE bytes <= $3 AND input_sealed IS NOT NULL AND output_sealed IS NOT NULL ORDER BY asked_at, id`,
      [tx.scope.tenantId, job.conversationId, job.historyBytes, job.id],
    );
  }

  /**
   * The terminal state, once: only the holder of the fence, only from a state that may end.
   * An answer to a conversation deleted meanwhile is not kept.
   * @throws SQLSTATE {@link FENCE_LOST}, which refuses the whole transaction, when another execution holds the job or it
   *   has ended
   */
  async end(tx: TenantTransaction, job: ClaimedJob, deployment: Deployment | null, ending: Ending): Promise<void> {
    await tx.gather(END, [
      job.id,
      job.fence,
      ending.status,
      ending.outputSealed,
      ending.outputBytes,
      ending.finishReason,
      ending.errorCode,
      ending.finishedAt,
      ending.spentTokens,
      deployment?.id ?? null,
      deployment?.simulated ?? null,
      ending.burnedTokens,
      ending.served,
    ]);
  }

  /**
   * Puts the job back into line, of which its readers then see it as a part again; admission takes its room at once, and the
   * job itself after the pause. Does nothing when another execution holds the job, or it has ended or is back in line.
   * @returns false when somebody asked to cancel it: then it is not given back, and is this execution's to end
   */
  async giveBack(tx: TenantTransaction, job: ClaimedJob, pauseMs: number): Promise<boolean> {
    // Locked by a statement of its own: the next one then sees what a cancellation that held the job has written.
    const { tenantId } = tx.scope;
    const held = await tx.query(
      'SELECT 1 FROM jobs WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND status = ANY ($4) FOR UPDATE',
      [tenantId, job.id, job.fence, statusesBefore('queued')],
    );
    if (held.length === 0) return true;
    const returned = await tx.query(
      `WITH returned AS (
         UPDATE jobs j SET status = 'queued', started_at = NULL, worker_address = NULL, returns = returns + 1
         FROM admission_entries e
         WHERE j.tenant_id = $1 AND j.id = $2 AND e.tenant_id = $1 AND e.job_id = $2 AND e.cancel_requested_at IS NULL
         RETURNING j.tenant_id, j.id)
       UPDATE admission_entries e SET returned_at = clock_timestamp() + make_interval(secs => $3 / 1000.0),
         lease_expires_at = NULL, lease_fence = NULL
       FROM returned WHERE e.tenant_id = returned.tenant_id AND e.job_id = returned.id RETURNING e.job_id`,
      [tenantId, job.id, pauseMs],
    );
    return returned.length > 0;
  }
}

interface Deployment {
  readonly id: string;
  readonly simulated: boolean;
}
