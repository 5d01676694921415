import { Injectable } from '@nestjs/common';
import type { TenantTransaction, Transaction } from '#libs/database';
import { Clock, type TenantId, jstDayOf } from '#libs/kernel';

export const ENDING_KINDS = ['trial', 'contract'] as const;

/** That a city's service ends soon, and nothing agreed to follows. */
export interface CityEnding {
  readonly kind: (typeof ENDING_KINDS)[number];
  /** The last JST day of service, `YYYY-MM-DD`. */
  readonly endsOn: string;
  /** Whole days until that day; 0 on the day itself. */
  readonly daysLeft: number;
}

/** As the vendor sees it. */
export interface EndingOfCity extends CityEnding {
  readonly city: { readonly id: TenantId; readonly code: string; readonly name: string };
}

/** How many days before the last one people are told, first to last. */
export const TOLD_BEFORE = { trial: [14, 3], contract: [30, 7] } as const;

/**
 * $1: today in JST. Contracts count once their terms were approved. A trial is overtaken by a contract that begins no later
 * than the day after it; a contract's last day moves on with the next one.
 */
const ENDINGS = `
  WITH agreed AS (
    SELECT c.tenant_id, min(c.starts_on) AS first, max(c.ends_on) AS last FROM contracts c
    WHERE EXISTS (SELECT FROM contract_terms p
                  WHERE p.tenant_id = c.tenant_id AND p.contract_id = c.id AND p.approved_at IS NOT NULL)
    GROUP BY 1)
  SELECT t.id, e.kind, to_char(e.ends_on, 'YYYY-MM-DD') AS "endsOn", e.ends_on - $1::date AS "daysLeft"
  FROM tenants t LEFT JOIN agreed a ON a.tenant_id = t.id
  CROSS JOIN LATERAL (
    SELECT 'trial' AS kind, t.trial_ends_on AS ends_on, ${TOLD_BEFORE.trial[0]} AS days
      WHERE a.first IS NULL OR a.first > t.trial_ends_on + 1
    UNION ALL SELECT 'contract', a.last, ${TOLD_BEFORE.contract[0]} WHERE a.first <= $1::date) e
  WHERE t.status = 'active' AND e.ends_on BETWEEN $1::date AND $1::date + e.days`;

/** Which trials and contracts end soon: read from the facts, for the city, the vendor and the mails alike. */
@Injectable()
export class CityEndings {
  constructor(private readonly clock: Clock) {}

  /** Of the city of the transaction. */
  async own(tx: TenantTransaction): Promise<CityEnding[]> {
    const rows = await tx.query<CityEnding & { id: string }>(`${ENDINGS} AND t.id = $2`, [
      this.today(),
      tx.scope.tenantId,
    ]);
    return rows.map(({ kind, endsOn, daysLeft }) => ({ kind, endsOn, daysLeft }));
  }

  /** Of all cities, the first to end first. @param tx of a role that sees all cities and their contracts */
  async all(tx: Transaction): Promise<EndingOfCity[]> {
    const rows = await tx.query<CityEnding & { id: TenantId; code: string; name: string }>(
      `SELECT e.*, t.code, t.name FROM (${ENDINGS}) e JOIN tenants t ON t.id = e.id ORDER BY e."daysLeft", t.code`,
      [this.today()],
    );
    return rows.map(({ id, code, name, kind, endsOn, daysLeft }) => ({
      city: { id, code, name },
      ...{ kind, endsOn, daysLeft },
    }));
  }

  /** Ids of cities that are to be told. @param tx of the worker's role across cities, which knows no names */
  async concerned(tx: Transaction): Promise<TenantId[]> {
    const rows = await tx.query<{ id: TenantId }>(ENDINGS, [this.today()]);
    return rows.map(({ id }) => id);
  }

  private today(): string {
    return jstDayOf(this.clock.now());
  }
}

/** The step at which people were told last: each is told of once, also by a worker that comes late. */
export const stepOf = ({ kind, daysLeft }: CityEnding): number =>
  [...TOLD_BEFORE[kind]].reverse().find((days) => daysLeft <= days) ?? TOLD_BEFORE[kind][0];
