import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, TenantDatabase, type TenantScope, type TenantTransaction } from '#libs/database';
import { Clock, retainedSince } from '#libs/kernel';
import { BatchRepository } from './batches/batch-repository.ts';

/** Of one city and segment at a time: others write to this audit chain too. */
const JOBS_AT_ONCE = 500;
/** A batch may have ten thousand rows. */
const BATCHES_AT_ONCE = 5;

/** What was erased, or would be, in numbers. */
export interface Erased {
  readonly questions: number;
  readonly conversations: number;
  readonly batches: number;
}

export const ERASED_KINDS = ['questions', 'conversations', 'batches'] as const;

/** What a round did over all cities. */
export interface Sweep extends Erased {
  /** By how much the oldest of what should be gone, and is not, is over its time; 0 when all is gone. */
  readonly overdueMs: number;
  /** What kept networks from being swept, one for each. */
  readonly failures: readonly unknown[];
}

const RETAINING = `SELECT tenant_id AS "tenantId", segment, retention_days AS days FROM segment_policies
  WHERE retention_days IS NOT NULL`;

const OVER = `tenant_id = $1 AND segment = $2 AND accepted_at < $3 AND input_sealed IS NOT NULL
  AND finished_at IS NOT NULL`;
const BATCH_OVER = `tenant_id = $1 AND segment = $2 AND coalesce(started_at, created_at) < $3
  AND NOT EXISTS (SELECT FROM jobs j WHERE j.tenant_id = b.tenant_id AND j.batch_id = b.id
    AND (j.finished_at IS NULL OR j.accepted_at >= $3))`;

/**
 * Erases for good what a network keeps for a limited time: questions, answers and files, never a running job's. The rows
 * behind bill and audit stay, without a word. Every step is a small transaction of its own with its own record, so that it
 * may be killed anywhere, and run at once with another.
 */
@Injectable()
export class RetentionSweeper {
  constructor(
    private readonly admission: AdmissionDatabase,
    private readonly database: TenantDatabase,
    private readonly batches: BatchRepository,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Everything whose time is over, in every city. A network that fails keeps no other from being swept. */
  async sweep(): Promise<Sweep> {
    const total = { questions: 0, conversations: 0, batches: 0, overdueMs: 0 };
    const failures: unknown[] = [];
    for (const { days, ...scope } of await this.admission.query<TenantScope & { days: number }>(RETAINING)) {
      const [erasing] = await Promise.allSettled([this.erase(scope, days, total)]);
      const [looking] = await Promise.allSettled([this.overdue(scope, days)]);
      if (looking.status === 'fulfilled') total.overdueMs = Math.max(total.overdueMs, looking.value);
      const failed = [erasing, looking].find(({ status }) => status === 'rejected');
      if (failed) failures.push((failed as PromiseRejectedResult).reason);
    }
    return { ...total, failures };
  }

  /** What a first sweep would erase if this were the network's retention. */
  async forecast(scope: TenantScope, days: number): Promise<Erased> {
    const which = [scope.tenantId, scope.segment, retainedSince(this.clock.now(), days)];
    return this.database.run(scope, async (tx) => {
      const [counts] = await tx.query<Erased>(
        `SELECT count(*)::int AS questions, (SELECT count(*)::int FROM batches b WHERE ${BATCH_OVER}) AS batches,
           count(DISTINCT conversation_id) FILTER (WHERE NOT EXISTS (
             SELECT FROM jobs newer WHERE newer.tenant_id = jobs.tenant_id
               AND newer.conversation_id = jobs.conversation_id AND newer.accepted_at >= $3))::int AS conversations
         FROM jobs WHERE ${OVER}`,
        which,
      );
      return counts!;
    });
  }

  /** Counted step by step: what one that dies had erased before is gone. */
  private async erase(
    scope: TenantScope,
    days: number,
    total: { -readonly [Kind in keyof Erased]: number },
  ): Promise<void> {
    for (let more = true; more;) {
      const erased = await this.step(scope, days);
      for (const what of ERASED_KINDS) total[what] += erased[what];
      more = erased.questions + erased.batches > 0;
    }
  }

  private async overdue(scope: TenantScope, days: number): Promise<number> {
    const before = retainedSince(this.clock.now(), days);
    const [left] = await this.database.run(scope, (tx) =>
      tx.query<{ since: Date | null }>(
        `SELECT least((SELECT min(accepted_at) FROM jobs WHERE ${OVER}),
           (SELECT min(coalesce(started_at, created_at)) FROM batches b WHERE ${BATCH_OVER})) AS since`,
        [scope.tenantId, scope.segment, before],
      ),
    );
    return left?.since ? before.getTime() - left.since.getTime() : 0;
  }

  private step(scope: TenantScope, days: number): Promise<Erased> {
    const before = retainedSince(this.clock.now(), days);
    return this.database.run(scope, async (tx) => {
      const batches = await this.eraseBatches(tx, before);
      const { questions, conversations } = await this.eraseJobs(tx, before);
      if (questions + batches > 0)
        await this.audit.append(tx, {
          action: 'retention.erased',
          actor: { type: 'system', id: null },
          segment: scope.segment,
          details: { questions, conversations, batches, days, before: before.toISOString() },
        });
      return { questions, conversations, batches };
    });
  }

  private async eraseBatches(tx: TenantTransaction, before: Date): Promise<number> {
    const over = await tx.query<{ id: string }>(
      `SELECT id FROM batches b WHERE ${BATCH_OVER} ORDER BY created_at LIMIT ${BATCHES_AT_ONCE} FOR UPDATE SKIP LOCKED`,
      [tx.scope.tenantId, tx.scope.segment, before],
    );
    for (const { id } of over) await this.batches.erase(tx, id);
    return over.length;
  }

  /** Conversations first, then their jobs, as whoever deletes one locks them. */
  private async eraseJobs(tx: TenantTransaction, before: Date): Promise<Pick<Erased, 'questions' | 'conversations'>> {
    const { tenantId, segment } = tx.scope;
    const over = await tx.query<{ id: string; conversationId: string | null }>(
      `SELECT id, conversation_id AS "conversationId" FROM jobs WHERE ${OVER} ORDER BY accepted_at LIMIT ${JOBS_AT_ONCE}`,
      [tenantId, segment, before],
    );
    if (over.length === 0) return { questions: 0, conversations: 0 };
    const touched = [...new Set(over.flatMap(({ conversationId }) => conversationId ?? []))];
    await tx.query('SELECT FROM conversations WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY id FOR UPDATE', [
      tenantId,
      touched,
    ]);
    const erased = await tx.query(
      `UPDATE jobs SET input_sealed = NULL, output_sealed = NULL, conversation_id = NULL
       WHERE ${OVER} AND id = ANY ($4) RETURNING id`,
      [tenantId, segment, before, over.map(({ id }) => id)],
    );
    const emptied = await tx.query(
      `DELETE FROM conversations c WHERE tenant_id = $1 AND id = ANY ($2)
         AND NOT EXISTS (SELECT FROM jobs j WHERE j.tenant_id = c.tenant_id AND j.conversation_id = c.id) RETURNING id`,
      [tenantId, touched],
    );
    return { questions: erased.length, conversations: emptied.length };
  }
}
