import { Injectable } from '@nestjs/common';
import { AdmissionDatabase, type CrossTenantTransaction } from '#libs/database';
import { Clock } from '#libs/kernel';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What the console's charts reach back to. */
const KEPT_DAYS = 100;
/** Cities whose members are counted a minute: two thousand of them take seven. */
const COUNTED_AT_ONCE = 300;

/**
 * Whole hours, counted anew from the last but one: what a process has missed, or counted half, mends itself. Of a city that is
 * being removed nothing comes back: its jobs go later than its hours.
 */
const COUNT_HOURS = `
  INSERT INTO city_hours AS h (tenant_id, hour, ended, failed)
  SELECT tenant_id, date_trunc('hour', finished_at), count(*), count(*) FILTER (WHERE status = 'failed')
  FROM jobs
  WHERE status IN ('completed', 'failed')
    AND EXISTS (SELECT FROM tenants t WHERE t.id = jobs.tenant_id AND t.status <> 'deleted')
    AND finished_at >= coalesce((SELECT max(hour) - interval '1 hour' FROM city_hours), date_trunc('hour', $1::timestamptz))
  GROUP BY 1, 2
  ON CONFLICT (tenant_id, hour) DO UPDATE SET ended = excluded.ended, failed = excluded.failed
  WHERE (h.ended, h.failed) IS DISTINCT FROM (excluded.ended, excluded.failed)`;

const KNOW_NEW_CITIES = `
  INSERT INTO city_activity (tenant_id, members, counted_at)
  SELECT id, 0, '-infinity' FROM tenants WHERE status <> 'deleted' ON CONFLICT DO NOTHING`;

const SUM_UP = `
  UPDATE city_activity a SET last_use_at = new.last_use_at, ended_day = new.ended_day, failed_day = new.failed_day,
    ended_week = new.ended_week, failed_week = new.failed_week
  FROM (
    SELECT c.tenant_id, u.last_use_at,
      coalesce(h.ended_day, 0) AS ended_day, coalesce(h.failed_day, 0) AS failed_day,
      coalesce(h.ended_week, 0) AS ended_week, coalesce(h.failed_week, 0) AS failed_week
    FROM city_activity c
    CROSS JOIN LATERAL (SELECT max(accepted_at) AS last_use_at FROM usage_records WHERE tenant_id = c.tenant_id) u
    LEFT JOIN (
      SELECT tenant_id, sum(ended)::integer AS ended_week, sum(failed)::integer AS failed_week,
        sum(ended) FILTER (WHERE hour > $1)::integer AS ended_day, sum(failed) FILTER (WHERE hour > $1)::integer AS failed_day
      FROM city_hours WHERE hour > $2 GROUP BY 1) h ON h.tenant_id = c.tenant_id) new
  WHERE new.tenant_id = a.tenant_id
    AND (a.last_use_at, a.ended_day, a.failed_day, a.ended_week, a.failed_week)
      IS DISTINCT FROM (new.last_use_at, new.ended_day, new.failed_day, new.ended_week, new.failed_week)`;

const COUNT_MEMBERS = `
  UPDATE city_activity a SET members = m.active, last_sign_in_at = m.last_sign_in_at, counted_at = $1
  FROM (SELECT tenant_id FROM city_activity ORDER BY counted_at LIMIT ${COUNTED_AT_ONCE}) due
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE status = 'active')::integer AS active, max(last_sign_in_at) AS last_sign_in_at
    FROM members WHERE tenant_id = due.tenant_id) m
  WHERE a.tenant_id = due.tenant_id`;

/**
 * Sums up what the console shows of every city, so that a page of it reads rows and counts none. Every worker asks once a
 * minute, one of them does it.
 */
@Injectable()
export class CityActivity {
  constructor(
    private readonly database: AdmissionDatabase,
    private readonly clock: Clock,
  ) {}

  /** @returns false when another process is doing it */
  refresh(): Promise<boolean> {
    return this.database.run(async (tx) => {
      const [turn] = await tx.query<{ mine: boolean }>(
        `SELECT pg_try_advisory_xact_lock(hashtext('moyai.city-activity')) AS mine`,
      );
      if (turn?.mine) await this.sumUp(tx);
      return turn?.mine === true;
    });
  }

  private async sumUp(tx: CrossTenantTransaction): Promise<void> {
    const now = this.clock.now().getTime();
    const before = (ms: number): Date => new Date(now - ms);
    await tx.query(COUNT_HOURS, [before(7 * DAY_MS)]);
    await tx.query('DELETE FROM city_hours WHERE hour < $1', [before(KEPT_DAYS * DAY_MS)]);
    await tx.query(KNOW_NEW_CITIES);
    await tx.query(SUM_UP, [before(DAY_MS), before(7 * DAY_MS)]);
    await tx.query(COUNT_MEMBERS, [new Date(now)]);
  }
}
