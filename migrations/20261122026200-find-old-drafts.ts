import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** Lets workers find cities with drafts that nobody started, by age and without a word of theirs. */
export class FindOldDrafts20261122026200 implements MigrationInterface {
  name = 'FindOldDrafts20261122026200';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      'CREATE INDEX batches_drafts ON batches (created_at) WHERE started_at IS NULL',
      'CREATE POLICY moyai_admission_finds_drafts ON batches FOR SELECT TO moyai_admission USING (started_at IS NULL)',
      'GRANT SELECT (tenant_id, segment, created_at, started_at) ON batches TO moyai_admission',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
