import type { Client } from 'pg';

const MEMBERS = 50;
const HOURS = 24 * 7;

/**
 * Cities as the console meets them, beside those of the demo: each with members, a budget, a contract or a trial, outcomes
 * of a week by the hour, and some with jobs in line. As the sums are after a worker's minute.
 */
export async function addCities(everything: Client, cities: number): Promise<void> {
  await everything.query('SET session_replication_role = replica');
  await everything.query(
    `INSERT INTO tenants (id, code, name, status, trial_ends_on, created_at, updated_at)
     SELECT gen_random_uuid(), (200000 + n)::text, '計測市' || n, CASE WHEN n % 40 = 0 THEN 'suspended' ELSE 'active' END,
       CASE WHEN n % 10 = 0 THEN current_date + 30 END, now(), now() FROM generate_series(1, $1) AS n`,
    [cities],
  );
  const made = `(SELECT id, code::integer - 200000 AS n FROM tenants WHERE name LIKE '計測市%') AS c`;
  for (const statement of [
    `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, password_changed_at,
       last_sign_in_at, created_at, updated_at)
     SELECT id, gen_random_uuid(), 'm' || m, 'm' || m, '職員', 'staff', 'lgwan', now(), now() - n * interval '1 minute', now(), now()
     FROM ${made}, generate_series(1, ${MEMBERS}) AS m`,
    `INSERT INTO budgets (tenant_id, month, limit_tokens, used_tokens)
     SELECT id, date_trunc('month', now() AT TIME ZONE 'Asia/Tokyo')::date, 10000000, n * 4000 FROM ${made}`,
    `INSERT INTO admission_shares (tenant_id, waiting, running, suspension)
     SELECT id, CASE WHEN n % 5 = 0 THEN n % 50 ELSE 0 END, n % 3, CASE WHEN n % 40 = 0 THEN 'finish' END FROM ${made}`,
    `INSERT INTO contracts (tenant_id, id, fiscal_year, title, starts_on, ends_on, billing_name, created_by, created_at)
     SELECT id, gen_random_uuid(), 2026, '利用契約', '2026-04-01', '2027-03-31', '市長', gen_random_uuid(), now()
     FROM ${made} WHERE n % 10 <> 0`,
    `INSERT INTO contract_terms (tenant_id, contract_id, valid_from, base_fee_jpy, unit, counts_input, counts_output,
       counts_cache, included_units, pricing, unit_price_jpy, proposed_by, proposed_at, approved_by, approved_at)
     SELECT t.tenant_id, t.id, t.starts_on, 100000, 'tokens', true, true, false, 0, 'unit_price', 1, gen_random_uuid(), now(),
       gen_random_uuid(), now() FROM contracts t JOIN tenants c ON c.id = t.tenant_id WHERE c.name LIKE '計測市%'`,
    `INSERT INTO city_hours (tenant_id, hour, ended, failed)
     SELECT id, date_trunc('hour', now()) - h * interval '1 hour', 100, n % 7 FROM ${made}, generate_series(0, ${HOURS - 1}) AS h`,
    `INSERT INTO city_activity (tenant_id, members, counted_at, last_sign_in_at, last_use_at, ended_day, failed_day, ended_week, failed_week)
     SELECT id, ${MEMBERS}, now(), now() - n * interval '1 minute', now() - n * interval '1 hour', 2400, 24 * (n % 7), 16800, 168 * (n % 7)
     FROM ${made}`,
  ])
    await everything.query(statement);
  await everything.query('SET session_replication_role = origin');
  await everything.query('VACUUM ANALYZE');
}
