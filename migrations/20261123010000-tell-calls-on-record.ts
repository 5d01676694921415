import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** A lost call whose use was on record before anybody had found it out ends by saying so. */
export class TellCallsOnRecord20261123010000 implements MigrationInterface {
  name = 'TellCallsOnRecord20261123010000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `ALTER TABLE lost_calls DROP CONSTRAINT lost_calls_outcome_check,
         ADD CONSTRAINT lost_calls_outcome_check
           CHECK (outcome IN ('billed', 'estimated', 'nothing owed', 'on record'))`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
