import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, segmentPolicy, tenantPolicy } from './owner.ts';

/** Server-side sessions, API keys, and the vendor's own people. Secrets are stored as SHA-256 of 256 random bits. */
export class CreateIdentity20261121200200 implements MigrationInterface {
  name = 'CreateIdentity20261121200200';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE sessions (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
         member_id uuid NOT NULL,
         secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
         created_at timestamptz NOT NULL,
         expires_at timestamptz NOT NULL,
         revoked_at timestamptz,
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
       )`,
      'CREATE INDEX sessions_by_member ON sessions (tenant_id, member_id)',
      ...segmentPolicy('sessions'),
      'GRANT SELECT, INSERT, DELETE ON sessions TO moyai_app',
      'GRANT UPDATE (revoked_at) ON sessions TO moyai_app',

      `CREATE TABLE api_keys (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         id uuid NOT NULL,
         segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
         name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
         secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
         scopes text[] NOT NULL CHECK (scopes <@ ARRAY['jobs', 'models'] AND cardinality(scopes) > 0),
         created_by uuid,
         created_at timestamptz NOT NULL,
         last_used_at timestamptz,
         revoked_at timestamptz,
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, created_by) REFERENCES members (tenant_id, id)
       )`,
      ...segmentPolicy('api_keys'),
      'GRANT SELECT, INSERT ON api_keys TO moyai_app',
      'GRANT UPDATE (last_used_at, revoked_at) ON api_keys TO moyai_app',

      `CREATE TABLE sign_in_attempts (
         -- the nil UUID for the vendor and for codes no city has, which is why this references no tenant
         tenant_id uuid NOT NULL,
         -- SHA-256 of the login id as typed: accounts that do not exist slow down like those that do, and leave no name
         account_hash bytea NOT NULL CHECK (octet_length(account_hash) = 32),
         failures integer NOT NULL,
         last_attempt_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, account_hash)
       )`,
      ...tenantPolicy('sign_in_attempts'),
      'CREATE INDEX sign_in_attempts_by_age ON sign_in_attempts (tenant_id, last_attempt_at)',
      // Ops counts the attempts on the vendor's own people and sees no city's: a hash of a login id can be guessed.
      `CREATE POLICY vendor_attempts ON sign_in_attempts TO moyai_ops
         USING (tenant_id = '00000000-0000-0000-0000-000000000000')
         WITH CHECK (tenant_id = '00000000-0000-0000-0000-000000000000')`,
      'GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_attempts TO moyai_app, moyai_ops',

      `CREATE TABLE vendor_users (
         id uuid PRIMARY KEY,
         login_id text NOT NULL CHECK (length(login_id) BETWEEN 1 AND 64),
         login_id_key text NOT NULL UNIQUE,
         display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 100),
         role text NOT NULL CHECK (role IN ('ops', 'finance')),
         status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
         password_hash text NOT NULL,
         password_changed_at timestamptz NOT NULL,
         last_sign_in_at timestamptz,
         created_at timestamptz NOT NULL,
         updated_at timestamptz NOT NULL
       )`,
      `CREATE TABLE vendor_sessions (
         id uuid PRIMARY KEY,
         vendor_user_id uuid NOT NULL REFERENCES vendor_users (id),
         secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
         created_at timestamptz NOT NULL,
         expires_at timestamptz NOT NULL,
         revoked_at timestamptz
       )`,
      'GRANT SELECT, INSERT, UPDATE ON vendor_users TO moyai_ops',
      'GRANT SELECT, INSERT, DELETE ON vendor_sessions TO moyai_ops',
      'GRANT UPDATE (revoked_at) ON vendor_sessions TO moyai_ops',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
