import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { fiscalYearOf, jstMonthRange, type JstMonth } from '#libs/kernel';

/** Every municipality of the country. */
export const CITIES = 1_741;
export const DEPARTMENTS = 20;
export const MODELS = 3;

/** Where terms change in the middle of the month: one city in so many. */
const CHANGING = 50;
const PRICED_SINCE = '2020-04-01T00:00:00+09:00';

/** Cities with departments, contracts and approved terms of both kinds, prices and an exchange rate. */
export async function foundCities(everything: DataSource, month: JstMonth): Promise<readonly [string, string]> {
  const people = [randomUUID(), randomUUID()] as const;
  const year = fiscalYearOf(jstMonthRange(month).start);
  for (const [index, id] of people.entries())
    await everything.query(
      `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
         created_at, updated_at) VALUES ($1, $2, $2, $2, 'finance', '', now(), now(), now())`,
      [id, `finance-${index}`],
    );
  await everything.query(
    `INSERT INTO model_prices SELECT gen_random_uuid(), 'model-' || n, '${PRICED_SINCE}', 'USD', 3.3 * n, 16.5 * n, 0.33,
       4.125, '試験', $1, now(), $2, now() FROM generate_series(1, ${MODELS}) AS n`,
    people.slice(),
  );
  await everything.query(
    `INSERT INTO fx_rates SELECT gen_random_uuid(), '${PRICED_SINCE}', 152.37, '試験', $1, now(), $2, now()`,
    people.slice(),
  );
  await everything.query(
    `INSERT INTO tenants SELECT gen_random_uuid(), (100000 + n)::text, '計測第' || n || '市', 'active', now(), now()
     FROM generate_series(1, ${CITIES}) AS n`,
  );
  await everything.query(
    `INSERT INTO departments SELECT id, gen_random_uuid(), NULL, lpad(n::text, 4, '0'), '第' || n || '課', now(), now()
     FROM tenants CROSS JOIN generate_series(1, ${DEPARTMENTS}) AS n`,
  );
  await everything.query(
    `INSERT INTO contracts (tenant_id, id, fiscal_year, title, starts_on, ends_on, billing_name, created_by, created_at)
     SELECT id, gen_random_uuid(), $1::integer, '生成AIサービス利用', make_date($1, 4, 1), make_date($1 + 1, 3, 31), name || '長',
       $2, now() FROM tenants`,
    [year, people[0]],
  );
  for (const [validFrom, cities] of [
    [`${year}-04-01`, 'true'],
    [`${month}-15`, `t.code::integer % ${CHANGING} = 0`],
  ])
    await everything.query(
      `INSERT INTO contract_terms (tenant_id, contract_id, valid_from, base_fee_jpy, unit, counts_input, counts_output,
         counts_cache, included_units, pricing, unit_price_jpy, markup, proposed_by, proposed_at, approved_by, approved_at)
       SELECT t.id, c.id, $1, 30000, 'tokens', true, true, true, 100000, p.pricing,
         CASE p.pricing WHEN 'unit_price' THEN 1200.5 END, CASE p.pricing WHEN 'cost_plus' THEN 0.15 END, $2, now(), $3, now()
       FROM tenants t JOIN contracts c ON c.tenant_id = t.id
       CROSS JOIN LATERAL (SELECT CASE t.code::integer % 2 WHEN 0 THEN 'unit_price' ELSE 'cost_plus' END AS pricing) p
       WHERE ${cities}`,
      [validFrom, ...people],
    );
  return people;
}

/**
 * Calls of one month in the order in which they were accepted, the cities among each other. The largest makes one in forty of
 * them, as Yokohama would, the smallest one in some thousands.
 */
export async function addUsage(everything: DataSource, month: JstMonth, rows: number): Promise<void> {
  const { start, end } = jstMonthRange(month);
  const runner = everything.createQueryRunner();
  // Ten million rows take longer than any request may
  await runner.query('SET statement_timeout = 0');
  await runner.query(
    `CREATE TABLE bench_seats AS
       SELECT row_number() OVER (ORDER BY t.code, d.code) AS no, t.id AS tenant_id, d.id AS department_id
       FROM tenants t JOIN departments d ON d.tenant_id = t.id;
     CREATE TABLE bench_models AS
       SELECT row_number() OVER (ORDER BY p.model) AS no, p.model, p.id AS price_id, f.id AS fx_rate_id
       FROM model_prices p CROSS JOIN fx_rates f;
     ANALYZE bench_seats, bench_models`,
  );
  // Indexes are made afterwards, in one go; what is put in is known to obey the foreign keys
  await runner.query(
    `BEGIN;
     SET LOCAL session_replication_role = replica;
     SET LOCAL work_mem = '64MB';
     UPDATE pg_index SET indisready = false WHERE indrelid = 'usage_records'::regclass;
     SELECT setseed(0.4);
     INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, segment, department_id, model, deployment_id,
       input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source,
       accepted_at, recorded_at, billing_month, price_id, fx_rate_id)
     SELECT s.tenant_id, u.id, 'job', u.id, 'lgwan', s.department_id, m.model, 'box-1', 1000 + u.n % 977, 200 + u.n % 311,
       u.n % 89, u.n % 53, 1500 + u.n % 1013, 300 + u.n % 401, 'provider', u.at, u.at, '${month}-01', m.price_id, m.fx_rate_id
     FROM (SELECT n, gen_random_uuid() AS id, 1 + floor(${CITIES * DEPARTMENTS} * power(random(), 2))::bigint AS seat,
             1 + n % ${MODELS} AS model,
             '${start.toISOString()}'::timestamptz
               + n * ('${end.toISOString()}'::timestamptz - '${start.toISOString()}'::timestamptz) / ${rows + 1} AS at
           FROM generate_series(1, ${rows}) AS n) u
     JOIN bench_seats s ON s.no = u.seat JOIN bench_models m ON m.no = u.model;
     COMMIT`,
  );
  await runner.query('REINDEX TABLE usage_records');
  await runner.query('VACUUM ANALYZE');
  await runner.query('RESET statement_timeout');
  await runner.release();
}
