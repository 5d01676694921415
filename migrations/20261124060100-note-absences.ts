import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, rewrite } from './owner.ts';

/**
 * When the database was out of reach for longer than a lease, without having been restarted (a standby took over, a network was
 * cut), the first to reconnect took every running job for lost. Admission's clock stands still meanwhile, and tells when it goes on.
 */
export class NoteAbsences20261124060100 implements MigrationInterface {
  name = 'NoteAbsences20261124060100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `ALTER TABLE admission_clock ADD resumed_at timestamptz NOT NULL DEFAULT '-infinity'`,
      rewrite('admit(boolean)', [
        'v_admitted + v_express, updated_at = v_now;',
        `v_admitted + v_express, updated_at = v_now,
    resumed_at = CASE WHEN c.updated_at < v_now - interval '5 s' THEN v_now ELSE c.resumed_at END;`,
      ]),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
