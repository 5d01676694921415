import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** Keys of the vendor's own systems: they read the finance API and decide nothing (docs/decisions/0020). */
export class IssueServiceKeys20261122023100 implements MigrationInterface {
  name = 'IssueServiceKeys20261122023100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE vendor_service_keys (
         id uuid PRIMARY KEY,
         name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
         secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
         scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
         created_by uuid NOT NULL REFERENCES vendor_users (id),
         created_at timestamptz NOT NULL,
         expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
         last_used_at timestamptz,
         revoked_at timestamptz
       )`,
      'GRANT SELECT, INSERT ON vendor_service_keys TO moyai_ops',
      'GRANT UPDATE (last_used_at, revoked_at) ON vendor_service_keys TO moyai_ops',
      `ALTER TABLE audit_entries DROP CONSTRAINT audit_entries_actor_type_check,
         ADD CONSTRAINT audit_entries_actor_type_check
           CHECK (actor_type IN ('member', 'api_key', 'vendor', 'service_key', 'system', 'anonymous'))`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
