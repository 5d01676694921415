import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/**
 * Mails to a city's people, written with the fact they tell of and sent afterwards (docs/decisions/0031). A row names a
 * member and no address: the address is looked up when it is sent, by the one role that may read it.
 */
export class QueueMails20261122036200 implements MigrationInterface {
  name = 'QueueMails20261122036200';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE mails (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         id uuid NOT NULL,
         member_id uuid NOT NULL,
         kind text NOT NULL CHECK (kind IN ('content-access.asked', 'maintenance.announced', 'maintenance.withdrawn')),
         -- a line break in a subject would be a header of its own
         subject text CHECK (length(subject) BETWEEN 1 AND 200 AND subject !~ '[[:cntrl:]]'),
         body text CHECK (length(body) BETWEEN 1 AND 4000),
         -- dropped: nobody to send it to, as the member has left or has no address
         state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed', 'dropped')),
         created_at timestamptz NOT NULL,
         -- no try before; moved on by each try, so that two workers never send at once
         not_before timestamptz NOT NULL,
         tries integer NOT NULL DEFAULT 0,
         delivered_at timestamptz,
         deliveries integer NOT NULL DEFAULT 0,
         reason text CHECK (reason IN ('rejected', 'unreachable', 'address')),
         finished_at timestamptz,
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id),
         -- what was sent, or never will be, keeps no words
         CHECK ((state = 'waiting') = (num_nonnulls(subject, body) = 2) AND num_nonnulls(subject, body) IN (0, 2)),
         CHECK ((state = 'waiting') = (finished_at IS NULL)),
         CHECK ((state = 'failed') = (reason IS NOT NULL))
       )`,
      `CREATE INDEX mails_waiting ON mails (not_before) WHERE state = 'waiting'`,
      `CREATE INDEX mails_failed ON mails (created_at) WHERE state = 'failed'`,
      ...tenantPolicy('mails'),
      'GRANT SELECT ON mails TO moyai_app',
      'GRANT UPDATE (subject, body, state, not_before, tries, reason, finished_at) ON mails TO moyai_app',
      acrossTenants('mails', 'moyai_ops'),
      'GRANT INSERT (tenant_id, id, member_id, kind, subject, body, created_at, not_before) ON mails TO moyai_ops',
      'GRANT SELECT (state, reason, created_at) ON mails TO moyai_ops',
      acrossTenants('mails', 'moyai_admission'),
      'GRANT SELECT (tenant_id, id, state, not_before, delivered_at, deliveries) ON mails TO moyai_admission',
      'GRANT UPDATE (delivered_at, deliveries) ON mails TO moyai_admission',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
