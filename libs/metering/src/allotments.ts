import { Injectable } from '@nestjs/common';
import { type TenantTransaction, FOREIGN_KEY_VIOLATION, refusedWith } from '#libs/database';
import { Clock, DomainError, type JstMonth, jstMonthOf, jstMonthRange } from '#libs/kernel';
import type { LimitMove } from './budget-book.ts';

export const ALLOTMENT_LEVELS = ['department', 'member'] as const;
export type AllotmentLevel = (typeof ALLOTMENT_LEVELS)[number];

/** Who has, or may be given, a limit within the city's. */
export interface AllotmentHolder {
  readonly level: AllotmentLevel;
  readonly id: string;
}

/** What a department or member may use in a JST month, in tokens. */
export interface Allotment {
  readonly level: AllotmentLevel;
  readonly holderId: string;
  readonly name: string;
  /** Null: no limit of its own; the city's alone counts. */
  readonly limitTokens: number | null;
  readonly usedTokens: number;
  readonly reservedTokens: number;
}

/** What a row allows in month $1: a top-up holds for the row's own month alone. */
const ALLOWED = 'CASE l.month WHEN $1 THEN l.limit_tokens ELSE l.carried_tokens END';

/** Limits of departments and members within the city's (docs/decisions/0021). One stays until it is changed or cleared. */
@Injectable()
export class Allotments {
  constructor(private readonly clock: Clock) {}

  /**
   * Every department, and the members that have a limit of their own.
   * @param departmentIds only these and their members; null for all
   */
  list(tx: TenantTransaction, month: JstMonth, departmentIds: readonly string[] | null): Promise<Allotment[]> {
    const { start, end } = jstMonthRange(month);
    return tx.query<Allotment>(
      `WITH latest AS (
         SELECT DISTINCT ON (holder_id) * FROM budget_allotments WHERE month <= $1 ORDER BY holder_id, month DESC),
       used AS (
         SELECT department_id, sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens) AS tokens
         FROM usage_records WHERE accepted_at >= $2 AND accepted_at < $3 GROUP BY department_id),
       held AS (
         SELECT department_id, sum(tokens) AS tokens FROM reservations WHERE month = $1 AND state = 'held'
         GROUP BY department_id)
       SELECT level, "holderId", name, "limitTokens", "usedTokens", "reservedTokens" FROM (
       SELECT 'department' AS level, d.id AS "holderId", d.name, (${ALLOWED})::float8 AS "limitTokens",
         coalesce(u.tokens, 0)::float8 AS "usedTokens", coalesce(h.tokens, 0)::float8 AS "reservedTokens", d.code AS place
       FROM departments d LEFT JOIN latest l ON l.department_id = d.id
         LEFT JOIN used u ON u.department_id = d.id LEFT JOIN held h ON h.department_id = d.id
       WHERE $4::uuid[] IS NULL OR d.id = ANY ($4)
       UNION ALL
       SELECT 'member', m.id, m.display_name, (${ALLOWED})::float8,
         CASE l.month WHEN $1 THEN l.used_tokens ELSE 0 END::float8,
         CASE l.month WHEN $1 THEN l.reserved_tokens ELSE 0 END::float8, m.login_id
       FROM latest l JOIN members m ON m.id = l.member_id
       WHERE l.limit_tokens IS NOT NULL AND ($4::uuid[] IS NULL OR m.department_id = ANY ($4))
       ) holders ORDER BY level, place`,
      [`${month}-01`, start, end, departmentIds],
    );
  }

  /**
   * From `month` on, until a month that was set itself; null clears the limit. What the month was topped up by is in it, what
   * later months were stands beside it.
   * @throws DomainError METERING.MONTH_OVER, REQUEST.NOT_FOUND
   */
  async setLimit(
    tx: TenantTransaction,
    holder: AllotmentHolder,
    month: JstMonth,
    limitTokens: number | null,
  ): Promise<LimitMove> {
    const before = await this.open(tx, holder, month);
    await tx.query(
      `UPDATE budget_allotments a SET limit_is_set = a.month = $2,
         limit_tokens = $3::bigint + CASE a.month WHEN $2 THEN 0 ELSE a.topped_up_tokens END,
         topped_up_tokens = CASE a.month WHEN $2 THEN 0 ELSE a.topped_up_tokens END
       WHERE holder_id = $1 AND month >= $2 AND NOT EXISTS (
         SELECT FROM budget_allotments s WHERE s.tenant_id = a.tenant_id AND s.holder_id = $1
           AND s.month > $2 AND s.month <= a.month AND s.limit_is_set)`,
      [holder.id, `${month}-01`, limitTokens],
    );
    await this.tell(tx, holder, month);
    return { before, after: limitTokens };
  }

  /** In `month` alone. @throws DomainError METERING.MONTH_OVER, REQUEST.NOT_FOUND, METERING.NO_OWN_LIMIT */
  async raise(
    tx: TenantTransaction,
    holder: AllotmentHolder,
    month: JstMonth,
    tokens: number,
  ): Promise<{ before: number; after: number }> {
    const before = await this.open(tx, holder, month);
    if (before === null) throw new DomainError('METERING.NO_OWN_LIMIT');
    await tx.query(
      `UPDATE budget_allotments SET limit_tokens = limit_tokens + $3, topped_up_tokens = topped_up_tokens + $3
       WHERE holder_id = $1 AND month = $2`,
      [holder.id, `${month}-01`, tokens],
    );
    await this.tell(tx, holder, month);
    return { before, after: before + tokens };
  }

  /** The limit that holds in a month; null where there is none. */
  async limitOf(tx: TenantTransaction, holder: AllotmentHolder, month: JstMonth): Promise<number | null> {
    const [row] = await tx.query<{ limit: number | null }>(
      `SELECT (${ALLOWED})::float8 AS limit FROM budget_allotments l
       WHERE level = $2 AND holder_id = $3 AND month <= $1 ORDER BY month DESC LIMIT 1`,
      [`${month}-01`, holder.level, holder.id],
    );
    return row?.limit ?? null;
  }

  private async open(tx: TenantTransaction, { level, id }: AllotmentHolder, month: JstMonth): Promise<number | null> {
    // What a past month allowed stays on record; what it used is counted anyway.
    if (month < jstMonthOf(this.clock.now())) throw new DomainError('METERING.MONTH_OVER');
    try {
      await tx.query('SELECT budget_open_allotment($1, $2, $3)', [level, id, `${month}-01`]);
    } catch (error) {
      if (refusedWith(error, FOREIGN_KEY_VIOLATION)) throw new DomainError('REQUEST.NOT_FOUND');
      throw error;
    }
    return this.limitOf(tx, { level, id }, month);
  }

  private async tell(tx: TenantTransaction, { id }: AllotmentHolder, month: JstMonth): Promise<void> {
    await tx.query(
      `SELECT budget_notice(a.level, a.holder_id, a.month, b.notice_percents, a.limit_tokens, -1, a.used_tokens)
       FROM budget_allotments a JOIN budgets b USING (tenant_id, month) WHERE a.holder_id = $1 AND a.month = $2`,
      [id, `${month}-01`],
    );
  }
}
