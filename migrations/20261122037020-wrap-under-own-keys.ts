import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** A data key moves under another wrapping key and stays the same data key (docs/decisions/0032). */
export class WrapUnderOwnKeys20261122037020 implements MigrationInterface {
  name = 'WrapUnderOwnKeys20261122037020';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, ['GRANT UPDATE (wrapped_key, wrapping_key_id) ON tenant_data_keys TO moyai_app']);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
