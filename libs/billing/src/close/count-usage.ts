import type { CrossTenantTransaction } from '#libs/database';
import { type JstMonth, jstMonthRange } from '#libs/kernel';
import { SUMS, type TermsChange, countOwnUsage } from './own-usage.ts';

const sumsOf = (prefix: string): string =>
  SUMS.map((column) => `sum(${prefix}${column})::bigint AS ${column}`).join(', ');

/** The month of acceptance of a row. */
const ACCEPTED_MONTH = `date_trunc('month', u.accepted_at AT TIME ZONE 'Asia/Tokyo')::date`;

/** Where terms change within a month: which stretch, from when until when. Few rows, often none. */
const CHANGES = `
  SELECT s.tenant_id AS "tenantId", s.stretch_from::text AS "from",
    s.stretch_from::timestamp AT TIME ZONE 'Asia/Tokyo' AS "startsAt",
    (s.stretch_to + 1)::timestamp AT TIME ZONE 'Asia/Tokyo' AS "endsAt"
  FROM (SELECT DISTINCT date_trunc('month', valid_from)::date AS month FROM contract_terms
        WHERE approved_at IS NOT NULL AND extract(day FROM valid_from) > 1
          AND valid_from < $1::date + interval '1 month') m
  CROSS JOIN LATERAL contract_stretches(m.month) s WHERE s.stretch_from > m.month
  ORDER BY s.tenant_id, s.stretch_from`;

const STRETCH = `LEFT JOIN unnest($2::uuid[], $3::date[], $4::timestamptz[], $5::timestamptz[])
    AS c (tenant_id, stretch_from, starts_at, ends_at)
  ON c.tenant_id = u.tenant_id AND u.accepted_at >= c.starts_at AND u.accepted_at < c.ends_at`;

const KEYS = `u.tenant_id, ${ACCEPTED_MONTH} AS accepted_month, coalesce(c.stretch_from, ${ACCEPTED_MONTH}) AS stretch_from,
  u.department_id, u.model, u.price_id, u.fx_rate_id`;

/** The rest, each row by the terms of its day: what came late (an index knows it) and corrections. */
const COUNT_REST = `
  INSERT INTO counted_usage
  SELECT ${KEYS}, count(*), ${sumsOf('u.')}
  FROM usage_records u ${STRETCH}
  WHERE u.billing_month = $1 AND u.billing_month <> ${ACCEPTED_MONTH}
  GROUP BY 1, 2, 3, 4, 5, 6, 7
  UNION ALL
  -- what was corrected is no further call
  SELECT ${KEYS}, 0, ${SUMS.map((column) => `x.${column}`).join(', ')}
  FROM usage_corrections x
  JOIN usage_records u ON u.tenant_id = x.tenant_id AND u.id = x.usage_record_id ${STRETCH}
  WHERE x.billing_month = $1`;

/** The order of lines is the order of groups: one sort, so no hashing. */
const KEEP = `
  INSERT INTO period_usage (tenant_id, month, line, accepted_month, stretch_from, department_id, model, price_id,
    fx_rate_id, calls, ${SUMS.join(', ')})
  SELECT tenant_id, $1::date,
    row_number() OVER (PARTITION BY tenant_id
      ORDER BY accepted_month, stretch_from, department_id, model, price_id, fx_rate_id),
    accepted_month, stretch_from, department_id, model, price_id, fx_rate_id, sum(calls)::bigint, ${sumsOf('')}
  FROM counted_usage
  GROUP BY tenant_id, accepted_month, stretch_from, department_id, model, price_id, fx_rate_id`;

/**
 * Sums what a frozen month bills by what shares price, rate, department, model and terms, in place of any sums it has. One
 * pass over the month's rows.
 */
export async function countUsage(tx: CrossTenantTransaction, month: JstMonth): Promise<void> {
  const first = `${month}-01`;
  const { start } = jstMonthRange(month);
  const changes = await tx.query<TermsChange>(CHANGES, [first]);
  // Plans for these values: what is right for a month of ten million rows is not for any month
  await tx.query(`SELECT set_config('statement_timeout', '3600000', true), set_config('work_mem', '64MB', true),
    set_config('plan_cache_mode', 'force_custom_plan', true)`);
  await tx.query('DELETE FROM period_usage WHERE month = $1', [first]);
  const own = countOwnUsage(
    first,
    start,
    changes.filter(({ startsAt }) => startsAt > start),
  );
  await tx.query(own.sql, own.values);
  await tx.query(COUNT_REST, [
    first,
    changes.map(({ tenantId }) => tenantId),
    changes.map(({ from }) => from),
    changes.map(({ startsAt }) => startsAt),
    changes.map(({ endsAt }) => endsAt),
  ]);
  await tx.query(`SELECT set_config('enable_hashagg', 'off', true)`);
  await tx.query(KEEP, [first]);
}
