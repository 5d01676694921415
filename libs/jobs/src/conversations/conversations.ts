import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { ContentSeal, TenantDatabase, type TenantTransaction } from '#libs/database';
import { Clock, DomainError, type ErrorCode } from '#libs/kernel';
import type { MeteredUsage } from '#libs/metering';
import type { FinishReason } from '#libs/model-pool';
import { JobCanceller } from '../job-canceller.ts';
import { type Requester, actorOf } from '../job.ts';
import { type JobStatus, isTerminal } from '../job-state.ts';
import { USED_BY_JOB, type UsageColumns, usageOf } from '../job-usage.ts';
import { handedOverFrom } from '../ownerless/handed-over-from.ts';
import { openMessages } from '../run/prompt-composer.ts';

export interface Conversation {
  readonly id: string;
  readonly title: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** From here on a limited retention counts. */
  readonly lastAskedAt: Date;
  /** Whose it was before, where it was handed over. */
  readonly handedOverFrom: string | null;
}

export interface Turn {
  readonly jobId: string;
  readonly status: JobStatus;
  readonly prompt: string;
  readonly answer: string | null;
  /** Null unless completed. */
  readonly finishReason: FinishReason | null;
  readonly model: string;
  readonly simulated: boolean | null;
  readonly acceptedAt: Date;
  readonly usage: MeteredUsage | null;
  readonly errorCode: ErrorCode | null;
}

interface ConversationRow {
  id: string;
  title_sealed: Buffer;
  created_at: Date;
  updated_at: Date;
  last_asked_at: Date;
  handed_over_from: string | null;
}

type TurnRow = Omit<Turn, 'prompt' | 'answer' | 'usage'> & {
  inputSealed: Buffer | null;
  outputSealed: Buffer | null;
} & UsageColumns;

const COLUMNS = `id, title_sealed, created_at, updated_at, coalesce((
  SELECT max(j.accepted_at) FROM jobs j WHERE j.tenant_id = conversations.tenant_id AND j.conversation_id = conversations.id
), created_at) AS last_asked_at, ${handedOverFrom('conversations')} AS handed_over_from`;

