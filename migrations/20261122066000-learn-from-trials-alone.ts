import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, rewrite } from './owner.ts';

/**
 * After the breaker has opened only calls on trial tell something new. What was under way then may fail as late as its
 * timeout, when the breaker has been open for long and has let nobody try again.
 */
export class LearnFromTrialsAlone20261122066000 implements MigrationInterface {
  name = 'LearnFromTrialsAlone20261122066000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      rewrite(
        'pool_fault(text, text, timestamptz, uuid, uuid, integer)',
        ['WHEN open_until > v_now THEN failures', 'WHEN p_began < open_until THEN failures'],
        ['WHEN open_until > v_now OR failures < 4', 'WHEN p_began < open_until OR failures < 4'],
      ),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
