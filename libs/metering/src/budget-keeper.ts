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

/** What a month's row has left as of now; one of an earlier month is what a new one begins with: `carried` of it. */
const left = (carried: string): string =>
  `CASE month WHEN a.month THEN limit_tokens - used_tokens - reserved_tokens ELSE ${carried} END`;

/** Of each that asks: the first level at which it does not fit by itself; whether it fits behind those ahead that do. */
const ROOM = `
  WITH asked AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::date[], $5::bigint[]) WITH ORDINALITY
    AS a (id, department_id, member_id, month, tokens, nth)),
  room AS (
    SELECT a.id, a.month, a.tokens, a.nth, 1 AS level, NULL::uuid AS holder_id, coalesce((
      SELECT ${left('limit_tokens')} FROM budgets WHERE month <= a.month ORDER BY month DESC LIMIT 1), 0) AS tokens_left
    FROM asked a
    UNION ALL
    SELECT a.id, a.month, a.tokens, a.nth, h.level, h.id, (
      SELECT ${left('carried_tokens')} FROM budget_allotments
      WHERE holder_id = h.id AND month <= a.month ORDER BY month DESC LIMIT 1)
    FROM asked a CROSS JOIN LATERAL (VALUES (2, a.department_id), (3, a.member_id)) AS h (level, id)),
  refusal AS (
    SELECT *, min(level) FILTER (WHERE tokens > tokens_left) OVER (PARTITION BY id) AS refused_at FROM room),
  queue AS (
    SELECT id, refused_at, tokens_left, sum(tokens) FILTER (WHERE refused_at IS NULL)
      OVER (PARTITION BY level, holder_id, month ORDER BY nth) AS tokens_to_here
    FROM refusal)
  SELECT id, (ARRAY['city', 'department', 'member'])[min(refused_at)] AS "refusedAt",
    coalesce(bool_and(tokens_to_here <= tokens_left), true) AS fits
  FROM queue GROUP BY id`;

interface Room {
  readonly id: string;
  readonly refusedAt: 'city' | 'department' | 'member' | null;
  readonly fits: boolean;
}

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
      throw refusalOf(error, ONE_REQUEST) ?? error;
    }
  }

  /**
   * Whether it has room, beside those whose room is asked for in the same statement ahead of it. Holds nothing:
   * {@link reserve} decides. @returns false when it has room without those
   * @throws DomainError METERING.BUDGET_EXHAUSTED as {@link reserve} does, when it has none by itself
   */
  async hasRoom(tx: TenantTransaction, { subject, holder, tokens, acceptedAt }: Reserved): Promise<boolean> {
    const { departmentId, memberId } = holder;
    const rooms = await tx.gather<Room>(ROOM, [subject.id, departmentId, memberId, budgetMonthOf(acceptedAt), tokens]);
    const { refusedAt, fits } = rooms.find(({ id }) => id === subject.id)!;
    if (refusedAt) throw exhausted(refusedAt, ONE_REQUEST);
    return fits;
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
      throw refusalOf(error, MANY_ROWS) ?? error;
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

/** What can be asked for less than. */
const ONE_REQUEST = '文章や回答の長さ（最大トークン数）を短くするか';
const MANY_ROWS = '行数や最大トークン数を減らすか';

/** Whose limit it is, and what to do about it. */
const LEVELS = {
  city: { whose: '団体全体', ask: '情報政策担当に上限の見直しをご相談' },
  department: { whose: '所属', ask: '所属の管理者に増額の申請をご依頼' },
  member: { whose: 'あなた個人', ask: '情報政策担当に上限の見直しをご相談' },
} as const;

/** SQLSTATE of budget_reserve() and its kin. */
const REFUSALS = { MB001: 'city', MB002: 'department', MB003: 'member' } as const;

function refusalOf(error: unknown, instead: string): DomainError | null {
  for (const [sqlstate, level] of Object.entries(REFUSALS))
    if (refusedWith(error, sqlstate)) return exhausted(level, instead);
  return null;
}

function exhausted(level: keyof typeof LEVELS, instead: string): DomainError {
  const { whose, ask } = LEVELS[level];
  return new DomainError('METERING.BUDGET_EXHAUSTED', {
    level,
    detail: `${whose}の今月の利用上限に達するため受け付けられません。${instead}、${ask}ください。`,
  });
}