/** A member's own conversations. Nobody else's exist to them, and keys have none. */
@Injectable()
export class Conversations {
  constructor(
    private readonly database: TenantDatabase,
    private readonly contentSeal: ContentSeal,
    private readonly canceller: JobCanceller,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * Newest first. Titles are sealed, so a search opens them here, a member's own and no others.
   * @param page.before position of the last one seen: its updatedAt and id
   */
  async list(
    requester: Requester,
    page: { query?: string | undefined; limit: number; before?: { updatedAt: Date; id: string } | undefined },
  ): Promise<Conversation[]> {
    const seal = await this.contentSeal.forTenant(requester.scope);
    const open = (row: ConversationRow): Conversation =>
      conversationOf(row, seal.open({ rowId: row.id, column: 'title' }, row.title_sealed));
    const wanted = page.query?.normalize('NFKC').toLowerCase();
    const rows = await this.database.run(requester.scope, (tx) =>
      tx.query<ConversationRow>(
        `SELECT ${COLUMNS} FROM conversations
         WHERE member_id = $1 AND ($2::timestamptz IS NULL OR (updated_at, id) < ($2, $3::uuid))
         ORDER BY updated_at DESC, id DESC LIMIT $4`,
        [requester.memberId, page.before?.updatedAt ?? null, page.before?.id ?? null, wanted ? null : page.limit],
      ),
    );
    const found = rows.map(open);
    if (!wanted) return found;
    return found.filter(({ title }) => title.normalize('NFKC').toLowerCase().includes(wanted)).slice(0, page.limit);
  }

  /** The conversation with all its turns. @throws DomainError REQUEST.NOT_FOUND */
  async read(requester: Requester, id: string): Promise<Conversation & { turns: Turn[] }> {
    const seal = await this.contentSeal.forTenant(requester.scope);
    return this.database.run(requester.scope, async (tx) => {
      const row = await this.own(tx, requester, id);
      const turns = await tx.query<TurnRow>(
        `SELECT j.id AS "jobId", j.status, j.model, j.simulated, j.accepted_at AS "acceptedAt",
           j.finish_reason AS "finishReason", j.error_code AS "errorCode", j.input_sealed AS "inputSealed", j.output_sealed AS "outputSealed",
           used.*
         FROM jobs j ${USED_BY_JOB}
         WHERE j.tenant_id = $2 AND j.conversation_id = $1 ORDER BY j.asked_at, j.id`,
        [id, tx.scope.tenantId],
      );
      await this.record(tx, requester, 'conversation.read', id);
      return {
        ...conversationOf(row, seal.open({ rowId: id, column: 'title' }, row.title_sealed)),
        turns: turns.map(({ inputSealed, outputSealed, ...turn }) => ({
          jobId: turn.jobId,
          status: turn.status,
          prompt: inputSealed ? lastQuestion(openMessages(seal, turn.jobId, inputSealed)) : '',
          answer: outputSealed && seal.open({ rowId: turn.jobId, column: 'output' }, outputSealed),
          finishReason: turn.finishReason,
          model: turn.model,
          simulated: turn.simulated,
          acceptedAt: turn.acceptedAt,
          usage: usageOf(turn),
          errorCode: turn.errorCode,
        })),
      };
    });
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async rename(requester: Requester, id: string, title: string): Promise<Conversation> {
    const seal = await this.contentSeal.forTenant(requester.scope);
    return this.database.run(requester.scope, async (tx) => {
      await this.own(tx, requester, id);
      const [row] = await tx.query<ConversationRow>(
        `UPDATE conversations SET title_sealed = $2, updated_at = $3 WHERE id = $1 RETURNING ${COLUMNS}`,
        [id, seal.seal({ rowId: id, column: 'title' }, title), this.clock.now()],
      );
      await this.record(tx, requester, 'conversation.renamed', id);
      return conversationOf(row!, title);
    });
  }

  /**
   * Erases the conversation's words: title, questions, answers, also those still being written. The jobs stay as the
   * facts behind the bill. @throws DomainError REQUEST.NOT_FOUND
   */
  async delete(requester: Requester, id: string): Promise<void> {
    const stopped = await this.database.run(requester.scope, async (tx) => {
      await this.own(tx, requester, id);
      const jobs = await tx.query<{ id: string; status: JobStatus }>(
        'SELECT id, status FROM jobs WHERE tenant_id = $2 AND conversation_id = $1 ORDER BY id FOR UPDATE',
        [id, tx.scope.tenantId],
      );
      const open = jobs.filter(({ status }) => !isTerminal(status));
      const stopping = open.map((job) => this.canceller.stop(tx, job.id, job.status));
      const sent = Promise.all([
        ...stopping,
        tx.query(
          'UPDATE jobs SET input_sealed = NULL, output_sealed = NULL WHERE tenant_id = $2 AND conversation_id = $1',
          [id, tx.scope.tenantId],
        ),
        tx.query('DELETE FROM conversations WHERE tenant_id = $2 AND id = $1', [id, tx.scope.tenantId]),
        this.record(tx, requester, 'conversation.deleted', id),
      ]);
      // Nobody waits for this process while it holds places in line, which admission waits for.
      tx.commitBehind();
      await sent;
      return Promise.all(open.map(async ({ id: jobId }, index) => ({ id: jobId, ended: await stopping[index]! })));
    });
    for (const job of stopped) this.canceller.announce(job.id, job.ended);
  }

  private async own(tx: TenantTransaction, requester: Requester, id: string): Promise<ConversationRow> {
    const [row] = await tx.query<ConversationRow>(
      `SELECT ${COLUMNS} FROM conversations WHERE id = $1 AND member_id = $2 FOR UPDATE`,
      [id, requester.memberId],
    );
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    return row;
  }

  private record(tx: TenantTransaction, requester: Requester, action: string, id: string): Promise<void> {
    const subject = { type: 'conversation', id };
    return this.audit.append(tx, { action, actor: actorOf(requester), subject, segment: requester.scope.segment });
  }
}

const conversationOf = (row: ConversationRow, title: string): Conversation => ({
  id: row.id,
  title,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  lastAskedAt: row.last_asked_at,
  handedOverFrom: row.handed_over_from,
});

const lastQuestion = (messages: readonly { role: string; content: string }[]): string =>
  messages.findLast(({ role }) => role === 'user')?.content ?? '';
