import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, rewrite } from './owner.ts';

/**
 * A breaker that a trial has closed is not opened again by calls that were under way until then: they say what the
 * deployment was like before, and may say so as late as their timeout.
 */
export class LearnAfterTheBreakerClosed20261123030000 implements MigrationInterface {
  name = 'LearnAfterTheBreakerClosed20261123030000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      'ALTER TABLE pool_deployments ADD closed_at timestamptz',
      rewrite('admission_settle()', [
        'open_until = CASE WHEN g.answered_at >= d.open_until THEN NULL ELSE d.open_until END',
        `open_until = CASE WHEN g.answered_at >= d.open_until THEN NULL ELSE d.open_until END,
        closed_at = CASE WHEN g.answered_at >= d.open_until THEN clock_timestamp() ELSE d.closed_at END`,
      ]),
      rewrite(
        'pool_fault(text, text, timestamptz, uuid, uuid, integer)',
        ['WHEN p_began < open_until THEN failures', 'WHEN p_began < coalesce(open_until, closed_at) THEN failures'],
        ['WHEN p_began < open_until OR failures < 4', 'WHEN p_began < coalesce(open_until, closed_at) OR failures < 4'],
      ),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
