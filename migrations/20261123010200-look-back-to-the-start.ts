import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/**
 * A lost call is noted by whoever takes its job over, which may be long after it was made: as long as no worker ran. So the
 * provider's log is read from the start of the job.
 */
export class LookBackToTheStart20261123010200 implements MigrationInterface {
  name = 'LookBackToTheStart20261123010200';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      // When the job's execution began, or the first of several that were lost in a row; NULL for calls noted before this column.
      'ALTER TABLE lost_calls ADD started_at timestamptz',
      'GRANT SELECT (started_at) ON lost_calls TO moyai_admission',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
