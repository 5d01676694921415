import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** Takes from the close of a month what served nobody (docs/decisions/0038). */
export class CloseInLess20261122050000 implements MigrationInterface {
  name = 'CloseInLess20261122050000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      // A month's sums lie together: block ranges find them, without an entry for each of a hundred thousand.
      'DROP INDEX period_usage_by_month',
      'CREATE INDEX period_usage_by_month ON period_usage USING brin (month) WITH (pages_per_range = 32)',
      // Where there is no lz4, pglz took longer for a month's fifty megabytes than all else that is done to its drafts.
      `DO $$ BEGIN
         IF 'lz4' <> ALL ((SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression')::text[]) THEN
           ALTER TABLE invoices ALTER COLUMN document SET STORAGE EXTERNAL;
         END IF;
       END $$`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
