import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/** What a city's identity provider keeps by SCIM, and the keys it does so with (docs/decisions/0028). */
export class ProvisionMembers20261122034000 implements MigrationInterface {
  name = 'ProvisionMembers20261122034000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      // NULL: until it is revoked
      'ALTER TABLE api_keys ADD expires_at timestamptz CHECK (expires_at > created_at)',
      'ALTER TABLE api_keys DROP CONSTRAINT api_keys_scopes_check',
      `ALTER TABLE api_keys ADD CONSTRAINT api_keys_scopes_check
         CHECK (scopes <@ ARRAY['jobs', 'models', 'scim'] AND cardinality(scopes) > 0)`,
      // who keeps members does nothing else, and not for ever
      `ALTER TABLE api_keys ADD CONSTRAINT api_keys_scim_alone
         CHECK (NOT 'scim' = ANY (scopes) OR (cardinality(scopes) = 1 AND expires_at IS NOT NULL))`,

      `CREATE TABLE member_provisionings (
         tenant_id uuid NOT NULL,
         member_id uuid NOT NULL,
         external_id text CHECK (length(external_id) BETWEEN 1 AND 255),
         -- the mapped value that gave the role; NULL: the city's administrator gave it
         role_value text,
         provisioned_at timestamptz NOT NULL,
         changed_at timestamptz NOT NULL,
         -- taken away by the provider: no longer there for it, while the member stays, disabled
         removed_at timestamptz,
         PRIMARY KEY (tenant_id, member_id),
         FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
       )`,
      `CREATE UNIQUE INDEX member_provisionings_external_id ON member_provisionings (tenant_id, external_id)
         WHERE removed_at IS NULL`,
      ...tenantPolicy('member_provisionings'),
      'GRANT SELECT, INSERT ON member_provisionings TO moyai_app',
      'GRANT UPDATE (external_id, role_value, changed_at, removed_at) ON member_provisionings TO moyai_app',

      `CREATE TABLE provisioned_roles (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         value text NOT NULL CHECK (length(value) BETWEEN 1 AND 100),
         role text NOT NULL CHECK (role IN ('staff', 'manager', 'admin', 'auditor')),
         PRIMARY KEY (tenant_id, value)
       )`,
      ...tenantPolicy('provisioned_roles'),
      'GRANT SELECT, INSERT, DELETE ON provisioned_roles TO moyai_app',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
