import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/** Second factors, recovery codes, and sessions that know how they were proven (docs/decisions/0027). */
export class DemandSecondFactors20261122033100 implements MigrationInterface {
  name = 'DemandSecondFactors20261122033100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      ...sessionsOf('sessions', 'moyai_app'),
      ...sessionsOf('vendor_sessions', 'moyai_ops'),

      `CREATE TABLE member_factors (
         tenant_id uuid NOT NULL DEFAULT app_tenant_id(),
         ${FACTOR},
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, holder_id) REFERENCES members (tenant_id, id)
       )`,
      'CREATE INDEX member_factors_by_holder ON member_factors (tenant_id, holder_id)',
      ...tenantPolicy('member_factors'),
      `CREATE TABLE member_recovery_codes (
         tenant_id uuid NOT NULL DEFAULT app_tenant_id(),
         ${RECOVERY_CODE},
         PRIMARY KEY (tenant_id, holder_id, code_hash),
         FOREIGN KEY (tenant_id, holder_id) REFERENCES members (tenant_id, id)
       )`,
      ...tenantPolicy('member_recovery_codes'),
      ...grants('member', 'moyai_app'),

      `CREATE TABLE vendor_factors (
         ${FACTOR},
         PRIMARY KEY (id),
         FOREIGN KEY (holder_id) REFERENCES vendor_users (id)
       )`,
      'CREATE INDEX vendor_factors_by_holder ON vendor_factors (holder_id)',
      `CREATE TABLE vendor_recovery_codes (
         ${RECOVERY_CODE},
         PRIMARY KEY (holder_id, code_hash),
         FOREIGN KEY (holder_id) REFERENCES vendor_users (id)
       )`,
      ...grants('vendor', 'moyai_ops'),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

const sessionsOf = (table: string, role: string): string[] => [
  `ALTER TABLE ${table}
     -- anything but 'whole' may only finish signing in
     ADD COLUMN stage text NOT NULL DEFAULT 'whole' CHECK (stage IN ('second_factor', 'enrolment', 'whole')),
     -- opened with a second factor, or by an identity provider that vouches for one
     ADD COLUMN strong boolean NOT NULL DEFAULT false,
     ADD COLUMN proven_at timestamptz,
     ADD COLUMN last_seen_at timestamptz,
     -- of a passkey ceremony that is under way; taken by whoever finishes it
     ADD COLUMN challenge text CHECK (length(challenge) <= 200)`,
  `GRANT UPDATE (proven_at, last_seen_at, challenge) ON ${table} TO ${role}`,
];

const FACTOR = `
  id uuid NOT NULL,
  holder_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('totp', 'passkey')),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  secret_sealed bytea,
  -- the last time step a code was accepted for: it and those before it are spent
  last_step bigint,
  credential_id text CHECK (length(credential_id) <= 1400),
  public_key bytea CHECK (octet_length(public_key) <= 4096),
  sign_count bigint CHECK (sign_count >= 0),
  transports text[],
  created_at timestamptz NOT NULL,
  confirmed_at timestamptz,
  last_used_at timestamptz,
  CHECK (CASE kind WHEN 'totp' THEN secret_sealed IS NOT NULL
    ELSE credential_id IS NOT NULL AND public_key IS NOT NULL AND sign_count IS NOT NULL END)`;

const RECOVERY_CODE = `
  holder_id uuid NOT NULL,
  code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
  created_at timestamptz NOT NULL,
  used_at timestamptz`;

const grants = (whose: string, role: string): string[] => [
  `GRANT SELECT, INSERT, DELETE ON ${whose}_factors, ${whose}_recovery_codes TO ${role}`,
  `GRANT UPDATE (last_step, sign_count, confirmed_at, last_used_at) ON ${whose}_factors TO ${role}`,
  `GRANT UPDATE (used_at) ON ${whose}_recovery_codes TO ${role}`,
];
