import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** What the close of a month needs in order to sum its usage in parallel, by hashing, in one pass. */
export class CountMonthsInParallel20261122038000 implements MigrationInterface {
  name = 'CountMonthsInParallel20261122038000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      // Without it the planner multiplies cities by departments by prices, expects every row to be a group, and sorts.
      `CREATE STATISTICS usage_records_groups (ndistinct)
         ON tenant_id, department_id, model, price_id, fx_rate_id FROM usage_records`,
      // The few that a later month bills, so that the month's pass need not work out the month of every row.
      `CREATE INDEX usage_records_late ON usage_records (billing_month)
         WHERE billing_month <> (date_trunc('month', accepted_at AT TIME ZONE 'Asia/Tokyo'))::date`,
      // Its rows are sums of rows that obey this reference; looking each city up again took as long as summing.
      'ALTER TABLE period_usage DROP CONSTRAINT period_usage_tenant_id_fkey',
      // A month's documents are a hundred megabytes; pglz, which every build has, is some five times slower.
      `DO $$ BEGIN
         IF 'lz4' = ANY ((SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression')::text[]) THEN
           ALTER TABLE invoices ALTER COLUMN document SET COMPRESSION lz4;
         END IF;
       END $$`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
