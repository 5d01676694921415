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
       SELECT 'department' AS level, d.id AS "holderId", d.name, l.limit_tokens::float8 AS "limitTokens",
         coalesce(u.tokens, 0)::float8 AS "usedTokens", coalesce(h.tokens, 0)::float8 AS "reservedTokens", d.code AS place
       FROM departments d LEFT JOIN latest l ON l.department_id = d.id
         LEFT JOIN used u ON u.department_id = d.id LEFT JOIN held h ON h.department_id = d.id
       WHERE $4::uuid[] IS NULL OR d.id = ANY ($4)
       UNION ALL
       SELECT 'member', m.id, m.display_name, l.limit_tokens::float8,
         CASE l.month WHEN $1 THEN l.used_tokens ELSE 0 END::float8,
         CASE l.month WHEN $1 THEN l.reserved_tokens ELSE 0 END::float8, m.login_id
       FROM latest l JOIN members m ON m.id = l.member_id
       WHERE l.limit_tokens IS NOT NULL AND ($4::uuid[] IS NULL OR m.department_id = ANY ($4))
       ) holders ORDER BY level, place`,
      [`${month}-01`, start, end, departmentIds],
    );
  }

  /**
   * From `month` on; null clears the limit.
   * @throws DomainError METERING.MONTH_OVER, REQUEST.NOT_FOUND
   */
  async setLimit(
    tx: TenantTransaction,
    holder: AllotmentHolder,
    month: JstMonth,
    limitTokens: number | null,
  ): Promise<LimitMove> {
    const before = await this.open(tx, holder, month);
    await this.write(tx, holder, month, limitTokens);
    return { before, after: limitTokens };
  }

  /** @throws DomainError METERING.MONTH_OVER, REQUEST.NOT_FOUND, METERING.NO_OWN_LIMIT */
  async raise(
    tx: TenantTransaction,
    holder: AllotmentHolder,
    month: JstMonth,
    tokens: number,
  ): Promise<{ before: number; after: number }> {
    const before = await this.open(tx, holder, month);
    if (before === null) throw new DomainError('METERING.NO_OWN_LIMIT');
    const after = before + tokens;
    await this.write(tx, holder, month, after);
    return { before, after };
  }

  /** The limit that holds in a month; null where there is none. */
  async limitOf(tx: TenantTransaction, holder: AllotmentHolder, month: JstMonth): Promise<number | null> {
    const [row] = await tx.query<{ limit: number | null }>(
      `SELECT limit_tokens::float8 AS limit FROM budget_allotments
       WHERE level = $1 AND holder_id = $2 AND month <= $3 ORDER BY month DESC LIMIT 1`,
      [holder.level, holder.id, `${month}-01`],
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

  private async write(tx: TenantTransaction, { id }: AllotmentHolder, month: JstMonth, limit: number | null) {
    await tx.query('UPDATE budget_allotments SET limit_tokens = $3 WHERE holder_id = $1 AND month = $2', [
      id,
      `${month}-01`,
      limit,
    ]);
    await tx.query(
      `SELECT budget_notice(a.level, a.holder_id, a.month, b.notice_percents, a.limit_tokens, -1, a.used_tokens)
       FROM budget_allotments a JOIN budgets b USING (tenant_id, month) WHERE a.holder_id = $1 AND a.month = $2`,
      [id, `${month}-01`],
    );
  }
}
