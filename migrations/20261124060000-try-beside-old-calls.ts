import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, rewrite } from './owner.ts';

/**
 * A breaker's trial was let in only when nothing ran on the deployment at all: long answers from before it opened kept one that
 * was well again shut until the last of them had ended. What was admitted before it opened is no trial.
 */
export class TryBesideOldCalls20261124060000 implements MigrationInterface {
  name = 'TryBesideOldCalls20261124060000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      'GRANT SELECT (deployment_id, admitted_at) ON admission_entries TO moyai_ops', // who reads the pool's room, too
      rewrite('pool_room(timestamptz)', [
        'WHEN d.open_until IS NOT NULL THEN greatest(0, 1 - d.running)',
        `WHEN d.open_until IS NOT NULL THEN greatest(0, least(d.places - d.running, 1 - (
           SELECT count(*)::integer FROM admission_entries e
           WHERE e.stage = 'running' AND e.admitted_at >= d.open_until AND e.deployment_id = d.id)))`,
      ]),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
