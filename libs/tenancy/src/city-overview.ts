import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { Clock, DomainError, type JstMonth, jstDayOf, jstMonthOf } from '#libs/kernel';
import { CITY_STATUSES, type City } from './city-registry.ts';

/**
 * A city's status, finer: a trial is a kind of being in service, until a contract has begun; a city whose data goes has not left
 * before its exit has proved that nothing stayed.
 */
export const CITY_STAGES = [...CITY_STATUSES, 'trial', 'deleting'] as const;
export type CityStage = (typeof CITY_STAGES)[number];

/** Jobs that came to an answer or failed in a span of time. */
export interface Outcomes {
  readonly ended: number;
  readonly failed: number;
}

/** A city as the vendor sees it: states and counts, no word of content and no name of a person. */
export interface CityState extends City {
  readonly stage: CityStage;
  readonly statusReason: string | null;
  readonly statusChangedAt: Date | null;
  /** JST days. */
  readonly trialEndsOn: string | null;
  /** Last day of the last contract that two people agreed to; null when there is none. */
  readonly contractEndsOn: string | null;
  readonly members: number;
  readonly month: {
    readonly month: JstMonth;
    readonly limitTokens: number;
    readonly usedTokens: number;
    readonly reservedTokens: number;
  };
  /** `held`: waiting outside of the line, as the city is suspended. */
  readonly jobs: { readonly waiting: number; readonly running: number; readonly held: number };
  readonly day: Outcomes;
  readonly week: Outcomes;
  readonly lastActivityAt: Date | null;
}

export const CITY_SORTS = ['code', 'use', 'errors', 'waiting', 'quiet', 'contract'] as const;
export type CitySort = (typeof CITY_SORTS)[number];

export interface CityQuery {
  /** Part of the name, or the beginning of the code. */
  readonly search?: string | undefined;
  readonly stage?: CityStage | undefined;
  readonly sort?: CitySort | undefined;
}

/** Where a page ended. */
export interface CityPosition {
  readonly key: number;
  readonly code: string;
}

/** Ascending: what needs looking at comes first. Finite, so that it travels in a cursor. */
const SORT_KEYS: Readonly<Record<CitySort, string>> = {
  code: '0',
  use: '-coalesce((used + reserved) / nullif("limit", 0), 0)',
  errors: '-coalesce("failedDay"::float8 / nullif("endedDay", 0), 0)',
  waiting: '-waiting',
  quiet: 'coalesce(extract(epoch FROM last_activity_at), 0)',
  contract: 'coalesce(extract(epoch FROM contract_ends_on), 0)',
};

/** Contracts count once their terms were approved: until then they are wishes. */
const AGREED = `
  SELECT c.tenant_id, max(c.ends_on) AS ends_on, bool_or(c.starts_on <= $2) AS begun FROM contracts c
  WHERE EXISTS (SELECT FROM contract_terms p
                WHERE p.tenant_id = c.tenant_id AND p.contract_id = c.id AND p.approved_at IS NOT NULL)
  GROUP BY 1`;

const FACTS = `
  SELECT t.id, t.code, t.name, t.status, t.created_at AS "createdAt", t.status_reason AS "statusReason",
    t.status_changed_at AS "statusChangedAt", t.trial_ends_on, c.ends_on AS contract_ends_on,
    CASE WHEN t.status = 'active' AND t.trial_ends_on IS NOT NULL AND c.begun IS NOT TRUE THEN 'trial'
         WHEN t.status = 'deleted'
           AND EXISTS (SELECT FROM city_exits e WHERE e.tenant_id = t.id AND e.state = 'deleting') THEN 'deleting'
         ELSE t.status END AS stage,
    coalesce(b.limit_tokens, 0)::float8 AS "limit", coalesce(b.used_tokens, 0)::float8 AS used,
    coalesce(b.reserved_tokens, 0)::float8 AS reserved,
    coalesce(s.waiting, 0) AS waiting, coalesce(s.running, 0) AS running, s.suspension IS NOT NULL AS halted,
    a.members AS members_counted, coalesce(a.ended_day, 0) AS "endedDay", coalesce(a.failed_day, 0) AS "failedDay",
    coalesce(a.ended_week, 0) AS "endedWeek", coalesce(a.failed_week, 0) AS "failedWeek",
    greatest(a.last_sign_in_at, a.last_use_at) AS last_activity_at
  FROM tenants t
  LEFT JOIN budgets b ON b.tenant_id = t.id AND b.month = $1
  LEFT JOIN admission_shares s ON s.tenant_id = t.id
  LEFT JOIN city_activity a ON a.tenant_id = t.id
  LEFT JOIN (${AGREED}) c ON c.tenant_id = t.id`;

