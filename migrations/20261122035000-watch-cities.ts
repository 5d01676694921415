import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/** Trials, and what the vendor's console shows of two thousand cities at a glance (docs/decisions/0029). */
export class WatchCities20261122035000 implements MigrationInterface {
  name = 'WatchCities20261122035000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `ALTER TABLE tenants
         -- the last JST day of a trial; an approved contract overtakes it
         ADD trial_ends_on date,
         -- why the city is not in service, as the operator wrote it
         ADD status_reason text CHECK (length(status_reason) BETWEEN 1 AND 200),
         ADD status_changed_at timestamptz`,
      'GRANT UPDATE (trial_ends_on, status_reason, status_changed_at) ON tenants TO moyai_ops',
      ...HOURS,
      ...ACTIVITY,
      ...CONTRACTS_SEEN_BY_OPS,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

const HOURS = [
  `CREATE TABLE city_hours (
     tenant_id uuid NOT NULL REFERENCES tenants (id),
     hour timestamptz NOT NULL,
     -- jobs that came to an answer or failed in it; what people cancelled says nothing about the service
     ended integer NOT NULL,
     failed integer NOT NULL,
     PRIMARY KEY (tenant_id, hour)
   )`,
  'CREATE INDEX city_hours_by_hour ON city_hours (hour)',
  ...tenantPolicy('city_hours'),
  acrossTenants('city_hours', 'moyai_admission'),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON city_hours TO moyai_admission',
  'CREATE POLICY moyai_ops_across_tenants ON city_hours FOR SELECT TO moyai_ops USING (true)',
  'GRANT SELECT ON city_hours TO moyai_ops',
  // Summaries of pages: settling a job writes no index entry for it, and what ended lately lies at the table's end.
  'CREATE INDEX jobs_by_end ON jobs USING brin (finished_at) WITH (pages_per_range = 32)',
  `CREATE POLICY moyai_admission_counts_ended ON jobs FOR SELECT TO moyai_admission USING (finished_at IS NOT NULL)`,
  'GRANT SELECT (finished_at) ON jobs TO moyai_admission',
];

const ACTIVITY = [
  `CREATE TABLE city_activity (
     tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
     members integer NOT NULL,
     -- when the members were counted: a few cities at a time
     counted_at timestamptz NOT NULL,
     last_sign_in_at timestamptz,
     last_use_at timestamptz,
     ended_day integer NOT NULL DEFAULT 0,
     failed_day integer NOT NULL DEFAULT 0,
     ended_week integer NOT NULL DEFAULT 0,
     failed_week integer NOT NULL DEFAULT 0
   ) WITH (fillfactor = 70)`,
  'CREATE INDEX city_activity_by_count ON city_activity (counted_at)',
  ...tenantPolicy('city_activity'),
  acrossTenants('city_activity', 'moyai_admission'),
  'GRANT SELECT, INSERT, UPDATE ON city_activity TO moyai_admission',
  'CREATE POLICY moyai_ops_across_tenants ON city_activity FOR SELECT TO moyai_ops USING (true)',
  'GRANT SELECT ON city_activity TO moyai_ops',
  'CREATE POLICY moyai_admission_across_tenants ON tenants FOR SELECT TO moyai_admission USING (true)',
  'GRANT SELECT (id) ON tenants TO moyai_admission',
  'CREATE POLICY moyai_admission_counts ON members FOR SELECT TO moyai_admission USING (true)',
  'GRANT SELECT (tenant_id, status, last_sign_in_at) ON members TO moyai_admission',
  'CREATE POLICY moyai_admission_watches ON usage_records FOR SELECT TO moyai_admission USING (true)',
  'GRANT SELECT (tenant_id, accepted_at) ON usage_records TO moyai_admission',
];

/** Until when a city is under contract; not what it pays. */
const CONTRACTS_SEEN_BY_OPS = [
  'CREATE POLICY moyai_ops_across_tenants ON contracts FOR SELECT TO moyai_ops USING (true)',
  'GRANT SELECT (tenant_id, id, title, starts_on, ends_on) ON contracts TO moyai_ops',
  'CREATE POLICY moyai_ops_across_tenants ON contract_terms FOR SELECT TO moyai_ops USING (true)',
  'GRANT SELECT (tenant_id, contract_id, valid_from, plan_id, approved_at) ON contract_terms TO moyai_ops',
  'GRANT SELECT (id, code, name, retired_at) ON plans TO moyai_ops',
];
