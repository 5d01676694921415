import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, rewrite } from './owner.ts';

/**
 * PostgreSQL refuses a power that is too small or too large to be told from zero or infinity. Nobody was admitted ever again
 * after six hours in which no process had asked for an admission, as on a machine that is switched off overnight; and no
 * failure was counted after a deployment’s thousandth in a row.
 */
export class OutlastLongPauses20261122061000 implements MigrationInterface {
  name = 'OutlastLongPauses20261122061000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      rewrite('admit(boolean)', ['exp(-passed / 30)', 'exp(-least(passed, 3600) / 30)']),
      rewrite('pool_fault(text, text, timestamptz, uuid, uuid, integer)', [
        'power(2, failures - 4)',
        'power(2, least(failures, 10) - 4)',
      ]),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
