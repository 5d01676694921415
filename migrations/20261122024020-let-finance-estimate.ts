import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** The vendor's finance estimates a city's next year by department and 事務, as the city itself does. */
export class LetFinanceEstimate20261122024020 implements MigrationInterface {
  name = 'LetFinanceEstimate20261122024020';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      'GRANT SELECT (purpose_id) ON usage_records TO moyai_finance',
      'CREATE POLICY moyai_finance_across_tenants ON purposes FOR SELECT TO moyai_finance USING (true)',
      'GRANT SELECT (tenant_id, id, name) ON purposes TO moyai_finance',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
