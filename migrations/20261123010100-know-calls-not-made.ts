import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** An execution that is to call nothing has call 0 under way: if its worker is lost, no call is. */
export class KnowCallsNotMade20261123010100 implements MigrationInterface {
  name = 'KnowCallsNotMade20261123010100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      // Every row that fulfilled the old one fulfils it: nothing to look through while the table is locked.
      `ALTER TABLE jobs DROP CONSTRAINT jobs_call_number_check,
         ADD CONSTRAINT jobs_call_number_check CHECK (call_number >= 0) NOT VALID`,
      'ALTER TABLE jobs VALIDATE CONSTRAINT jobs_call_number_check',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
