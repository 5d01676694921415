import { Injectable } from '@nestjs/common';
import type { TenantTransaction, Transaction } from '#libs/database';
import type { JstMonth, TenantId } from '#libs/kernel';
import type { BudgetHolder } from './budget-keeper.ts';

/** A city's budget of one JST month, in tokens. */
export interface Budget {
  readonly month: JstMonth;
  readonly limitTokens: number;
  readonly usedTokens: number;
  readonly reservedTokens: number;
  /** Whole per cent of a limit, whoever's, at which those concerned are told. */
  readonly noticePercents: readonly number[];
}

/** What a limit became, and what it was; null where there was none. */
export interface LimitMove {
  readonly before: number | null;
  readonly after: number | null;
}

const COLUMNS = `to_char(month, 'YYYY-MM') AS month, limit_tokens::float8 AS "limitTokens",
  used_tokens::float8 AS "usedTokens", reserved_tokens::float8 AS "reservedTokens", notice_percents AS "noticePercents"`;

/** Reads and sets the monthly limits of a city. */
@Injectable()
export class BudgetBook {
  /** Months from `from` to `to`, both included, that have a budget. */
  list(tx: TenantTransaction, from: JstMonth, to: JstMonth): Promise<Budget[]> {
    return tx.query<Budget>(`SELECT ${COLUMNS} FROM budgets WHERE month BETWEEN $1 AND $2 ORDER BY month`, [
      `${from}-01`,
      `${to}-01`,
    ]);
  }

  /**
   * Tokens that a month has left for a holder's new work: the least of what city, department and member have left. A month
   * without a budget begins with the limits of the one before it.
   */
  async remaining(tx: TenantTransaction, holder: BudgetHolder, month: JstMonth): Promise<number> {
    const [row] = await tx.query<{ tokens: number }>(
      `SELECT coalesce(min(CASE WHEN month = $1 THEN greatest(0, limit_tokens - used_tokens - reserved_tokens)
                                ELSE limit_tokens END), 0)::float8 AS tokens
       FROM ((SELECT month, limit_tokens, used_tokens, reserved_tokens FROM budgets
              WHERE month <= $1 ORDER BY month DESC LIMIT 1)
         UNION ALL
         SELECT DISTINCT ON (holder_id) month, CASE month WHEN $1 THEN limit_tokens ELSE carried_tokens END, used_tokens,
           reserved_tokens FROM (
           SELECT * FROM budget_allotments WHERE holder_id IN ($2, $3) AND month <= $1
           ORDER BY holder_id, month DESC) own) levels`,
      [`${month}-01`, holder.departmentId, holder.memberId],
    );
    return row!.tokens;
  }

  /** Sets a month's limit. A limit below what is used stops new work; what is reserved still settles. */
  async setLimit(tx: TenantTransaction, month: JstMonth, limitTokens: number): Promise<{ budget: Budget } & LimitMove> {
    const before = await this.open(tx, month);
    const [budget] = await tx.query<Budget>(
      `UPDATE budgets SET limit_tokens = $2 WHERE month = $1 RETURNING ${COLUMNS}`,
      [`${month}-01`, limitTokens],
    );
    await tx.query(
      `SELECT budget_notice('city', tenant_id, month, notice_percents, limit_tokens, -1, used_tokens)
       FROM budgets WHERE month = $1`,
      [`${month}-01`],
    );
    return { budget: budget!, before, after: limitTokens };
  }

  /** From `month` on. Thresholds that use has passed already are told of where they are new. */
  async setNoticePercents(tx: TenantTransaction, month: JstMonth, percents: readonly number[]): Promise<void> {
    await this.open(tx, month);
    const sorted = [...new Set(percents)].sort((a, b) => a - b);
    await tx.query('UPDATE budgets SET notice_percents = $2 WHERE month >= $1', [`${month}-01`, sorted]);
    await tx.query(
      `SELECT budget_notice(h.level, h.id, b.month, b.notice_percents, h.limit_tokens, -1, h.used_tokens)
       FROM budgets b CROSS JOIN LATERAL (
         SELECT 'city' AS level, b.tenant_id AS id, b.limit_tokens, b.used_tokens
         UNION ALL
         SELECT level, holder_id, limit_tokens, used_tokens FROM budget_allotments a
         WHERE a.tenant_id = b.tenant_id AND a.month = b.month) h
       WHERE b.month >= $1`,
      [`${month}-01`],
    );
  }

  /** The first limit of a city that is being taken on. @param tx of the ops role, which may open budgets and change none */
  async openFirst(tx: Transaction, tenantId: TenantId, month: JstMonth, limitTokens: number): Promise<void> {
    await tx.query('INSERT INTO budgets (tenant_id, month, limit_tokens) VALUES ($1, $2, $3)', [
      tenantId,
      `${month}-01`,
      limitTokens,
    ]);
  }

  /** Takes the month's row. @returns its limit */
  private async open(tx: TenantTransaction, month: JstMonth): Promise<number> {
    await tx.query('SELECT budget_open($1)', [`${month}-01`]);
    const [row] = await tx.query<{ limit: number }>(
      'SELECT limit_tokens::float8 AS limit FROM budgets WHERE month = $1 FOR UPDATE',
      [`${month}-01`],
    );
    return row!.limit;
  }
}
