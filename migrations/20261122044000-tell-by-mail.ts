import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, tenantPolicy } from './owner.ts';

const seenByAdmission = (table: string): string =>
  `CREATE POLICY moyai_admission_across_tenants ON ${table} FOR SELECT TO moyai_admission USING (true)`;

/**
 * Mails of a city's own facts: invitations, limits, requests for more, endings (docs/decisions/0031). Who does not want
 * some kinds of them says so; operations see what did not arrive, without an address, and have it sent again.
 */
export class TellByMail20261122044000 implements MigrationInterface {
  name = 'TellByMail20261122044000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      'ALTER TABLE mails DROP CONSTRAINT mails_kind_check',
      `ALTER TABLE mails ADD CONSTRAINT mails_kind_check CHECK (kind IN ('content-access.asked', 'maintenance.announced',
         'maintenance.withdrawn', 'invitation.issued', 'budget.city', 'budget.department', 'top-up.asked', 'top-up.decided',
         'ending.trial', 'ending.contract'))`,
      `ALTER TABLE mails
         -- what of its kind a member is told of once
         ADD about text CHECK (length(about) BETWEEN 1 AND 100),
         -- instead of a body: words that let in whoever reads them
         ADD body_sealed bytea CHECK (octet_length(body_sealed) <= 8000),
         -- how long what was given up keeps its words, so that it can be sent again
         ADD erase_at timestamptz,
         ADD last_tried_at timestamptz,
         -- the relay's code, or that of the fault on the way to it; never its words, which repeat the address
         ADD relay_code text CHECK (relay_code ~ '^[A-Z0-9_]{1,40}$'),
         -- as in k***@city.example.lg.jp: enough to find out which relay refuses whom
         ADD address_masked text CHECK (length(address_masked) BETWEEN 1 AND 260)`,
      'ALTER TABLE mails DROP CONSTRAINT mails_check',
      `ALTER TABLE mails ADD CONSTRAINT mails_words CHECK (num_nonnulls(body, body_sealed) = num_nonnulls(subject)
         AND CASE state WHEN 'waiting' THEN subject IS NOT NULL AND erase_at IS NULL
           WHEN 'failed' THEN (subject IS NULL) = (erase_at IS NULL)
           ELSE num_nonnulls(subject, erase_at) = 0 END)`,
      'CREATE UNIQUE INDEX mails_once ON mails (tenant_id, member_id, kind, about) WHERE about IS NOT NULL',
      'CREATE INDEX mails_by_age ON mails (created_at DESC, id DESC)',
      'CREATE INDEX mails_by_id ON mails (id)',
      'CREATE INDEX mails_to_erase ON mails (erase_at) WHERE erase_at IS NOT NULL',
      `GRANT INSERT (tenant_id, id, member_id, kind, about, subject, body, body_sealed, created_at, not_before)
         ON mails TO moyai_app`,
      'GRANT UPDATE (body_sealed, erase_at, last_tried_at, relay_code, address_masked) ON mails TO moyai_app',
      `GRANT SELECT (tenant_id, id, kind, tries, not_before, finished_at, erase_at, last_tried_at, relay_code, address_masked)
         ON mails TO moyai_ops`,
      'GRANT UPDATE (state, reason, tries, not_before, finished_at, erase_at) ON mails TO moyai_ops',
      'GRANT SELECT (erase_at) ON mails TO moyai_admission',
      'GRANT UPDATE (subject, body, body_sealed, erase_at) ON mails TO moyai_admission',

      `CREATE TABLE mail_refusals (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         member_id uuid NOT NULL,
         topic text NOT NULL CHECK (topic IN ('maintenance', 'city-budget', 'department-budget', 'top-up')),
         PRIMARY KEY (tenant_id, member_id, topic),
         FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
       )`,
      ...tenantPolicy('mail_refusals'),
      'GRANT SELECT, INSERT, DELETE ON mail_refusals TO moyai_app',

      // Those of before were told on the screen
      'ALTER TABLE budget_notices ADD mailed boolean NOT NULL DEFAULT true',
      'ALTER TABLE budget_notices ALTER mailed SET DEFAULT false',
      'CREATE INDEX budget_notices_to_mail ON budget_notices (tenant_id) WHERE NOT mailed',
      'GRANT UPDATE (mailed) ON budget_notices TO moyai_app',
      seenByAdmission('budget_notices'),
      'GRANT SELECT (tenant_id, mailed) ON budget_notices TO moyai_admission',

      // Which trial and which contract is about to end
      'GRANT SELECT (trial_ends_on) ON tenants TO moyai_admission',
      seenByAdmission('contracts'),
      'GRANT SELECT (tenant_id, id, starts_on, ends_on) ON contracts TO moyai_admission',
      seenByAdmission('contract_terms'),
      'GRANT SELECT (tenant_id, contract_id, approved_at) ON contract_terms TO moyai_admission',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
