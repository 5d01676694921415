import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** A city follows its invoice to the calls behind it: it must know of which months they may be. */
export class ShowCitiesTheirCalls20261122045100 implements MigrationInterface {
  name = 'ShowCitiesTheirCalls20261122045100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, ['GRANT SELECT (tenant_id, month, accepted_month) ON period_usage TO moyai_app']);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
