import { Injectable } from '@nestjs/common';
import { type TenantTransaction, refusedWith } from '#libs/database';
import { DomainError, jstMonthOf, newId } from '#libs/kernel';

/** What is billed. Metering does not know what a job is. */
export interface BillableSubject {
  readonly type: string;
  readonly id: string;
}

/** First day of the JST month of an instant, as the budgets table keys it. */
export const budgetMonthOf = (at: Date): string => `${jstMonthOf(at)}-01`;

const RESERVATION_MS = 7 * 86_400_000;

/** SQLSTATE of budget_reserve(). */
const DOES_NOT_FIT = 'MB001';

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
    const expiresAt = new Date(acceptedAt.getTime() + RESERVATION_MS);
    try {
      await tx.query('SELECT budget_reserve($1, $2, $3, $4, $5, $6, $7)', [
        newId(),
        subject.type,
        subject.id,
        budgetMonthOf(acceptedAt),
        tokens,
        acceptedAt,
        expiresAt,
      ]);
    } catch (error) {
      if (!refusedWith(error, DOES_NOT_FIT)) throw error;
      throw new DomainError('METERING.BUDGET_EXHAUSTED', {
        detail:
          '今月の利用上限に達するため受け付けられません。文章や最大トークン数を短くするか、情報政策担当に上限の見直しをご相談ください。',
      });
    }
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
}
