import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

/** A city that leaves is billed before it is removed, and what it cost stays in the reconciliation of its months. */
export class BillBeforeRemoval20261124030000 implements MigrationInterface {
  name = 'BillBeforeRemoval20261124030000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [UNBILLED, ...executableBy('moyai_ops', 'city_unbilled()'), ...REMOVED_USAGE]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/** Ops may read neither invoices nor whose month is billed: only what stands in the way of the city of the transaction. */
const UNBILLED = `CREATE FUNCTION city_unbilled() RETURNS TABLE (kind text, month date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT 'usage', m.month
  FROM (SELECT billing_month AS month FROM usage_records WHERE tenant_id = app_tenant_id()
    UNION SELECT billing_month FROM usage_corrections WHERE tenant_id = app_tenant_id() AND approved_at IS NOT NULL) m
  WHERE NOT EXISTS (SELECT FROM billing_periods b WHERE b.month = m.month AND b.state = 'closed')
  UNION
  SELECT 'invoice', month FROM invoices WHERE tenant_id = app_tenant_id() AND number IS NULL
  ORDER BY 1, 2
$$`;

const REMOVED_USAGE = [
  // Of all removed cities together: whose it was is not known any more
  `CREATE TABLE removed_usage (
     -- UTC, as the provider's are
     day date NOT NULL,
     model text NOT NULL,
     deployment_id text NOT NULL,
     price_id uuid REFERENCES model_prices (id),
     calls bigint NOT NULL,
     input_tokens bigint NOT NULL,
     output_tokens bigint NOT NULL,
     cache_read_tokens bigint NOT NULL,
     cache_write_tokens bigint NOT NULL,
     UNIQUE NULLS NOT DISTINCT (day, model, deployment_id, price_id)
   )`,
  'GRANT SELECT ON removed_usage TO moyai_finance',
  `CREATE FUNCTION usage_is_removed() RETURNS trigger
   LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
   BEGIN
     INSERT INTO removed_usage AS r
     SELECT (recorded_at AT TIME ZONE 'UTC')::date, model, deployment_id, price_id, count(*), sum(input_tokens),
       sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens)
     FROM gone WHERE deployment_id IS NOT NULL GROUP BY 1, 2, 3, 4
     ON CONFLICT (day, model, deployment_id, price_id) DO UPDATE SET calls = r.calls + EXCLUDED.calls,
       input_tokens = r.input_tokens + EXCLUDED.input_tokens, output_tokens = r.output_tokens + EXCLUDED.output_tokens,
       cache_read_tokens = r.cache_read_tokens + EXCLUDED.cache_read_tokens,
       cache_write_tokens = r.cache_write_tokens + EXCLUDED.cache_write_tokens;
     RETURN NULL;
   END $$`,
  'REVOKE ALL ON FUNCTION usage_is_removed() FROM PUBLIC',
  `CREATE TRIGGER kept_for_reconciliation AFTER DELETE ON usage_records REFERENCING OLD TABLE AS gone
     FOR EACH STATEMENT WHEN (current_user = 'moyai_exit') EXECUTE FUNCTION usage_is_removed()`,
];
