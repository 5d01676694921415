import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/** A month's invoices printed into one archive, by a worker, for a day (docs/decisions/0036). */
export class KeepInvoiceArchives20261122045000 implements MigrationInterface {
  name = 'KeepInvoiceArchives20261122045000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE invoice_archives (
         -- one a month: another takes its place
         month date PRIMARY KEY CHECK (extract(day FROM month) = 1),
         id uuid NOT NULL UNIQUE,
         state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'ready', 'failed')),
         done integer NOT NULL DEFAULT 0 CHECK (done BETWEEN 0 AND total),
         total integer NOT NULL,
         deliveries integer NOT NULL DEFAULT 1,
         requested_at timestamptz NOT NULL,
         -- when somebody was last at it, or it was last handed over
         touched_at timestamptz NOT NULL,
         finished_at timestamptz,
         expires_at timestamptz NOT NULL,
         fault text,
         CHECK ((state = 'ready') = (finished_at IS NOT NULL)),
         CHECK ((state = 'failed') = (fault IS NOT NULL)),
         CHECK (state <> 'ready' OR done = total)
       )`,
      'GRANT SELECT, INSERT, DELETE ON invoice_archives TO moyai_finance',
      `GRANT UPDATE (state, done, total, deliveries, touched_at, finished_at, fault) ON invoice_archives TO moyai_finance`,
      `CREATE TABLE invoice_archive_files (
         tenant_id uuid NOT NULL,
         archive_id uuid NOT NULL REFERENCES invoice_archives (id) ON DELETE CASCADE,
         -- place in the archive, by municipality code
         position integer NOT NULL CHECK (position > 0),
         invoice_id uuid NOT NULL,
         -- both NULL until it is printed
         name text,
         body bytea,
         PRIMARY KEY (tenant_id, archive_id, position),
         FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoices (tenant_id, id),
         CHECK ((name IS NULL) = (body IS NULL))
       )`,
      'CREATE INDEX invoice_archive_files_in_order ON invoice_archive_files (archive_id, position)',
      // What a PDF is made of is packed already
      'ALTER TABLE invoice_archive_files ALTER body SET STORAGE EXTERNAL',
      ...tenantPolicy('invoice_archive_files'),
      acrossTenants('invoice_archive_files', 'moyai_finance'),
      'GRANT SELECT, INSERT, DELETE ON invoice_archive_files TO moyai_finance',
      'GRANT UPDATE (name, body) ON invoice_archive_files TO moyai_finance',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
