import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/** What the scan after a removal found and is not of the city: two of the vendor's people say so (docs/decisions/0032). */
export class JudgeFindings20261122049000 implements MigrationInterface {
  name = 'JudgeFindings20261122049000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE exit_judgements (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         exit_id uuid NOT NULL,
         place text NOT NULL,
         column_name text NOT NULL,
         count bigint NOT NULL CHECK (count > 0),
         -- of the texts that were found: what is found later is judged anew
         texts_sha256 bytea NOT NULL CHECK (octet_length(texts_sha256) = 32),
         reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
         judged_by uuid NOT NULL REFERENCES vendor_users (id),
         judged_at timestamptz NOT NULL,
         confirmed_by uuid REFERENCES vendor_users (id),
         confirmed_at timestamptz,
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, exit_id, place, column_name, texts_sha256),
         FOREIGN KEY (tenant_id, exit_id) REFERENCES city_exits (tenant_id, id),
         CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
         CHECK (confirmed_by <> judged_by)
       )`,
      ...tenantPolicy('exit_judgements'),
      acrossTenants('exit_judgements', 'moyai_ops'),
      'GRANT SELECT, INSERT ON exit_judgements TO moyai_ops',
      'GRANT UPDATE (confirmed_by, confirmed_at) ON exit_judgements TO moyai_ops',
      'CREATE POLICY leaving_city_seen ON exit_judgements FOR SELECT TO moyai_exit USING (tenant_id = app_tenant_id())',
      'GRANT SELECT ON exit_judgements TO moyai_exit',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
