import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly, rewrite } from './owner.ts';

/**
 * Whoever asks for a job's place knows its city. By its id alone a job was looked for in the whole line, whose key begins
 * with the city, for every question that waits; an index more would cost every job of the line.
 */
export class FindPlacesByCity20261123030100 implements MigrationInterface {
  name = 'FindPlacesByCity20261123030100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      rewrite(
        'admission_positions(uuid[])',
        ['admission_positions(p_job_ids uuid[])', 'admission_positions(p_tenant_ids uuid[], p_job_ids uuid[])'],
        [
          '    FROM admission_entries e\n    LEFT JOIN admission_queues',
          `    FROM unnest(p_tenant_ids, p_job_ids) AS asked (city, job)
    JOIN admission_entries e ON e.tenant_id = asked.city AND e.job_id = asked.job
    LEFT JOIN admission_queues`,
        ],
        ['    WHERE e.job_id = ANY (p_job_ids) AND e.finished_at IS NULL', '    WHERE e.finished_at IS NULL'],
      ),
      'DROP FUNCTION admission_positions(uuid[])',
      ...executableBy('moyai_admission', 'admission_positions(uuid[], uuid[])'),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
