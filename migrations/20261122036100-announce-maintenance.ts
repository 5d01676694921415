import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly, tenantPolicy } from './owner.ts';

const seenBy = (table: string, rows: string): string[] => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY seen_by_whom_it_is_for ON ${table} FOR SELECT TO moyai_app USING (${rows})`,
  acrossTenants(table, 'moyai_ops'),
];

/** Maintenance as the vendor announces it, to all cities or to some, and what each member has read (docs/decisions/0031). */
export class AnnounceMaintenance20261122036100 implements MigrationInterface {
  name = 'AnnounceMaintenance20261122036100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE maintenance_notices (
         id uuid PRIMARY KEY,
         severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
         title text NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
         body text NOT NULL CHECK (length(body) BETWEEN 1 AND 2000),
         starts_at timestamptz NOT NULL,
         ends_at timestamptz NOT NULL,
         to_all boolean NOT NULL,
         -- shown to whoever stands at the door, so it must be for everybody
         on_sign_in boolean NOT NULL CHECK (NOT on_sign_in OR to_all),
         announced_by uuid NOT NULL REFERENCES vendor_users (id),
         announced_at timestamptz NOT NULL,
         withdrawn_at timestamptz,
         withdrawn_by uuid REFERENCES vendor_users (id),
         CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '31 days'),
         CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
       )`,
      'CREATE INDEX maintenance_notices_by_age ON maintenance_notices (announced_at DESC, id DESC)',
      `CREATE TABLE maintenance_notice_cities (
         notice_id uuid NOT NULL REFERENCES maintenance_notices (id),
         city_id uuid NOT NULL REFERENCES tenants (id),
         PRIMARY KEY (notice_id, city_id)
       )`,
      ...seenBy('maintenance_notice_cities', 'city_id = app_tenant_id()'),
      ...seenBy(
        'maintenance_notices',
        `to_all OR EXISTS (SELECT FROM maintenance_notice_cities c WHERE c.notice_id = id AND c.city_id = app_tenant_id())`,
      ),
      'GRANT SELECT ON maintenance_notice_cities TO moyai_app',
      `GRANT SELECT (id, severity, title, body, starts_at, ends_at, to_all, on_sign_in, announced_at, withdrawn_at)
         ON maintenance_notices TO moyai_app`,
      'GRANT SELECT, INSERT ON maintenance_notices, maintenance_notice_cities TO moyai_ops',
      'GRANT UPDATE (withdrawn_at, withdrawn_by) ON maintenance_notices TO moyai_ops',
      `CREATE TABLE notice_reads (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         member_id uuid NOT NULL,
         -- of whichever kind: a notice stays where it arose, and here is only who has read it
         notice_id uuid NOT NULL,
         read_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, member_id, notice_id),
         FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
       )`,
      ...tenantPolicy('notice_reads'),
      'GRANT SELECT, INSERT ON notice_reads TO moyai_app',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
