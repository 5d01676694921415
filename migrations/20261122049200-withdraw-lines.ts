import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** Single lines of a planned import are withdrawn before its day (docs/decisions/0025). */
export class WithdrawLines20261122049200 implements MigrationInterface {
  name = 'WithdrawLines20261122049200';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      // [{subject, key}]
      `ALTER TABLE roster_imports ADD withdrawn jsonb NOT NULL DEFAULT '[]'`,
      'GRANT UPDATE (withdrawn) ON roster_imports TO moyai_app',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
