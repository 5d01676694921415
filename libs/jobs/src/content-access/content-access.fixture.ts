import type { Client } from 'pg';
import type { ContentSeal } from '#libs/database';
import { type Segment, type TenantId, newId, tenantId } from '#libs/kernel';
import type { FinishReason } from '#libs/model-pool';

export interface SeededCity {
  readonly id: TenantId;
  readonly admin: { readonly type: 'member'; readonly id: string };
}

export interface SeededWords {
  readonly prompt: string;
  readonly answer: string;
  readonly segment?: Segment;
  readonly finishReason?: FinishReason;
}

/** A city and its administrator, written past every wall. */
export async function seedCity(superuser: Client, code: string): Promise<SeededCity> {
  const [id, admin] = [tenantId(newId()), newId()];
  await superuser.query(
    `INSERT INTO tenants (id, code, name, created_at, updated_at) VALUES ($1, $2, '試験市', now(), now())`,
    [id, code],
  );
  await superuser.query(
    `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, password_hash,
       password_changed_at, created_at, updated_at)
     VALUES ($1, $2, 'admin', 'admin', '管理 一郎', 'admin', 'lgwan', 'x', now(), now(), now())`,
    [id, admin],
  );
  return { id, admin: { type: 'member', id: admin } };
}

/** A finished job with these words, in a conversation of its own. */
export async function seedJob(
  superuser: Client,
  sealing: ContentSeal,
  { id: tenant, admin }: SeededCity,
  { prompt, answer, segment = 'lgwan', finishReason = 'stop' }: SeededWords,
): Promise<{ job: string; conversation: string }> {
  const [job, conversation] = [newId(), newId()];
  const seal = await sealing.forTenant({ tenantId: tenant, segment });
  await superuser.query(
    `INSERT INTO conversations (tenant_id, segment, id, member_id, title_sealed, created_at, updated_at)
     VALUES ($1, $2, $3, $4, 'x', now(), now())`,
    [tenant, segment, conversation, admin.id],
  );
  await superuser.query(
    `INSERT INTO jobs (tenant_id, segment, id, kind, status, member_id, conversation_id, model, max_tokens, input_sealed,
       output_sealed, finish_reason, input_bytes, accepted_at, finished_at)
     VALUES ($1, $2, $3, 'chat', 'completed', $4, $5, 'm', 100, $6, $7, $8, 10, now(), now())`,
    [
      tenant,
      segment,
      job,
      admin.id,
      conversation,
      seal.seal({ rowId: job, column: 'input' }, JSON.stringify([{ role: 'user', content: prompt }])),
      seal.seal({ rowId: job, column: 'output' }, answer),
      finishReason,
    ],
  );
  return { job, conversation };
}
