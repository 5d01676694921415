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

/** A worst case to hold. */
export interface HeldTokens {
  readonly subject: BillableSubject;
  readonly tokens: number;
}

const RESERVATION_MS = 7 * 86_400_000;

/** SQLSTATE of budget_reserve(). */
const DOES_NOT_FIT = 'MB001';

interface Reserved {
  readonly subject: BillableSubject;
  readonly tokens: number;
  /** Decides the month. */
  readonly acceptedAt: Date;
}

const toParameters = ({ subject, tokens, acceptedAt }: Reserved): unknown[] => [
  newId(),
  subject.type,
  subject.id,
  budgetMonthOf(acceptedAt),
  tokens,
  acceptedAt,
  new Date(acceptedAt.getTime() + RESERVATION_MS),
];

/** Holds the worst case of accepted work against the city's monthly budget (design law 5). */
@Injectable()
export class BudgetKeeper {
  /**
   * Reserves `tokens` in the JST month of `acceptedAt`, atomically: two requests never share the same room.
   * @throws DomainError METERING.BUDGET_EXHAUSTED when the worst case does not fit; nothing is held then
   */
  async reserve(tx: TenantTransaction, { subject, tokens, acceptedAt }: Reserved): Promise<void> {
    try {
      await tx.query(
        'SELECT budget_reserve($1, $2, $3, $4, $5, $6, $7)',
        toParameters({ subject, tokens, acceptedAt }),
      );
    } catch (error) {
      if (!refusedWith(error, DOES_NOT_FIT)) throw error;
      throw new DomainError('METERING.BUDGET_EXHAUSTED', {
        detail:
          '今月の利用上限に達するため受け付けられません。文章や最大トークン数を短くするか、情報政策担当に上限の見直しをご相談ください。',
      });
    }
  }

  /** As {@link reserve}, for work accepted long ago. @returns false when it does not fit; the transaction goes on */
  async reserveAgain(tx: TenantTransaction, reserved: Reserved): Promise<boolean> {
    const [row] = await tx.query<{ held: boolean }>(
      'SELECT budget_try_reserve($1, $2, $3, $4, $5, $6, $7) AS held',
      toParameters(reserved),
    );
    return row?.held ?? false;
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

  /**
   * As {@link reserve} for many subjects of one type, all or none. Send it last but for the audit: until the commit the
   * whole city waits for its budget.
   */
  async reserveAll(tx: TenantTransaction, held: readonly HeldTokens[], acceptedAt: Date): Promise<void> {
    try {
      await tx.query('SELECT budget_reserve_all($1, $2, $3, $4, $5, $6, $7)', [
        held[0]!.subject.type,
        held.map(({ subject }) => subject.id),
        held.map(() => newId()),
        held.map(({ tokens }) => tokens),
        budgetMonthOf(acceptedAt),
        acceptedAt,
        new Date(acceptedAt.getTime() + RESERVATION_MS),
      ]);
    } catch (error) {
      if (!refusedWith(error, DOES_NOT_FIT)) throw error;
      throw new DomainError('METERING.BUDGET_EXHAUSTED', {
        detail:
          '今月の利用上限に達するため受け付けられません。行数や最大トークン数を減らすか、情報政策担当に上限の見直しをご相談ください。',
      });
    }
  }

  /** As {@link release} for many subjects of one type. */
  async releaseAll(tx: TenantTransaction, subjects: readonly BillableSubject[], at: Date): Promise<void> {
    if (subjects.length === 0) return;
    await tx.query(
      `WITH ended AS (
         UPDATE reservations SET state = 'released', ended_at = $3
         WHERE subject_type = $1 AND subject_id = ANY ($2) AND state = 'held' RETURNING tenant_id, month, tokens)
       UPDATE budgets b SET reserved_tokens = b.reserved_tokens - e.tokens
       FROM (SELECT tenant_id, month, sum(tokens)::bigint AS tokens FROM ended GROUP BY 1, 2) e
       WHERE b.tenant_id = e.tenant_id AND b.month = e.month`,
      [subjects[0]!.type, subjects.map(({ id }) => id), at],
    );
  }
}
