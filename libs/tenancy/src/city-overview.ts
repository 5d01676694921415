import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { Clock, DomainError, type JstMonth, jstMonthOf } from '#libs/kernel';
import type { City } from './city-registry.ts';

/** A city as the vendor sees it: states and counts, no word of content and no name of a person. */
export interface CityState extends City {
  readonly members: number;
  readonly month: {
    readonly month: JstMonth;
    readonly limitTokens: number;
    readonly usedTokens: number;
    readonly reservedTokens: number;
  };
  readonly jobs: { readonly waiting: number; readonly running: number };
  readonly lastActivityAt: Date | null;
}

interface Row extends City {
  members: number;
  limit: number;
  used: number;
  reserved: number;
  waiting: number;
  running: number;
  lastActivityAt: Date | null;
}

/** One read across the facts other domains keep per city. Works with the ops role, whose grants bound what it can see. */
@Injectable()
export class CityOverview {
  constructor(private readonly clock: Clock) {}

  /** One page in order of municipality code. @param after code of the last city of the page before */
  list(tx: Transaction, { after, limit }: { after: string; limit: number }): Promise<CityState[]> {
    return this.read(tx, 't.code > $2 ORDER BY t.code LIMIT $3', [after, limit]);
  }

  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: Transaction, id: string): Promise<CityState> {
    const [state] = await this.read(tx, 't.id = $2', [id]);
    if (!state) throw new DomainError('REQUEST.NOT_FOUND');
    return state;
  }

  private async read(tx: Transaction, which: string, parameters: unknown[]): Promise<CityState[]> {
    const month = jstMonthOf(this.clock.now());
    const rows = await tx.query<Row>(
      `SELECT t.id, t.code, t.name, t.status, t.created_at AS "createdAt", m.active AS members,
              coalesce(b.limit_tokens, 0)::float8 AS "limit", coalesce(b.used_tokens, 0)::float8 AS used,
              coalesce(b.reserved_tokens, 0)::float8 AS reserved,
              coalesce(s.waiting, 0) AS waiting, coalesce(s.running, 0) AS running,
              greatest(m.last_sign_in_at, (SELECT max(u.accepted_at) FROM usage_records u WHERE u.tenant_id = t.id))
                AS "lastActivityAt"
       FROM tenants t
       LEFT JOIN budgets b ON b.tenant_id = t.id AND b.month = $1
       LEFT JOIN admission_shares s ON s.tenant_id = t.id
       CROSS JOIN LATERAL (
         SELECT count(*) FILTER (WHERE status = 'active')::integer AS active, max(last_sign_in_at) AS last_sign_in_at
         FROM members WHERE tenant_id = t.id) m
       WHERE ${which}`,
      [`${month}-01`, ...parameters],
    );
    return rows.map(({ limit: limitTokens, used, reserved, waiting, running, ...row }) => ({
      ...row,
      month: { month, limitTokens, usedTokens: used, reservedTokens: reserved },
      jobs: { waiting, running },
    }));
  }
}
