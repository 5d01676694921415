import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

const FACTS = `tenant_id, id, subject_type, subject_id, segment, department_id, model, deployment_id, input_tokens,
  output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source, accepted_at,
  recorded_at, call, billing_month, price_id, fx_rate_id`;

/** Usage of models outside the pool, a city's own box for one, comes in files (libs/metering, UsageImport). */
export class ImportUsage20261122020200 implements MigrationInterface {
  name = 'ImportUsage20261122020200';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      // Calls of no job, no member and no key: nothing that the product recorded itself can come in this way.
      `CREATE POLICY imported_by_finance ON usage_records FOR INSERT TO moyai_finance
         WITH CHECK (subject_type = 'external_call')`,
      `GRANT INSERT (${FACTS}) ON usage_records TO moyai_finance`,
      // Raises what a city and its department have used in a month, as a settlement would that had reserved nothing.
      `CREATE FUNCTION usage_import_settle(p_tenant uuid, p_month date, p_tokens bigint, p_department_id uuid)
         RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
       BEGIN
         PERFORM set_config('app.tenant_id', p_tenant::text, true);
         PERFORM budget_open(p_month);
         PERFORM budget_settle(p_month, p_tokens, 0, p_department_id, NULL);
       END $$`,
      ...executableBy('moyai_finance', 'usage_import_settle(uuid, date, bigint, uuid)'),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
