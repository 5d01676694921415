import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, segmentPolicy, tenantPolicy } from './owner.ts';

const SEGMENT = `segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet'))`;

/** Sign-in by a city's own identity provider, per network; nothing here is for a vendor role (docs/decisions/0026). */
export class CreateIdentityProviders20261122032000 implements MigrationInterface {
  name = 'CreateIdentityProviders20261122032000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE identity_providers (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         id uuid NOT NULL,
         ${SEGMENT},
         kind text NOT NULL CHECK (kind IN ('saml', 'oidc')),
         name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
         -- fixed when the provider is registered: answers are checked against it, never against what a request says
         origin text NOT NULL CHECK (origin ~ '^https?://[^/]+$'),
         enabled boolean NOT NULL DEFAULT false,
         settings jsonb,
         client_secret_sealed bytea,
         vouches_for_mfa boolean NOT NULL DEFAULT false,
         creates_members boolean NOT NULL DEFAULT false,
         links_by_login_id boolean NOT NULL DEFAULT false,
         login_id_attribute text CHECK (length(login_id_attribute) BETWEEN 1 AND 200),
         display_name_attribute text CHECK (length(display_name_attribute) BETWEEN 1 AND 200),
         department_attribute text CHECK (length(department_attribute) BETWEEN 1 AND 200),
         department_codes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(department_codes) = 'object'),
         last_test jsonb,
         created_at timestamptz NOT NULL,
         updated_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, segment, name),
         CHECK (NOT enabled OR settings IS NOT NULL)
       )`,
      ...segmentPolicy('identity_providers'),
      'GRANT SELECT, INSERT, DELETE ON identity_providers TO moyai_app',
      `GRANT UPDATE (name, enabled, settings, client_secret_sealed, vouches_for_mfa, creates_members, links_by_login_id,
         login_id_attribute, display_name_attribute, department_attribute, department_codes, last_test, updated_at)
         ON identity_providers TO moyai_app`,

      `CREATE TABLE member_identities (
         tenant_id uuid NOT NULL,
         provider_id uuid NOT NULL,
         subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 500),
         member_id uuid NOT NULL,
         created_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, provider_id, subject),
         UNIQUE (tenant_id, provider_id, member_id),
         FOREIGN KEY (tenant_id, provider_id) REFERENCES identity_providers (tenant_id, id) ON DELETE CASCADE,
         FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
       )`,
      'CREATE INDEX member_identities_by_member ON member_identities (tenant_id, member_id)',
      ...tenantPolicy('member_identities'),
      'GRANT SELECT, INSERT, DELETE ON member_identities TO moyai_app',

      `CREATE TABLE sso_requests (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         ${SEGMENT},
         provider_id uuid NOT NULL,
         secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
         -- who tries the provider out, without being signed in by it
         tester_id uuid,
         created_at timestamptz NOT NULL,
         expires_at timestamptz NOT NULL,
         used_at timestamptz,
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, provider_id) REFERENCES identity_providers (tenant_id, id) ON DELETE CASCADE,
         FOREIGN KEY (tenant_id, tester_id) REFERENCES members (tenant_id, id)
       )`,
      'CREATE INDEX sso_requests_by_end ON sso_requests (tenant_id, expires_at)',
      ...segmentPolicy('sso_requests'),
      'GRANT SELECT, INSERT, DELETE ON sso_requests TO moyai_app',
      'GRANT UPDATE (used_at) ON sso_requests TO moyai_app',

      `CREATE TABLE spent_assertions (
         tenant_id uuid NOT NULL,
         provider_id uuid NOT NULL,
         assertion_hash bytea NOT NULL CHECK (octet_length(assertion_hash) = 32),
         expires_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, provider_id, assertion_hash),
         FOREIGN KEY (tenant_id, provider_id) REFERENCES identity_providers (tenant_id, id) ON DELETE CASCADE
       )`,
      'CREATE INDEX spent_assertions_by_end ON spent_assertions (tenant_id, expires_at)',
      ...tenantPolicy('spent_assertions'),
      'GRANT SELECT, INSERT, DELETE ON spent_assertions TO moyai_app',
      // no row is changed: sweeping locks what it deletes, and a lock asks for this
      'GRANT UPDATE (expires_at) ON spent_assertions TO moyai_app',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
