import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** Tells executions that gave their job back apart from those that were lost: only the latter are held against it. */
export class CountReturns20261121230050 implements MigrationInterface {
  name = 'CountReturns20261121230050';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      'ALTER TABLE jobs ADD returns integer NOT NULL DEFAULT 0 CHECK (returns >= 0)',
      'GRANT UPDATE (returns) ON jobs TO moyai_app',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
