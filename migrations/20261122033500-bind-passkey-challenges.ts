import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** A passkey's challenge ends by itself, and a credential belongs to one person (docs/decisions/0027). */
export class BindPasskeyChallenges20261122033500 implements MigrationInterface {
  name = 'BindPasskeyChallenges20261122033500';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      ...challengesOf('sessions', 'moyai_app'),
      ...challengesOf('vendor_sessions', 'moyai_ops'),
      'CREATE UNIQUE INDEX member_factors_by_credential ON member_factors (tenant_id, credential_id)',
      'CREATE UNIQUE INDEX vendor_factors_by_credential ON vendor_factors (credential_id)',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

const challengesOf = (table: string, role: string): string[] => [
  `ALTER TABLE ${table}
     ADD COLUMN challenge_expires_at timestamptz,
     ADD CHECK ((challenge IS NULL) = (challenge_expires_at IS NULL))`,
  `GRANT UPDATE (challenge_expires_at) ON ${table} TO ${role}`,
];
