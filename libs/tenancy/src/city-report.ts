import { Injectable } from '@nestjs/common';
import type { CrossTenantTransaction } from '#libs/database';
import { Clock } from '#libs/kernel';
import { SegmentPolicies } from './segment-policies.ts';

/** What a city needs before its people can work, in the order it is done. Each is read from the facts, none is ticked. */
export const READINESS = ['agreement', 'admin', 'network', 'budget', 'purpose', 'members'] as const;
export type Readiness = (typeof READINESS)[number];

/** What the vendor's page of a city shows beside its state. No names of persons. */
export interface CityReport {
  readonly ready: Readonly<Record<Readiness, boolean>>;
  /** Administrators, and those of them who have come. */
  readonly admins: { readonly invited: number; readonly came: number; readonly lastSignInAt: Date | null };
  readonly contracts: readonly {
    readonly id: string;
    readonly title: string;
    readonly startsOn: string;
    readonly endsOn: string;
    readonly plan: string | null;
    readonly approved: boolean;
  }[];
  /** The last twelve with a budget, oldest first. */
  readonly months: readonly { readonly month: string; readonly limitTokens: number; readonly usedTokens: number }[];
  /** JST days with jobs that ended, of the last thirty, oldest first. */
  readonly days: readonly { readonly day: string; readonly ended: number; readonly failed: number }[];
}

interface Counts {
  readonly invited: number;
  readonly came: number;
  readonly lastSignInAt: Date | null;
  readonly active: number;
  readonly purposes: number;
}

const COUNTS = `
  SELECT count(*) FILTER (WHERE status = 'active')::integer AS active,
    count(*) FILTER (WHERE role = 'admin' AND status = 'active')::integer AS invited,
    count(*) FILTER (WHERE role = 'admin' AND last_sign_in_at IS NOT NULL)::integer AS came,
    max(last_sign_in_at) FILTER (WHERE role = 'admin') AS "lastSignInAt",
    (SELECT count(*)::integer FROM purposes p WHERE p.tenant_id = $1 AND p.enabled) AS purposes
  FROM members WHERE tenant_id = $1`;

const CONTRACTS = `
  SELECT c.id, c.title, to_char(c.starts_on, 'YYYY-MM-DD') AS "startsOn", to_char(c.ends_on, 'YYYY-MM-DD') AS "endsOn",
    p.name AS plan, t.approved_at IS NOT NULL AS approved
  FROM contracts c
  LEFT JOIN LATERAL (
    SELECT plan_id, approved_at FROM contract_terms t WHERE t.tenant_id = c.tenant_id AND t.contract_id = c.id
    ORDER BY approved_at IS NULL, valid_from DESC LIMIT 1) t ON true
  LEFT JOIN plans p ON p.id = t.plan_id
  WHERE c.tenant_id = $1 ORDER BY c.starts_on DESC LIMIT 20`;

const MONTHS = `
  SELECT * FROM (
    SELECT to_char(month, 'YYYY-MM') AS month, limit_tokens::float8 AS "limitTokens", used_tokens::float8 AS "usedTokens"
    FROM budgets WHERE tenant_id = $1 ORDER BY month DESC LIMIT 12) m ORDER BY month`;

const DAYS = `
  SELECT to_char(hour AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD') AS day, sum(ended)::integer AS ended, sum(failed)::integer AS failed
  FROM city_hours WHERE tenant_id = $1 AND hour >= $2 GROUP BY 1 ORDER BY 1`;

const THIRTY_DAYS_MS = 30 * 86_400_000;

/** Facts of one city for the vendor. Works with the ops role. */
@Injectable()
export class CityReports {
  constructor(
    private readonly policies: SegmentPolicies,
    private readonly clock: Clock,
  ) {}

  /** @param id of a city that exists */
  async read(tx: CrossTenantTransaction, id: string): Promise<CityReport> {
    await tx.actOn(id as Parameters<typeof tx.actOn>[0]);
    const [[counts], contracts, months, days, policies, [trial]] = await Promise.all([
      tx.query<Counts>(COUNTS, [id]),
      tx.query<CityReport['contracts'][number]>(CONTRACTS, [id]),
      tx.query<CityReport['months'][number]>(MONTHS, [id]),
      tx.query<CityReport['days'][number]>(DAYS, [id, new Date(this.clock.now().getTime() - THIRTY_DAYS_MS)]),
      this.policies.list(tx),
      tx.query<{ on: boolean }>('SELECT trial_ends_on IS NOT NULL AS on FROM tenants WHERE id = $1', [id]),
    ]);
    const { invited, came, lastSignInAt, active, purposes } = counts!;
    return {
      ready: {
        agreement: trial?.on === true || contracts.some(({ approved }) => approved),
        admin: came > 0,
        network: policies.some(({ open, addressRanges }) => open && addressRanges.length > 0),
        budget: (months.at(-1)?.limitTokens ?? 0) > 0,
        purpose: purposes > 0,
        members: active > 1,
      },
      admins: { invited, came, lastSignInAt },
      contracts,
      months,
      days,
    };
  }
}
