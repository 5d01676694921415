import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** A call from outside is one call, whichever city a file names: its id follows from where it ran and what it was called there. */
export class BillACallToOneCity20261122048100 implements MigrationInterface {
  name = 'BillACallToOneCity20261122048100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE UNIQUE INDEX usage_records_one_city_a_call ON usage_records (id) WHERE subject_type = 'external_call'`,
      // A collision tells of another city's row, so only the vendor, who sees all of them, may meet one.
      `CREATE POLICY nothing_from_outside ON usage_records AS RESTRICTIVE FOR INSERT TO moyai_app
         WITH CHECK (subject_type <> 'external_call')`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
