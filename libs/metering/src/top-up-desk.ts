import { Injectable } from '@nestjs/common';
import { type TenantTransaction, UNIQUE_VIOLATION, refusedWith } from '#libs/database';
import { Clock, DomainError, type JstMonth, jstMonthOf, newId } from '#libs/kernel';
import { Mailer } from '#libs/notices';
import { Allotments } from './allotments.ts';
import { topUpAskedMail, topUpDecidedMail } from './top-up-mails.ts';

export const TOP_UP_STATES = ['requested', 'approved', 'declined'] as const;

/** A department's wish for more tokens in a month, and what became of it. */
export interface TopUpRequest {
  readonly id: string;
  readonly departmentId: string;
  readonly departmentName: string;
  readonly month: JstMonth;
  readonly tokens: number;
  readonly reason: string;
  readonly requestedById: string;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly state: (typeof TOP_UP_STATES)[number];
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly decisionNote: string | null;
  /** The department's limit before and after an approval. */
  readonly limitBefore: number | null;
  readonly limitAfter: number | null;
}

export interface NewTopUp {
  readonly departmentId: string;
  readonly month: JstMonth;
  readonly tokens: number;
  readonly reason: string;
  readonly requestedBy: string;
}

export interface Decision {
  readonly id: string;
  readonly decidedBy: string;
  readonly approved: boolean;
  /** Why; a refusal needs one. */
  readonly note: string | null;
}

/** How long a decision is news to who asked. */
const NEWS_MS = 14 * 86_400_000;

const SELECT = `SELECT r.id, r.department_id AS "departmentId", d.name AS "departmentName",
    to_char(r.month, 'YYYY-MM') AS month, r.tokens::float8 AS tokens, r.reason, r.requested_by AS "requestedById",
    asker.display_name AS "requestedBy", r.requested_at AS "requestedAt", r.state, decider.display_name AS "decidedBy",
    r.decided_at AS "decidedAt", r.decision_note AS "decisionNote", r.limit_before::float8 AS "limitBefore",
    r.limit_after::float8 AS "limitAfter"
  FROM top_up_requests r
  JOIN departments d ON d.tenant_id = r.tenant_id AND d.id = r.department_id
  JOIN members asker ON asker.tenant_id = r.tenant_id AND asker.id = r.requested_by
  LEFT JOIN members decider ON decider.tenant_id = r.tenant_id AND decider.id = r.decided_by`;

/** Takes a department's requests for more, and moves its limit when somebody else approves. */
@Injectable()
export class TopUpDesk {
  constructor(
    private readonly allotments: Allotments,
    private readonly mailer: Mailer,
    private readonly clock: Clock,
  ) {}

  /** Newest first, at most 200. @param departmentIds only of these; null for all */
  list(tx: TenantTransaction, departmentIds: readonly string[] | null): Promise<TopUpRequest[]> {
    return tx.query<TopUpRequest>(
      `${SELECT} WHERE $1::uuid[] IS NULL OR r.department_id = ANY ($1) ORDER BY r.requested_at DESC, r.id DESC LIMIT 200`,
      [departmentIds],
    );
  }

  /** @throws DomainError METERING.MONTH_OVER, METERING.NO_OWN_LIMIT, METERING.TOP_UP_OPEN */
  async request(tx: TenantTransaction, { departmentId, month, ...wish }: NewTopUp): Promise<TopUpRequest> {
    const now = this.clock.now();
    if (month < jstMonthOf(now)) throw new DomainError('METERING.MONTH_OVER');
    if ((await this.allotments.limitOf(tx, { level: 'department', id: departmentId }, month)) === null)
      throw new DomainError('METERING.NO_OWN_LIMIT');
    const id = newId();
    try {
      await tx.query(
        `INSERT INTO top_up_requests (tenant_id, id, department_id, month, tokens, reason, requested_by, requested_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [tx.scope.tenantId, id, departmentId, `${month}-01`, wish.tokens, wish.reason, wish.requestedBy, now],
      );
    } catch (error) {
      if (refusedWith(error, UNIQUE_VIOLATION)) throw new DomainError('METERING.TOP_UP_OPEN');
      throw error;
    }
    const request = await this.get(tx, id);
    await this.mailer.enqueueWithin(tx, topUpAskedMail(request));
    return request;
  }

  /**
   * Decides once; an approval moves the limit in the same transaction.
   * @throws DomainError REQUEST.NOT_FOUND, METERING.TOP_UP_OWN, METERING.TOP_UP_DECIDED, METERING.MONTH_OVER,
   *   METERING.NO_OWN_LIMIT (it was cleared meanwhile)
   */
  async decide(tx: TenantTransaction, { id, decidedBy, approved, note }: Decision): Promise<TopUpRequest> {
    const [open] = await tx.query<{
      state: string;
      requestedBy: string;
      departmentId: string;
      month: string;
      tokens: number;
    }>(
      `SELECT state, requested_by AS "requestedBy", department_id AS "departmentId", to_char(month, 'YYYY-MM') AS month,
         tokens::float8 AS tokens FROM top_up_requests WHERE id = $1 FOR UPDATE`,
      [id],
    );
    if (!open) throw new DomainError('REQUEST.NOT_FOUND');
    if (open.state !== 'requested') throw new DomainError('METERING.TOP_UP_DECIDED');
    if (open.requestedBy === decidedBy) throw new DomainError('METERING.TOP_UP_OWN');
    const holder = { level: 'department', id: open.departmentId } as const;
    const moved = approved ? await this.allotments.raise(tx, holder, open.month, open.tokens) : null;
    await tx.query(
      `UPDATE top_up_requests SET state = $2, decided_by = $3, decided_at = $4, decision_note = $5, limit_before = $6,
         limit_after = $7 WHERE id = $1`,
      [
        id,
        approved ? 'approved' : 'declined',
        decidedBy,
        this.clock.now(),
        note,
        moved?.before ?? null,
        moved?.after ?? null,
      ],
    );
    const request = await this.get(tx, id);
    await this.mailer.enqueueWithin(tx, topUpDecidedMail(request));
    return request;
  }

  /**
   * What a member is to be told of: whoever decides what waits for a decision, whoever asked what was decided lately.
   * Newest first.
   */
  news(tx: TenantTransaction, memberId: string, { decides }: { decides: boolean }): Promise<TopUpRequest[]> {
    return tx.query<TopUpRequest>(
      `${SELECT} WHERE ($2 AND r.state = 'requested' AND r.requested_by <> $1)
         OR (r.requested_by = $1 AND r.decided_at > $3) ORDER BY r.requested_at DESC, r.id DESC LIMIT 50`,
      [memberId, decides, new Date(this.clock.now().getTime() - NEWS_MS)],
    );
  }

  private async get(tx: TenantTransaction, id: string): Promise<TopUpRequest> {
    return (await tx.query<TopUpRequest>(`${SELECT} WHERE r.id = $1`, [id]))[0]!;
  }
}
