import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import { DomainError, type Segment } from '#libs/kernel';
import type { AuditActor, AuditEvent } from './audit-trail.ts';

export interface AuditEntry {
  /** Position in the city's chain, from 1. */
  readonly sequence: number;
  readonly occurredAt: Date;
  /** An id; whose name it is, the domain that owns the actor knows. */
  readonly actor: AuditActor;
  readonly action: string;
  readonly subject: { readonly type: string; readonly id: string } | null;
  readonly segment: Segment | null;
  readonly outcome: NonNullable<AuditEvent['outcome']>;
  readonly details: NonNullable<AuditEvent['details']>;
}

export interface AuditQuery {
  /** `nextCursor` of the page before; absent for the newest entries. */
  readonly cursor?: string;
  /** Entries per page, 1 to 200. */
  readonly limit: number;
  readonly action?: string;
  /** Instant, inclusive. */
  readonly from?: Date;
  /** Instant, exclusive. */
  readonly to?: Date;
}

interface Row {
  sequence: string;
  occurred_at: Date;
  actor_type: AuditActor['type'];
  actor_id: string | null;
  action: string;
  subject_type: string | null;
  subject_id: string | null;
  segment: Segment | null;
  outcome: AuditEntry['outcome'];
  details: string;
}

const MAXIMUM_LIMIT = 200;

/** Reads the trail of the transaction's own city, of all its segments: a city has one auditor (docs/decisions/0006). */
@Injectable()
export class AuditReader {
  /**
   * One page, newest first. A page never shifts: entries appended meanwhile come before it.
   * @throws DomainError REQUEST.INVALID for a cursor that is not one of ours
   */
  async list(
    tx: TenantTransaction,
    query: AuditQuery,
  ): Promise<{ readonly items: AuditEntry[]; readonly nextCursor: string | null }> {
    const limit = Math.min(Math.max(Math.trunc(query.limit), 1), MAXIMUM_LIMIT);
    const rows = await tx.query<Row>(
      `SELECT sequence, occurred_at, actor_type, actor_id, action, subject_type, subject_id, segment, outcome, details
       FROM audit_entries
       WHERE tenant_id = $1 AND sequence < $2
         AND ($3::text IS NULL OR action = $3)
         AND ($4::timestamptz IS NULL OR occurred_at >= $4)
         AND ($5::timestamptz IS NULL OR occurred_at < $5)
       ORDER BY sequence DESC LIMIT $6`,
      [tx.scope.tenantId, before(query.cursor), query.action ?? null, query.from ?? null, query.to ?? null, limit + 1],
    );
    const page = rows.slice(0, limit);
    return { items: page.map(toEntry), nextCursor: rows.length > limit ? page.at(-1)!.sequence : null };
  }

  /** What was done under an access to content (内容閲覧), newest first, at most 200. */
  async ofContentAccess(tx: TenantTransaction, accessId: string): Promise<AuditEntry[]> {
    // The type stands in the text, so that the index over these entries alone serves every plan.
    const rows = await tx.query<Row>(
      `SELECT sequence, occurred_at, actor_type, actor_id, action, subject_type, subject_id, segment, outcome, details
       FROM audit_entries WHERE tenant_id = $1 AND subject_type = 'content-access' AND subject_id = $2
       ORDER BY sequence DESC LIMIT $3`,
      [tx.scope.tenantId, accessId, MAXIMUM_LIMIT],
    );
    return rows.map(toEntry);
  }
}

function before(cursor: string | undefined): string {
  if (cursor === undefined) return String(Number.MAX_SAFE_INTEGER);
  if (!/^[1-9][0-9]{0,15}$/.test(cursor)) {
    throw new DomainError('REQUEST.INVALID', {
      faults: [{ pointer: '/cursor', message: '続きの位置が正しくありません' }],
    });
  }
  return cursor;
}

const toEntry = (row: Row): AuditEntry => ({
  sequence: Number(row.sequence),
  occurredAt: row.occurred_at,
  actor: { type: row.actor_type, id: row.actor_id },
  action: row.action,
  subject: row.subject_type !== null && row.subject_id !== null ? { type: row.subject_type, id: row.subject_id } : null,
  segment: row.segment,
  outcome: row.outcome,
  details: JSON.parse(row.details) as AuditEntry['details'],
});
