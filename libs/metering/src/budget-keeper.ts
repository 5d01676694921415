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

/** Whose limits work counts against beside the city's; null where it belongs to no department or no member. */
export interface BudgetHolder {
  readonly departmentId: string | null;
  readonly memberId: string | null;
}

/** A worst case to hold. */
export interface HeldTokens {
  readonly subject: BillableSubject;
  readonly tokens: number;
}

/** What was given back. */
export interface ReleasedTokens {
  readonly reservations: number;
  readonly tokens: number;
}

/** After this nobody waits for the work any more; if it has ended without its reservation, that is swept (libs/jobs). */
const RESERVATION_MS = 7 * 86_400_000;

const RESERVE = 'SELECT budget_reserve($1, $2, $3, $4, $5, $6, $7, $8, $9)';

interface Reserved {
  readonly subject: BillableSubject;
  readonly holder: BudgetHolder;
  readonly tokens: number;
  /** Decides the month. */
  readonly acceptedAt: Date;
}

const toParameters = ({ subject, holder, tokens, acceptedAt }: Reserved): unknown[] => [
  newId(),
  subject.type,
  subject.id,
  holder.departmentId,
  holder.memberId,
  budgetMonthOf(acceptedAt),
  tokens,
  acceptedAt,
  new Date(acceptedAt.getTime() + RESERVATION_MS),
];

/** Holds the worst case of accepted work against the monthly limits of city, department and member (design law 5). */
@Injectable()
export class BudgetKeeper {
  /**
   * Reserves `tokens` in the JST month of `acceptedAt`, atomically: two requests never share the same room.
   * @throws DomainError METERING.BUDGET_EXHAUSTED with the level at which the worst case does not fit; nothing is held then
   */
  async reserve(tx: TenantTransaction, reserved: Reserved): Promise<void> {
    try {
      await tx.gather(RESERVE, toParameters(reserved));
    } catch (error) {
      throw exhausted(error, '文章や最大トークン数を短くするか') ?? error;
    }
  }

  /** As {@link reserve}, for work accepted long ago. @returns false when it does not fit; the transaction goes on */
  async reserveAgain(tx: TenantTransaction, reserved: Reserved): Promise<boolean> {
    const [row] = await tx.query<{ held: boolean }>(
      'SELECT budget_try_reserve($1, $2, $3, $4, $5, $6, $7, $8, $9) AS held',
      toParameters(reserved),
    );
    return row?.held ?? false;
  }

  /** Gives back a reservation whose work used nothing. Does nothing when it has already ended. */
  async release(tx: TenantTransaction, subject: BillableSubject, at: Date): Promise<void> {
    await this.releaseAll(tx, [subject], at);
  }

  /**
   * As {@link reserve} for many subjects of one type and holder, all or none. Send it last but for the audit: until the
   * commit the whole city waits for its budget.
   */
  async reserveAll(
    tx: TenantTransaction,
    holder: BudgetHolder,
    held: readonly HeldTokens[],
    acceptedAt: Date,
  ): Promise<void> {
    try {
      await Promise.all(
        held.map(({ subject, tokens }) => tx.gather(RESERVE, toParameters({ subject, holder, tokens, acceptedAt }))),
      );
    } catch (error) {
      throw exhausted(error, '行数や最大トークン数を減らすか') ?? error;
    }
  }

  /** As {@link release} for many subjects of one type. @returns what had not ended before */
  async releaseAll(tx: TenantTransaction, subjects: readonly BillableSubject[], at: Date): Promise<ReleasedTokens> {
    const nothing = { reservations: 0, tokens: 0 };
    if (subjects.length === 0) return nothing;
    const [released = nothing] = await tx.query<ReleasedTokens>(
      `WITH ended AS (
         UPDATE reservations SET state = 'released', ended_at = $3
         WHERE subject_type = $1 AND subject_id = ANY ($2) AND state = 'held' RETURNING id, tokens)
       SELECT count(*)::integer AS reservations, coalesce(sum(tokens), 0)::float8 AS tokens,
         budget_give_back(array_agg(id)) FROM ended`,
      [subjects[0]!.type, subjects.map(({ id }) => id), at],
    );
    return { reservations: released.reservations, tokens: released.tokens };
  }
}

/** SQLSTATE of budget_reserve() and its kin: whose limit it is, and what to do about it. */
const REFUSALS = [
  { sqlstate: 'MB001', level: 'city', whose: '団体全体', ask: '情報政策担当に上限の見直しをご相談' },
  { sqlstate: 'MB002', level: 'department', whose: '所属', ask: '所属の管理者に増額の申請をご依頼' },
  { sqlstate: 'MB003', level: 'member', whose: 'あなた個人', ask: '情報政策担当に上限の見直しをご相談' },
] as const;

function exhausted(error: unknown, instead: string): DomainError | null {
  const refusal = REFUSALS.find(({ sqlstate }) => refusedWith(error, sqlstate));
  if (!refusal) return null;
  const { level, whose, ask } = refusal;
  return new DomainError('METERING.BUDGET_EXHAUSTED', {
    level,
    detail: `${whose}の今月の利用上限に達するため受け付けられません。${instead}、${ask}ください。`,
  });
}
