import { Injectable } from '@nestjs/common';
import { Temporal } from 'temporal-polyfill';
import type { CrossTenantTransaction } from '#libs/database';
import { Clock, type JstMonth, jstMonthRange } from '#libs/kernel';
import { type CloseFault, EXAMPLES } from './period.ts';
import { COVERED_DAYS, type CoveredDays, uncoveredDays } from './uncovered-days.ts';

/** Work of a month whose use nobody knows yet. Who does the work knows of it; billing does not know what a job is. */
export abstract class UnknownUsage {
  abstract countIn(tx: CrossTenantTransaction, month: JstMonth): Promise<number>;
}

/**
 * The month to close next: after the last closed one, or the first that has usage. A month that was left out could never be
 * billed: what comes late to it goes to the first open month after it.
 */
const NEXT_MONTH = `
  SELECT to_char(coalesce(
    (SELECT max(month) + interval '1 month' FROM billing_periods WHERE state = 'closed'),
    (SELECT min(billing_month) FROM usage_records WHERE billing_month < $1)), 'YYYY-MM') AS next`;

const UNRATED = `
  SELECT model AS name, count(*)::integer AS count FROM usage_records
  WHERE billing_month = $1 AND price_id IS NULL GROUP BY model ORDER BY model`;

const RUNNING = `
  SELECT t.name, count(*)::integer AS count FROM reservations r JOIN tenants t ON t.id = r.tenant_id
  WHERE r.month = $1 AND r.state = 'held' AND r.subject_type <> 'lost_call' GROUP BY t.code, t.name ORDER BY t.code`;

/** Cities that used something on days that neither a contract nor a trial of theirs covers. */
const WITHOUT_CONTRACT = `
  SELECT t.name, 1 AS count FROM tenants t
  WHERE EXISTS (
    SELECT FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS gap (tenant_id, starts_at, ends_at)
    JOIN usage_records u ON u.tenant_id = gap.tenant_id AND u.accepted_at >= gap.starts_at AND u.accepted_at < gap.ends_at
    WHERE gap.tenant_id = t.id)
  ORDER BY t.code`;

interface Named {
  readonly name: string;
  readonly count: number;
}

/** What stands between a month and its close. */
@Injectable()
export class CloseChecks {
  constructor(
    private readonly unknown: UnknownUsage,
    private readonly clock: Clock,
  ) {}

  /** Empty when the month can be closed. Index look-ups alone: it is asked under the lock that recorders wait for. */
  async faultsOf(tx: CrossTenantTransaction, month: JstMonth): Promise<CloseFault[]> {
    if (this.clock.now() < jstMonthRange(month).end) return [{ code: 'month-not-over', count: 1, examples: [month] }];
    const first = [`${month}-01`];
    // A plan for any month would expect a third of all usage before it, and read all of it to find the earliest
    await tx.query(`SELECT set_config('plan_cache_mode', 'force_custom_plan', true)`);
    const [next, running, unknown, unrated, uncovered] = await Promise.all([
      tx.query<{ next: string | null }>(NEXT_MONTH, first),
      tx.query<Named>(RUNNING, first),
      this.unknown.countIn(tx, month),
      tx.query<Named>(UNRATED, first),
      this.citiesWithoutContract(tx, month),
    ]);
    const earlier = next[0]?.next;
    return [
      ...(earlier && earlier < month ? [{ code: 'earlier-month-open' as const, count: 1, examples: [earlier] }] : []),
      ...faultOf('work-running', running),
      ...(unknown > 0 ? [{ code: 'calls-unknown' as const, count: unknown, examples: [] }] : []),
      ...faultOf('usage-unrated', unrated),
      ...faultOf('city-without-contract', uncovered),
    ];
  }

  private async citiesWithoutContract(tx: CrossTenantTransaction, month: JstMonth): Promise<Named[]> {
    const [coverage, cities] = await Promise.all([
      tx.query<CoveredDays>(COVERED_DAYS, [`${month}-01`]),
      tx.query<{ id: string }>('SELECT id FROM tenants ORDER BY id'),
    ]);
    const gaps = uncoveredDays(
      month,
      cities.map(({ id }) => id),
      coverage,
    );
    return tx.query<Named>(WITHOUT_CONTRACT, [
      gaps.map(({ tenantId }) => tenantId),
      gaps.map(({ from }) => startOf(from)),
      gaps.map(({ until }) => startOf(until)),
    ]);
  }
}

const startOf = (day: string): Date =>
  new Date(Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: 'Asia/Tokyo' }).epochMilliseconds);

function faultOf(code: CloseFault['code'], named: readonly Named[]): CloseFault[] {
  if (named.length === 0) return [];
  return [
    {
      code,
      count: named.reduce((sum, { count }) => sum + count, 0),
      examples: named.slice(0, EXAMPLES).map(({ name }) => name),
    },
  ];
}
