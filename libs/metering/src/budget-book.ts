import { Injectable } from '@nestjs/common';
import type { TenantTransaction, Transaction } from '#libs/database';
import type { JstMonth, TenantId } from '#libs/kernel';

/** A city's budget of one JST month, in tokens. */
export interface Budget {
  readonly month: JstMonth;
  readonly limitTokens: number;
  readonly usedTokens: number;
  readonly reservedTokens: number;
}

interface BudgetRow {
  month: string;
  limit_tokens: string;
  used_tokens: string;
  reserved_tokens: string;
}

const COLUMNS = `to_char(month, 'YYYY-MM') AS month, limit_tokens, used_tokens, reserved_tokens`;

const toBudget = (row: BudgetRow): Budget => ({
  month: row.month,
  limitTokens: Number(row.limit_tokens),
  usedTokens: Number(row.used_tokens),
  reservedTokens: Number(row.reserved_tokens),
});

/** Reads and sets the monthly limits of a city. */
@Injectable()
export class BudgetBook {
  /** Months from `from` to `to`, both included, that have a budget. */
  async list(tx: TenantTransaction, from: JstMonth, to: JstMonth): Promise<Budget[]> {
    const rows = await tx.query<BudgetRow>(
      `SELECT ${COLUMNS} FROM budgets WHERE month BETWEEN $1 AND $2 ORDER BY month`,
      [`${from}-01`, `${to}-01`],
    );
    return rows.map(toBudget);
  }

  /** Tokens that a month has left for new work. A month without a budget begins with the limit of the one before it. */
  async remaining(tx: TenantTransaction, month: JstMonth): Promise<number> {
    const [row] = await tx.query<{ tokens: string }>(
      `SELECT CASE WHEN month = $1 THEN greatest(0, limit_tokens - used_tokens - reserved_tokens) ELSE limit_tokens END AS tokens
       FROM budgets WHERE month <= $1 ORDER BY month DESC LIMIT 1`,
      [`${month}-01`],
    );
    return Number(row?.tokens ?? 0);
  }

  /** Sets a month's limit. A limit below what is used stops new work; what is reserved still settles. */
  async setLimit(tx: TenantTransaction, month: JstMonth, limitTokens: number): Promise<Budget> {
    const [row] = await tx.query<BudgetRow>(
      `INSERT INTO budgets (tenant_id, month, limit_tokens) VALUES ($1, $2, $3)
       ON CONFLICT (tenant_id, month) DO UPDATE SET limit_tokens = EXCLUDED.limit_tokens RETURNING ${COLUMNS}`,
      [tx.scope.tenantId, `${month}-01`, limitTokens],
    );
    return toBudget(row!);
  }

  /** The first limit of a city that is being taken on. @param tx of the ops role, which may open budgets and change none */
  async openFirst(tx: Transaction, tenantId: TenantId, month: JstMonth, limitTokens: number): Promise<void> {
    await tx.query('INSERT INTO budgets (tenant_id, month, limit_tokens) VALUES ($1, $2, $3)', [
      tenantId,
      `${month}-01`,
      limitTokens,
    ]);
  }
}
