import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** Lets workers find reservations whose work is over, in every city, by what the work is called and no more. */
export class FindStaleReservations20261122026300 implements MigrationInterface {
  name = 'FindStaleReservations20261122026300';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE POLICY moyai_admission_finds_held ON reservations FOR SELECT TO moyai_admission USING (state = 'held')`,
      'GRANT SELECT (tenant_id, subject_type, subject_id, state, expires_at) ON reservations TO moyai_admission',
      `CREATE POLICY moyai_admission_knows_who_lives ON jobs FOR SELECT TO moyai_admission
         USING (status IN ('queued', 'running'))`,
      'GRANT SELECT (tenant_id, id, status) ON jobs TO moyai_admission',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
