import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** A member's latest use at a glance. Rows from outside belong to no member, so files are taken in as fast as before. */
export class FindQuietMembers20261122031200 implements MigrationInterface {
  name = 'FindQuietMembers20261122031200';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE INDEX usage_records_of_member ON usage_records (tenant_id, member_id, accepted_at DESC)
         WHERE member_id IS NOT NULL`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
