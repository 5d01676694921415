import { Injectable } from '@nestjs/common';
import type { TenantSeal, TenantTransaction } from '#libs/database';
import { DomainError, newId } from '#libs/kernel';
import type { ChatRequest, Requester } from '../job.ts';

const TITLE_CHARACTERS = 40;

/** Older turns than these bytes hold are not sent again: they would cost the city tokens with every question. */
const HISTORY_LIMIT_BYTES = 120_000;

/** Where a job belongs. */
export interface Place {
  readonly conversationId: string | null;
  /** Bytes of earlier turns that will be sent before the new messages. */
  readonly historyBytes: number;
  /** Writes the conversation if it is a new one; to be sent before the job that refers to it. */
  readonly open: () => Promise<void>;
}

const OPEN = `
  INSERT INTO conversations (tenant_id, segment, id, member_id, title_sealed, created_at, updated_at)
  SELECT app_tenant_id(), app_segment(), id, member_id, title_sealed, at, at
  FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::timestamptz[]) AS c (id, member_id, title_sealed, at)`;

const NOTHING = async (): Promise<void> => undefined;

/** Finds or opens the conversation a job belongs to. */
@Injectable()
export class ConversationShelf {
  /**
   * A member's job always belongs to a conversation, a new one when none is named; an API key's never does.
   * @throws DomainError REQUEST.NOT_FOUND when the named conversation is not the requester's own
   */
  async place(
    tx: TenantTransaction,
    requester: Requester,
    request: ChatRequest,
    seal: TenantSeal,
    at: Date,
  ): Promise<Place> {
    if (request.conversationId !== undefined) {
      const [row] = await tx.query<{ bytes: string }>(
        `SELECT (SELECT coalesce(max(newest.bytes), 0) FROM (
                   SELECT sum(j.input_bytes + j.output_bytes) OVER (ORDER BY j.asked_at DESC, j.id DESC) AS bytes
                   FROM jobs j WHERE j.tenant_id = c.tenant_id AND j.conversation_id = c.id AND j.status = 'completed'
                 ) newest WHERE newest.bytes <= $3) AS bytes
         FROM conversations c WHERE c.id = $1 AND c.member_id = $2`,
        [request.conversationId, requester.memberId, HISTORY_LIMIT_BYTES],
      );
      if (!row) throw new DomainError('REQUEST.NOT_FOUND');
      return { conversationId: request.conversationId, historyBytes: Number(row.bytes), open: NOTHING };
    }
    if (!requester.memberId) return { conversationId: null, historyBytes: 0, open: NOTHING };
    const id = newId();
    const title = seal.seal({ rowId: id, column: 'title' }, titleOf(request));
    return {
      conversationId: id,
      historyBytes: 0,
      open: async () => {
        await tx.gather(OPEN, [id, requester.memberId, title, at]);
      },
    };
  }
}

/** The first words of the first question. */
function titleOf({ messages }: ChatRequest): string {
  const question = messages.find(({ role }) => role === 'user')?.content ?? '';
  const words = [...question.replace(/\s+/g, ' ').trim()];
  return words.length > TITLE_CHARACTERS ? `${words.slice(0, TITLE_CHARACTERS).join('')}…` : words.join('') || '無題';
}
