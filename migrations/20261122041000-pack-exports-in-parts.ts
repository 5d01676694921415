import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** An export is laid out before it is sent, so that a broken download goes on where it broke (docs/decisions/0034). */
export class PackExportsInParts20261122041000 implements MigrationInterface {
  name = 'PackExportsInParts20261122041000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      // What was packed otherwise is made again, or asked for again. The owner obeys row-level security too.
      ...WALLED.map((table) => `ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`),
      'DELETE FROM data_export_chunks',
      'DELETE FROM data_export_files',
      `UPDATE data_exports SET state = CASE WHEN exit_id IS NULL AND state = 'ready' THEN 'expired' ELSE 'queued' END,
         done = 0, touched_at = now()
       WHERE state IN ('running', 'ready') AND tenant_id IN (SELECT id FROM tenants WHERE status <> 'deleted')`,
      ...WALLED.map((table) => `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`),
      // CRC-32 of the bytes before deflating, as ZIP wants it; null until the file is whole
      'ALTER TABLE data_export_files ADD crc32 bigint CHECK (crc32 BETWEEN 0 AND 4294967295)',
      'GRANT UPDATE (crc32) ON data_export_files TO moyai_app',
      // deflated, before sealing
      'ALTER TABLE data_export_chunks ADD packed_bytes integer NOT NULL CHECK (packed_bytes > 0)',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

const WALLED = ['data_export_chunks', 'data_export_files', 'data_exports'];
