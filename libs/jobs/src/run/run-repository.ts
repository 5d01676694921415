import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import type { ErrorCode } from '#libs/kernel';
import type { FinishReason } from '#libs/model-pool';
import type { Lane } from '../job.ts';
import { type TerminalStatus, statusesBefore } from '../job-state.ts';

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
  /** The call that the execution before this one had under way when its worker was lost, and where; null when none was. */
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
    const [row] = await tx.query<ClaimedJob>(
      `WITH job AS (
         SELECT tenant_id, id, fence + 1 AS fence, CASE status WHEN 'running' THEN call_number END AS lost_call_number,
           deployment_id AS lost_call_deployment_id
         FROM jobs
         WHERE tenant_id = $1 AND id = $2 AND status = ANY ($6) FOR UPDATE),
       lease AS (
         UPDATE admission_entries e
         SET lease_expires_at = clock_timestamp() + make_interval(secs => $3 / 1000.0), lease_fence = job.fence
         FROM job WHERE e.tenant_id = job.tenant_id AND e.job_id = job.id AND e.finished_at IS NULL
           AND e.stage = 'running' AND e.returned_at IS NULL
           AND (e.lease_expires_at IS NULL OR e.lease_expires_at < clock_timestamp())
         RETURNING e.tenant_id, e.job_id, e.lease_fence, e.cancel_requested_at, e.deployment_id, e.input_tokens, e.lane)
       UPDATE jobs j SET status = 'running', fence = lease.lease_fence, started_at = coalesce(j.started_at, $4),
         worker_address = $5, call_number = 1, deployment_id = lease.deployment_id
       FROM lease JOIN job ON job.tenant_id = lease.tenant_id AND job.id = lease.job_id
       WHERE j.tenant_id = lease.tenant_id AND j.id = lease.job_id
       RETURNING j.id, j.fence, j.conversation_id AS "conversationId", j.member_id AS "memberId",
         j.api_key_id AS "apiKeyId", j.department_id AS "departmentId", j.purpose_id AS "purposeId", j.model,
         j.max_tokens AS "maxTokens", j.input_sealed AS "inputSealed", j.history_bytes AS "historyBytes",
         j.accepted_at AS "acceptedAt", lease.cancel_requested_at IS NOT NULL AS "cancelRequested",
         lease.deployment_id AS "deploymentId", j.returns, job.lost_call_number AS "lostCallNumber",
         job.lost_call_deployment_id AS "lostCallDeploymentId",
         lease.input_tokens AS "estimatedInputTokens", lease.lane`,
      [tx.scope.tenantId, jobId, leaseMs, now, worker, statusesBefore('running')],
    );
    return row ?? null;
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

  /** The newest finished turns before the job, oldest first, within the bytes its reservation counted. */
  earlierTurns(tx: TenantTransaction, job: ClaimedJob): Promise<EarlierTurn[]> {
    return tx.query<EarlierTurn>(
      `SELECT id, input_sealed AS "inputSealed", output_sealed AS "outputSealed" FROM (
         SELECT j.*, sum(j.input_bytes + j.output_bytes) OVER (ORDER BY j.accepted_at DESC, j.id DESC) AS bytes
         FROM jobs j WHERE j.tenant_id = $1 AND j.conversation_id = $2 AND j.status = 'completed'
           AND j.finished_at <= $3) turns
       WHERE bytes <= $4 AND input_sealed IS NOT NULL AND output_sealed IS NOT NULL ORDER BY accepted_at, id`,
      [tx.scope.tenantId, job.conversationId, job.acceptedAt, job.historyBytes],
    );
  }

  /**
   * The terminal state, once: only the holder of the fence, only from a state that may end.
   * An answer to a conversation deleted meanwhile is not kept.
   * @throws SQLSTATE {@link FENCE_LOST}, which refuses the whole transaction, when another execution holds the job or it
   *   has ended
   */
  async end(tx: TenantTransaction, job: ClaimedJob, deployment: Deployment | null, ending: Ending): Promise<void> {
    await tx.query(
      `WITH ended AS (
         UPDATE jobs SET status = $4, output_bytes = $6, finish_reason = $7, error_code = $8, finished_at = $9,
           output_sealed = CASE WHEN input_sealed IS NULL THEN NULL ELSE $5::bytea END,
           deployment_id = $11, simulated = $12, worker_address = NULL
         WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND status = ANY ($13)
         RETURNING tenant_id, id, conversation_id),
       left_line AS (
         UPDATE admission_entries e SET finished_at = $9, spent_tokens = $10, burned_tokens = $14, served = $15
         FROM ended WHERE e.tenant_id = ended.tenant_id AND e.job_id = ended.id RETURNING 1),
       touched AS (
         UPDATE conversations c SET updated_at = $9
         FROM ended WHERE c.tenant_id = ended.tenant_id AND c.id = ended.conversation_id RETURNING 1)
       SELECT demand(EXISTS (SELECT FROM ended), '${FENCE_LOST}')`,
      [
        tx.scope.tenantId,
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
        statusesBefore(ending.status),
        ending.burnedTokens,
        ending.served,
      ],
    );
  }

  /**
   * Puts the job back into line, of which its readers then see it as a part again; admission takes its room at once, and the
   * job itself after the pause. Does nothing when another execution holds the job or it has ended.
   */
  async giveBack(tx: TenantTransaction, job: ClaimedJob, pauseMs: number): Promise<void> {
    await tx.query(
      `WITH returned AS (
         UPDATE jobs SET status = 'queued', started_at = NULL, worker_address = NULL, returns = returns + 1
         WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND status = ANY ($5) RETURNING tenant_id, id)
       UPDATE admission_entries e SET returned_at = clock_timestamp() + make_interval(secs => $4 / 1000.0),
         lease_expires_at = NULL, lease_fence = NULL
       FROM returned WHERE e.tenant_id = returned.tenant_id AND e.job_id = returned.id`,
      [tx.scope.tenantId, job.id, job.fence, pauseMs, statusesBefore('queued')],
    );
  }
}

interface Deployment {
  readonly id: string;
  readonly simulated: boolean;
}
