import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/** What each network of a city lets its people do. Every city has a row for every network (docs/decisions/0024). */
export class KeepSegmentPolicies20261122030000 implements MigrationInterface {
  name = 'KeepSegmentPolicies20261122030000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE segment_policies (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
         open boolean NOT NULL,
         -- where its people may come from; empty: from anywhere
         address_ranges cidr[] NOT NULL DEFAULT '{}' CHECK (cardinality(address_ranges) <= 100),
         -- public model names; NULL: every model this network has
         models text[] CHECK (cardinality(models) BETWEEN 1 AND 100),
         attachments boolean NOT NULL DEFAULT true,
         take_out text[] NOT NULL DEFAULT '{copy,download,export}' CHECK (take_out <@ ARRAY['copy', 'download', 'export']),
         -- NULL: kept until somebody deletes it
         retention_days integer CHECK (retention_days BETWEEN 1 AND 3650),
         mfa text NOT NULL DEFAULT 'optional' CHECK (mfa IN ('optional', 'required')),
         updated_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, segment)
       )`,
      // What was possible before there were policies stays possible; nobody has used the internet segment yet.
      `INSERT INTO segment_policies (tenant_id, segment, open, updated_at)
         SELECT id, segment, segment <> 'internet', now()
         FROM tenants CROSS JOIN unnest(ARRAY['my_number', 'lgwan', 'internet']) AS segment`,
      ...tenantPolicy('segment_policies'),
      acrossTenants('segment_policies', 'moyai_ops'),
      'GRANT SELECT ON segment_policies TO moyai_app',
      'GRANT SELECT, INSERT ON segment_policies TO moyai_ops',
      ...['moyai_app', 'moyai_ops'].map(
        (role) =>
          `GRANT UPDATE (open, address_ranges, models, attachments, take_out, retention_days, mfa, updated_at)
             ON segment_policies TO ${role}`,
      ),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