/** Of one city, or of one nobody has summed up yet, the rows themselves are asked. */
const live = (always: boolean): string => `
  LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE m.status = 'active')::integer AS members,
      greatest(max(m.last_sign_in_at), (SELECT max(u.accepted_at) FROM usage_records u WHERE u.tenant_id = f.id)) AS at
    FROM members m WHERE m.tenant_id = f.id) now ON ${always ? 'true' : 'f.members_counted IS NULL'}
  LEFT JOIN LATERAL (
    SELECT count(*)::integer AS held FROM admission_entries e WHERE e.tenant_id = f.id AND e.stage = 'held') h ON f.halted`;

const COLUMNS = `
  f.*, coalesce(now.members, f.members_counted) AS members, greatest(now.at, f.last_activity_at) AS "lastActivityAt",
  to_char(f.trial_ends_on, 'YYYY-MM-DD') AS "trialEndsOn", to_char(f.contract_ends_on, 'YYYY-MM-DD') AS "contractEndsOn",
  coalesce(h.held, 0) AS held`;

interface Row extends Omit<CityState, 'month' | 'jobs' | 'day' | 'week'> {
  readonly limit: number;
  readonly used: number;
  readonly reserved: number;
  readonly waiting: number;
  readonly running: number;
  readonly held: number;
  readonly endedDay: number;
  readonly failedDay: number;
  readonly endedWeek: number;
  readonly failedWeek: number;
  readonly key: number;
}

/** One read across the facts other domains keep per city. Works with the ops role, whose grants bound what it can see. */
@Injectable()
export class CityOverview {
  constructor(private readonly clock: Clock) {}

  /** One page, in the wanted order and then by municipality code. Sums may be minutes old (see CityActivity). */
  async list(
    tx: Transaction,
    query: CityQuery,
    { after, limit }: { after: CityPosition | null; limit: number },
  ): Promise<{ readonly state: CityState; readonly position: CityPosition }[]> {
    const rows = await tx.query<Row>(
      `WITH facts AS (${FACTS} WHERE ($3::text IS NULL OR starts_with(t.code, $3) OR strpos(t.name, $3) > 0)),
       keyed AS (SELECT *, (${SORT_KEYS[query.sort ?? 'code']})::float8 AS key FROM facts WHERE $4::text IS NULL OR stage = $4),
       f AS (SELECT * FROM keyed WHERE $5::float8 IS NULL OR (key, code) > ($5, $6::text) ORDER BY key, code LIMIT $7)
       SELECT ${COLUMNS} FROM f ${live(false)} ORDER BY f.key, f.code`,
      [...this.today(), query.search || null, query.stage ?? null, after?.key ?? null, after?.code ?? null, limit],
    );
    return rows.map((row) => ({ state: this.stateOf(row), position: { key: row.key, code: row.code } }));
  }

  /** As it is now. @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: Transaction, id: string): Promise<CityState> {
    const [row] = await tx.query<Row>(
      `WITH f AS (SELECT *, 0::float8 AS key FROM (${FACTS} WHERE t.id = $3) facts) SELECT ${COLUMNS} FROM f ${live(true)}`,
      [...this.today(), id],
    );
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    return this.stateOf(row);
  }

  private today(): [string, string] {
    const now = this.clock.now();
    return [`${jstMonthOf(now)}-01`, jstDayOf(now)];
  }

  private stateOf(row: Row): CityState {
    const { id, code, name, status, createdAt, stage, statusReason, statusChangedAt, trialEndsOn, contractEndsOn } =
      row;
    return {
      ...{ id, code, name, status, createdAt, stage, statusReason, statusChangedAt, trialEndsOn, contractEndsOn },
      members: row.members,
      month: {
        month: jstMonthOf(this.clock.now()),
        limitTokens: row.limit,
        usedTokens: row.used,
        reservedTokens: row.reserved,
      },
      jobs: { waiting: row.waiting, running: row.running, held: row.held },
      day: { ended: row.endedDay, failed: row.failedDay },
      week: { ended: row.endedWeek, failed: row.failedWeek },
      lastActivityAt: row.lastActivityAt,
    };
  }
}
