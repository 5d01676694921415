import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

const SUMS = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'input_characters',
  'output_characters',
];

/** A close adds up doubles, and invoices are made of numbers of JavaScript: both are exact below 2^53 and nowhere else. */
export class SumExactly20261122048000 implements MigrationInterface {
  name = 'SumExactly20261122048000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `ALTER TABLE period_usage ADD CONSTRAINT period_usage_exact
         CHECK (${SUMS.map((sum) => `abs(${sum}) < 9007199254740992`).join(' AND ')})`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
