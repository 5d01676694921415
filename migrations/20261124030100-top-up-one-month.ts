import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, rewrite } from './owner.ts';

/** A top-up holds for its month alone: what a later month begins with is the limit that was set. */
export class TopUpOneMonth20261124030100 implements MigrationInterface {
  name = 'TopUpOneMonth20261124030100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `ALTER TABLE budget_allotments
         -- part of limit_tokens
         ADD topped_up_tokens bigint NOT NULL DEFAULT 0 CHECK (topped_up_tokens >= 0),
         ADD carried_tokens bigint GENERATED ALWAYS AS (limit_tokens - topped_up_tokens) STORED CHECK (carried_tokens >= 0),
         -- false: the limit goes on from the month before; it is not known of rows written until now
         ADD limit_is_set boolean NOT NULL DEFAULT true`,
      'ALTER TABLE budget_allotments ALTER limit_is_set SET DEFAULT false',
      rewrite('budget_open_allotment(text, uuid, date)', [
        '(SELECT limit_tokens FROM budget_allotments',
        '(SELECT carried_tokens FROM budget_allotments',
      ]),
      rewrite('budget_begin_allotments(date, uuid, uuid)', [
        'SELECT level, holder_id, month, limit_tokens FROM budget_allotments',
        'SELECT level, holder_id, month, carried_tokens AS limit_tokens FROM budget_allotments',
      ]),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
