import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** The record of a mail is kept for a bounded time after it was sent or given up (docs/decisions/0031). */
export class ForgetMails20261122049100 implements MigrationInterface {
  name = 'ForgetMails20261122049100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      'CREATE INDEX mails_finished ON mails (finished_at) WHERE finished_at IS NOT NULL',
      'GRANT SELECT (finished_at) ON mails TO moyai_admission',
      'GRANT DELETE ON mails TO moyai_admission',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
