import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/** Members without a password, and single-use invitations by which they set one (docs/decisions/0027). */
export class InviteMembers20261122033000 implements MigrationInterface {
  name = 'InviteMembers20261122033000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `ALTER TABLE members ADD COLUMN mail_address text CHECK (length(mail_address) BETWEEN 3 AND 254 AND mail_address LIKE '%_@_%')`,
      `CREATE TABLE member_invitations (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         member_id uuid NOT NULL,
         secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
         -- nobody is granted to write it: whose door the invitation came through cannot be claimed
         issued_as name NOT NULL DEFAULT current_user,
         created_at timestamptz NOT NULL,
         expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
         accepted_at timestamptz,
         revoked_at timestamptz,
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
       )`,
      'CREATE INDEX member_invitations_by_member ON member_invitations (tenant_id, member_id, id DESC)',
      ...tenantPolicy('member_invitations'),
      'GRANT SELECT, INSERT (tenant_id, id, member_id, secret_hash, created_at, expires_at) ON member_invitations TO moyai_app',
      'GRANT UPDATE (accepted_at, revoked_at) ON member_invitations TO moyai_app',
      // Ops invites a city's first administrator and reads nothing of it.
      `CREATE POLICY moyai_ops_invites ON member_invitations FOR INSERT TO moyai_ops WITH CHECK (tenant_id = app_tenant_id())`,
      'GRANT INSERT (tenant_id, id, member_id, secret_hash, created_at, expires_at) ON member_invitations TO moyai_ops',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
