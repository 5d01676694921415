import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, rewrite } from './owner.ts';

/** An eightieth of a large deployment is head room unless set otherwise: three places of 250 instead of two (docs/decisions/0044). */
export class HoldAnEightieth20261122062000 implements MigrationInterface {
  name = 'HoldAnEightieth20261122062000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      'ALTER TABLE pool_deployments ALTER head_room SET DEFAULT 0.0125',
      rewrite('pool_configure(jsonb)', ['coalesce("headRoom", 0.01)', 'coalesce("headRoom", 0.0125)']),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
