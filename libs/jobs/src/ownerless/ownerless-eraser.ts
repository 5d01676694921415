import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import type { TenantTransaction } from '#libs/database';
import { eraseTemplatesOf } from '#libs/templates';
import { BatchRepository } from '../batches/batch-repository.ts';

const CONVERSATIONS_AT_ONCE = 100;
/** A batch may have ten thousand rows. */
const BATCHES_AT_ONCE = 5;

const UNFINISHED = 'j.tenant_id = $1 AND j.finished_at IS NULL';
const BATCHES = `SELECT id FROM batches b WHERE tenant_id = $1 AND actor_id = $2
  AND NOT EXISTS (SELECT FROM jobs j WHERE ${UNFINISHED} AND j.batch_id = b.id)
  ORDER BY created_at LIMIT ${BATCHES_AT_ONCE} FOR UPDATE SKIP LOCKED`;
const CONVERSATIONS = `SELECT id FROM conversations c WHERE tenant_id = $1 AND member_id = $2
  AND NOT EXISTS (SELECT FROM jobs j WHERE ${UNFINISHED} AND j.conversation_id = c.id)
  ORDER BY id LIMIT ${CONVERSATIONS_AT_ONCE} FOR UPDATE`;

/** Erases the words of a member on a network for good, never a running job's. The rows behind bill and audit stay. */
@Injectable()
export class OwnerlessEraser {
  constructor(
    private readonly batches: BatchRepository,
    private readonly audit: AuditTrail,
  ) {}

  /** One small step, with its own record. @returns how much was erased; 0 when there is nothing left to erase now */
  async step(tx: TenantTransaction, memberId: string): Promise<number> {
    const { tenantId, segment } = tx.scope;
    const batches = await tx.query<{ id: string }>(BATCHES, [tenantId, memberId]);
    for (const { id } of batches) await this.batches.erase(tx, id);
    const conversations = await tx.query<{ id: string }>(CONVERSATIONS, [tenantId, memberId]);
    const which = [tenantId, conversations.map(({ id }) => id)];
    await tx.query(
      'UPDATE jobs SET input_sealed = NULL, output_sealed = NULL WHERE tenant_id = $1 AND conversation_id = ANY ($2)',
      which,
    );
    await tx.query('DELETE FROM conversations WHERE tenant_id = $1 AND id = ANY ($2)', which);
    const templates = await eraseTemplatesOf(tx, memberId);
    const erased = batches.length + conversations.length + templates;
    if (erased > 0)
      await this.audit.append(tx, {
        action: 'content.ownerless-erased',
        actor: { type: 'system', id: null },
        subject: { type: 'member', id: memberId },
        segment,
        details: { conversations: conversations.length, batches: batches.length, templates },
      });
    return erased;
  }
}
