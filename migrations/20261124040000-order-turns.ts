import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/**
 * When a job was asked for by the database's clock, the only one that all api processes share: it orders a conversation's
 * turns. Those before it have their acceptance. The type is changed to what it is already, for that is how a table is written
 * anew with all its rows, whoever's they are.
 */
export class OrderTurns20261124040000 implements MigrationInterface {
  name = 'OrderTurns20261124040000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      'ALTER TABLE jobs ADD asked_at timestamptz',
      `ALTER TABLE jobs ALTER asked_at TYPE timestamptz USING accepted_at, ALTER asked_at SET DEFAULT clock_timestamp(),
         ALTER asked_at SET NOT NULL`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
