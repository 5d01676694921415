import type { CrossTenantTransaction } from '#libs/database';
import { type JstMonth, jstMonthRange } from '#libs/kernel';

const SUMS = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'input_characters',
  'output_characters',
];
const sumsOf = (prefix: string): string =>
  SUMS.map((column) => `sum(${prefix}${column})::bigint AS ${column}`).join(', ');

/** The month is the usual answer and costs a comparison; only what came late has its own worked out. */
const ACCEPTED_MONTH = `CASE WHEN u.accepted_at >= $2 THEN $1::date
  ELSE date_trunc('month', u.accepted_at AT TIME ZONE 'Asia/Tokyo')::date END`;

/** Where terms change within a month: which stretch, from when until when. Few rows, often none. */
const CHANGES = `
  SELECT s.tenant_id AS "tenantId", s.stretch_from::text AS "from",
    s.stretch_from::timestamp AT TIME ZONE 'Asia/Tokyo' AS "startsAt",
    (s.stretch_to + 1)::timestamp AT TIME ZONE 'Asia/Tokyo' AS "endsAt"
  FROM (SELECT DISTINCT date_trunc('month', valid_from)::date AS month FROM contract_terms
        WHERE approved_at IS NOT NULL AND extract(day FROM valid_from) > 1
          AND valid_from < $1::date + interval '1 month') m
  CROSS JOIN LATERAL contract_stretches(m.month) s WHERE s.stretch_from > m.month`;

interface Change {
  readonly tenantId: string;
  readonly from: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

const STRETCH = `LEFT JOIN unnest($3::uuid[], $4::date[], $5::timestamptz[], $6::timestamptz[])
    AS c (tenant_id, stretch_from, starts_at, ends_at)
  ON c.tenant_id = u.tenant_id AND u.accepted_at >= c.starts_at AND u.accepted_at < c.ends_at`;

const KEYS = `u.tenant_id, ${ACCEPTED_MONTH} AS accepted_month, c.stretch_from, u.department_id, u.model, u.price_id,
  u.fx_rate_id`;

/**
 * A table of its own first: PostgreSQL reads in parallel for CREATE TABLE AS and not for INSERT, and nearly all of the time
 * goes into reading.
 */
const COUNT = `
  CREATE TEMPORARY TABLE counted_usage ON COMMIT DROP AS
  SELECT ${KEYS}, count(*) AS calls, ${sumsOf('u.')}
  FROM usage_records u ${STRETCH}
  WHERE u.billing_month = $1
  GROUP BY 1, 2, 3, 4, 5, 6, 7`;

/** What was corrected is no further call. */
const CORRECTIONS = `
  SELECT ${KEYS}, 0 AS calls, ${SUMS.map((column) => `x.${column}`).join(', ')}
  FROM usage_corrections x
  JOIN usage_records u ON u.tenant_id = x.tenant_id AND u.id = x.usage_record_id ${STRETCH}
  WHERE x.billing_month = $1`;

const KEEP = `
  INSERT INTO period_usage (tenant_id, month, line, accepted_month, stretch_from, department_id, model, price_id,
    fx_rate_id, calls, ${SUMS.join(', ')})
  SELECT tenant_id, $1::date,
    row_number() OVER (PARTITION BY tenant_id
      ORDER BY accepted_month, stretch_from NULLS FIRST, department_id, model, price_id, fx_rate_id),
    accepted_month, coalesce(stretch_from, accepted_month), department_id, model, price_id, fx_rate_id,
    sum(calls)::bigint, ${sumsOf('')}
  FROM (SELECT * FROM counted_usage UNION ALL ${CORRECTIONS}) AS all_usage
  GROUP BY tenant_id, accepted_month, stretch_from, department_id, model, price_id, fx_rate_id`;

/**
 * Sums what a frozen month bills by what shares price, rate, department, model and terms, in place of any sums it has. One
 * pass over the month's rows.
 */
export async function countUsage(tx: CrossTenantTransaction, month: JstMonth): Promise<void> {
  const first = `${month}-01`;
  const changes = await tx.query<Change>(CHANGES, [first]);
  const parameters = [
    first,
    jstMonthRange(month).start,
    changes.map(({ tenantId }) => tenantId),
    changes.map(({ from }) => from),
    changes.map(({ startsAt }) => startsAt),
    changes.map(({ endsAt }) => endsAt),
  ];
  await tx.query(`SELECT set_config('statement_timeout', '3600000', true), set_config('work_mem', '64MB', true)`);
  await tx.query('DELETE FROM period_usage WHERE month = $1', [first]);
  // Left to itself the planner takes every row for a group of its own and sorts them all.
  await tx.query(`SELECT set_config('enable_sort', 'off', true)`);
  await tx.query(COUNT, parameters);
  await tx.query(`SELECT set_config('enable_sort', 'on', true)`);
  await tx.query(KEEP, parameters);
}
