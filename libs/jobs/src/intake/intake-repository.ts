import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import type { JobStatus } from '../job-state.ts';
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
  readonly actorId: string;
  readonly key: string;
  readonly id: string;
  readonly conversationId: string | null;
  readonly model: string;
  readonly status: JobStatus;
  readonly isErased: boolean;
  readonly fingerprint: Buffer;
}

const EARLIER = `
  SELECT a.actor_id AS "actorId", a.key, j.id, j.conversation_id AS "conversationId", j.model,
    j.status, j.input_sealed IS NULL AS "isErased", j.request_fingerprint AS fingerprint
  FROM unnest($1::uuid[], $2::text[]) AS a (actor_id, key) CROSS JOIN LATERAL (
    SELECT * FROM jobs WHERE actor_id = a.actor_id AND idempotency_key = a.key LIMIT 1) j`;

const INSERT = `
  WITH accepted AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[],
      $9::integer[], $10::bytea[], $11::integer[], $12::integer[], $13::text[], $14::bytea[], $15::timestamptz[],
      $16::text[], $17::integer[], $18::bigint[]) WITH ORDINALITY
    AS a (id, kind, member_id, api_key_id, department_id, conversation_id, purpose_id, model, max_tokens, input_sealed,
      input_bytes, history_bytes, idempotency_key, request_fingerprint, accepted_at, lane, input_tokens, cost_tokens,
      nth)),
  job AS (
    INSERT INTO jobs (tenant_id, segment, id, kind, status, member_id, api_key_id, department_id, conversation_id,
      purpose_id, model, max_tokens, input_sealed, input_bytes, history_bytes, idempotency_key, request_fingerprint,
      accepted_at)
    SELECT app_tenant_id(), app_segment(), id, kind, 'queued', member_id, api_key_id, department_id, conversation_id,
      purpose_id, model, max_tokens, input_sealed, input_bytes, history_bytes, idempotency_key, request_fingerprint,
      accepted_at
    FROM accepted RETURNING tenant_id, id, segment, actor_id, model, max_tokens, accepted_at)
  INSERT INTO admission_entries (tenant_id, job_id, segment, lane, route, actor_id, input_tokens, max_tokens,
    cost_tokens, accepted_at)
  SELECT tenant_id, id, segment, admission_lane(tenant_id, a.lane), segment || '/' || job.model, actor_id,
    a.input_tokens, job.max_tokens, a.cost_tokens, job.accepted_at
  FROM job JOIN accepted a USING (id) ORDER BY a.nth`;

/** The rows a job begins with, and what of earlier ones it stands on. */
@Injectable()
export class IntakeRepository {
  async findByIdempotencyKey(tx: TenantTransaction, requester: Requester, key: string): Promise<EarlierJob | null> {
    const actorId = requesterId(requester);
    const rows = await tx.gather<EarlierJob>(EARLIER, [actorId, key]);
    return rows.find((row) => row.actorId === actorId && row.key === key) ?? null;
  }

  /** The job and its place in the line, in one statement; jobs accepted together in the order in which they came. */
  async insert(tx: TenantTransaction, job: AcceptedJob): Promise<void> {
    await tx.gather(INSERT, [
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
    ]);
  }
}
