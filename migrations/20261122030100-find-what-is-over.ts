import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** Lets workers find the networks that keep words for a limited time, and the words whose time is over, by age. */
export class FindWhatIsOver20261122030100 implements MigrationInterface {
  name = 'FindWhatIsOver20261122030100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE POLICY moyai_admission_finds_retention ON segment_policies FOR SELECT TO moyai_admission
         USING (retention_days IS NOT NULL)`,
      'GRANT SELECT (tenant_id, segment, retention_days) ON segment_policies TO moyai_admission',
      // None of these columns changes while a job lives: settling it stays an update in place.
      `CREATE INDEX jobs_with_words ON jobs (tenant_id, segment, accepted_at) WHERE input_sealed IS NOT NULL`,
      'GRANT UPDATE (conversation_id) ON jobs TO moyai_app',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
