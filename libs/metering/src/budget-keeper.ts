import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import { DomainError, jstMonthOf, newId } from '#libs/kernel';

/** What is billed. Metering does not know what a job is. */
export interface BillableSubject {
  readonly type: string;
  readonly id: string;
}

/** First day of the JST month of an instant, as the budgets table keys it. */
export const budgetMonthOf = (at: Date): string => `${jstMonthOf(at)}-01`;

const RESERVATION_DAYS = 7;

/** Holds the worst case of accepted work against the city's monthly budget (design law 5). */
@Injectable()
export class BudgetKeeper {
  /**
   * Reserves `tokens` in the JST month of `acceptedAt`, atomically: two requests never share the same room.
   * @throws DomainError METERING.BUDGET_EXHAUSTED when the worst case does not fit; nothing is held then
   */
  async reserve(
    tx: TenantTransaction,
    { subject, tokens, acceptedAt }: { subject: BillableSubject; tokens: number; acceptedAt: Date },
  ): Promise<void> {
    const month = budgetMonthOf(acceptedAt);
    if (await this.tryReserve(tx, subject, tokens, acceptedAt, month)) return;
    await this.openMonth(tx, month);
    if (await this.tryReserve(tx, subject, tokens, acceptedAt, month)) return;
    throw new DomainError('METERING.BUDGET_EXHAUSTED', {
      detail:
        '今月の利用上限に達するため受け付けられません。文章や最大トークン数を短くするか、情報政策担当に上限の見直しをご相談ください。',
    });
  }

  /** Gives back a reservation whose work used nothing. Does nothing when it has already ended. */
  async release(tx: TenantTransaction, subject: BillableSubject, at: Date): Promise<void> {
    await tx.query(
      `WITH ended AS (
         UPDATE reservations SET state = 'released', ended_at = $3
         WHERE subject_type = $1 AND subject_id = $2 AND state = 'held' RETURNING tenant_id, month, tokens)
       UPDATE budgets b SET reserved_tokens = b.reserved_tokens - ended.tokens
       FROM ended WHERE b.tenant_id = ended.tenant_id AND b.month = ended.month`,
      [subject.type, subject.id, at],
    );
  }

  private async tryReserve(
    tx: TenantTransaction,
    subject: BillableSubject,
    tokens: number,
    acceptedAt: Date,
    month: string,
  ): Promise<boolean> {
    const held = await tx.query(
      `WITH room AS (
         UPDATE budgets SET reserved_tokens = reserved_tokens + $4::bigint
         WHERE tenant_id = $6 AND month = $5 AND used_tokens + reserved_tokens + $4::bigint <= limit_tokens
         RETURNING tenant_id)
       INSERT INTO reservations (tenant_id, id, subject_type, subject_id, month, tokens, created_at, expires_at)
       SELECT tenant_id, $1, $2, $3, $5, $4, $7, $7::timestamptz + make_interval(days => ${RESERVATION_DAYS})
       FROM room RETURNING id`,
      [newId(), subject.type, subject.id, tokens, month, tx.scope.tenantId, acceptedAt],
    );
    return held.length === 1;
  }

  /** A month without a budget row begins with the limit of the latest month before it; many first requests may race. */
  private async openMonth(tx: TenantTransaction, month: string): Promise<void> {
    await tx.query(
      `INSERT INTO budgets (tenant_id, month, limit_tokens)
       SELECT tenant_id, $1, limit_tokens FROM budgets WHERE month < $1 ORDER BY month DESC LIMIT 1
       ON CONFLICT DO NOTHING`,
      [month],
    );
  }
}
