import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/** Municipalities, their department tree, members, 事務 (purposes) and wrapped data keys. */
export class CreateTenancy20261121200100 implements MigrationInterface {
  name = 'CreateTenancy20261121200100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE tenants (
         id uuid PRIMARY KEY,
         code text NOT NULL UNIQUE CHECK (code ~ '^[0-9]{6}$'),
         name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
         status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
         created_at timestamptz NOT NULL,
         updated_at timestamptz NOT NULL
       )`,
      'ALTER TABLE tenants ENABLE ROW LEVEL SECURITY',
      'ALTER TABLE tenants FORCE ROW LEVEL SECURITY',
      'CREATE POLICY own_tenant ON tenants TO moyai_app USING (id = app_tenant_id()) WITH CHECK (id = app_tenant_id())',
      // Sign-in starts from a municipality code, before any tenant is known: see tenant_by_code().
      'CREATE POLICY directory ON tenants FOR SELECT TO moyai_owner USING (true)',
      acrossTenants('tenants', 'moyai_ops'),
      'CREATE POLICY moyai_finance_across_tenants ON tenants FOR SELECT TO moyai_finance USING (true)',
      'GRANT SELECT ON tenants TO moyai_app, moyai_finance',
      'GRANT SELECT, INSERT ON tenants TO moyai_ops',
      'GRANT UPDATE (name, status, updated_at) ON tenants TO moyai_ops',
      `CREATE FUNCTION tenant_by_code(p_code text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
         SET search_path = pg_catalog, public, pg_temp AS $$ SELECT id FROM public.tenants WHERE code = p_code $$`,
      'REVOKE ALL ON FUNCTION tenant_by_code(text) FROM PUBLIC',
      'GRANT EXECUTE ON FUNCTION tenant_by_code(text) TO moyai_app',

      `CREATE TABLE departments (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         id uuid NOT NULL,
         parent_id uuid,
         code text NOT NULL CHECK (length(code) BETWEEN 1 AND 32),
         name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
         created_at timestamptz NOT NULL,
         updated_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, code),
         FOREIGN KEY (tenant_id, parent_id) REFERENCES departments (tenant_id, id),
         CHECK (parent_id <> id)
       )`,
      ...tenantPolicy('departments'),
      'GRANT SELECT, INSERT, UPDATE ON departments TO moyai_app',
      'CREATE POLICY moyai_finance_across_tenants ON departments FOR SELECT TO moyai_finance USING (true)',
      'GRANT SELECT (tenant_id, id, parent_id, code, name) ON departments TO moyai_finance',

      `CREATE TABLE members (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         id uuid NOT NULL,
         login_id text NOT NULL CHECK (length(login_id) BETWEEN 1 AND 64),
         -- NFKC, lower case: the form two spellings of one login id share
         login_id_key text NOT NULL,
         display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 100),
         role text NOT NULL CHECK (role IN ('staff', 'manager', 'admin', 'auditor')),
         segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
         department_id uuid,
         status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
         password_hash text NOT NULL,
         -- a session older than the password it was opened with is dead
         password_changed_at timestamptz NOT NULL,
         last_sign_in_at timestamptz,
         created_at timestamptz NOT NULL,
         updated_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, login_id_key),
         FOREIGN KEY (tenant_id, department_id) REFERENCES departments (tenant_id, id)
       )`,
      ...tenantPolicy('members'),
      'GRANT SELECT, INSERT, UPDATE ON members TO moyai_app',
      // Ops makes a city's first admin and counts its members; it reads neither names nor password hashes.
      acrossTenants('members', 'moyai_ops'),
      'GRANT INSERT ON members TO moyai_ops',
      'GRANT SELECT (tenant_id, id, status, last_sign_in_at) ON members TO moyai_ops',

      `CREATE TABLE purposes (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         id uuid NOT NULL,
         code text NOT NULL CHECK (code ~ '^[A-Za-z0-9._-]{1,32}$'),
         name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
         legal_basis text CHECK (length(legal_basis) <= 300),
         enabled boolean NOT NULL DEFAULT true,
         created_at timestamptz NOT NULL,
         updated_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, code)
       )`,
      ...tenantPolicy('purposes'),
      'GRANT SELECT, INSERT, UPDATE ON purposes TO moyai_app',

      `CREATE TABLE tenant_data_keys (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         version integer NOT NULL CHECK (version > 0),
         -- the data key, encrypted by the key service; useless without it
         wrapped_key bytea NOT NULL,
         wrapping_key_id text NOT NULL,
         created_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, version)
       )`,
      ...tenantPolicy('tenant_data_keys'),
      'GRANT SELECT, INSERT ON tenant_data_keys TO moyai_app',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
