import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import { type Lane, type Requester, requesterId } from '../job.ts';

export interface AcceptedJob {
  readonly id: string;
  readonly requester: Requester;
  readonly kind: 'chat';
  readonly conversationId: string | null;
  readonly purposeId: string | null;
  readonly model: string;
  readonly maxTokens: number;
  readonly inputSealed: Buffer;
  readonly inputBytes: number;
  readonly historyBytes: number;
  readonly idempotency: { readonly key: string; readonly fingerprint: Buffer } | null;
  readonly acceptedAt: Date;
  /** The urgent lane is not asked for: while it is open for a city, its interactive work goes there. */
  readonly lane: Exclude<Lane, 'urgent'>;
  /** Estimated; with maxTokens what a provider's quota is charged at the start of the call. */
  readonly inputTokens: number;
  /** Tokens by which the city's virtual time advances when it is admitted. */
  readonly costTokens: number;
}

export interface EarlierJob {
  readonly id: string;
  readonly conversationId: string | null;
  readonly model: string;
  readonly fingerprint: Buffer;
}

/** The rows a job begins with, and what of earlier ones it stands on. */
@Injectable()
export class IntakeRepository {
  async findByIdempotencyKey(tx: TenantTransaction, requester: Requester, key: string): Promise<EarlierJob | null> {
    const [row] = await tx.query<EarlierJob>(
      `SELECT id, conversation_id AS "conversationId", model, request_fingerprint AS fingerprint FROM jobs
       WHERE actor_id = $1 AND idempotency_key = $2`,
      [requesterId(requester), key],
    );
    return row ?? null;
  }

  /** The job and its place in the line, in one statement. */
  async insert(tx: TenantTransaction, job: AcceptedJob): Promise<void> {
    const { tenantId, segment } = tx.scope;
    await tx.query(
      `WITH job AS (
         INSERT INTO jobs (tenant_id, segment, id, kind, status, member_id, api_key_id, department_id, conversation_id,
           purpose_id, model, max_tokens, input_sealed, input_bytes, history_bytes, idempotency_key, request_fingerprint, accepted_at)
         VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         RETURNING tenant_id, id, segment, actor_id, model, max_tokens, accepted_at)
       INSERT INTO admission_entries (tenant_id, job_id, segment, lane, route, actor_id, input_tokens, max_tokens,
         cost_tokens, accepted_at)
       SELECT tenant_id, id, segment, admission_lane(tenant_id, $18), segment || '/' || model, actor_id, $19, max_tokens,
         $20, accepted_at
       FROM job`,
      [
        tenantId,
        segment,
        job.id,
        job.kind,
        job.requester.memberId,
        job.requester.apiKeyId,
        job.requester.departmentId,
        job.conversationId,
        job.purposeId,
        job.model,
        job.maxTokens,
        job.inputSealed,
        job.inputBytes,
        job.historyBytes,
        job.idempotency?.key ?? null,
        job.idempotency?.fingerprint ?? null,
        job.acceptedAt,
        job.lane,
        job.inputTokens,
        job.costTokens,
      ],
    );
  }
}
