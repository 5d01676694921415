import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** A correction that turned out wrong before anybody approved it is taken back, and stays on record. */
export class WithdrawCorrections20261122038100 implements MigrationInterface {
  name = 'WithdrawCorrections20261122038100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `ALTER TABLE usage_corrections
         ADD withdrawn_by uuid REFERENCES vendor_users (id),
         ADD withdrawn_at timestamptz,
         ADD CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL)),
         ADD CHECK (withdrawn_at IS NULL OR approved_at IS NULL)`,
      'GRANT UPDATE (withdrawn_by, withdrawn_at) ON usage_corrections TO moyai_finance',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
