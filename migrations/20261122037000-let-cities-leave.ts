import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly, segmentPolicy, tenantPolicy } from './owner.ts';

/** A city leaves (docs/decisions/0032): its exit, the exports it takes along, and what is known of it afterwards. */
export class LetCitiesLeave20261122037000 implements MigrationInterface {
  name = 'LetCitiesLeave20261122037000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`DO $$ BEGIN
      CREATE ROLE moyai_exit NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`);
    await runner.query('GRANT USAGE ON SCHEMA public TO moyai_exit');
    await asOwner(runner, [...TOMBSTONES, ...EXITS, ...EXPORTS, ...CERTIFICATES, ...CANARIES]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

const TOMBSTONES = [
  `ALTER TABLE tenants DROP CONSTRAINT tenants_status_check,
     ADD CONSTRAINT tenants_status_check CHECK (status IN ('active', 'suspended', 'frozen', 'deleted'))`,
  // Who has left may come again, as another tenant.
  'ALTER TABLE tenants DROP CONSTRAINT tenants_code_key',
  `CREATE UNIQUE INDEX tenants_code_key ON tenants (code) WHERE status <> 'deleted'`,
  // Nobody signs in to a city that has left: a failed attempt would leave a row behind again.
  `CREATE OR REPLACE FUNCTION tenant_by_code(p_code text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
     SET search_path = pg_catalog, public, pg_temp
     AS $$ SELECT id FROM public.tenants WHERE code = p_code AND status <> 'deleted' $$`,
  'CREATE POLICY moyai_exit_across_tenants ON tenants FOR SELECT TO moyai_exit USING (true)',
  'GRANT SELECT ON tenants TO moyai_exit',
];

const ownRows = (table: string): string =>
  `CREATE POLICY moyai_exit_own_rows ON ${table} TO moyai_exit
     USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id())`;

const EXITS = [
  `CREATE TABLE city_exits (
     tenant_id uuid NOT NULL REFERENCES tenants (id),
     id uuid NOT NULL,
     state text NOT NULL DEFAULT 'planned'
       CHECK (state IN ('planned', 'frozen', 'exported', 'waiting', 'deleting', 'deleted', 'withdrawn')),
     -- shown to the city
     reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
     -- the JST day on which the last contract ends; null for a city that never had one
     contract_ends_on date,
     -- of the contract: after its end and after the hand-over, whichever is later
     waiting_days integer NOT NULL CHECK (waiting_days BETWEEN 60 AND 90),
     planned_by uuid NOT NULL REFERENCES vendor_users (id),
     planned_at timestamptz NOT NULL,
     -- a member of the city: its row will be gone, so this references none
     agreed_by uuid,
     agreed_at timestamptz,
     frozen_by uuid REFERENCES vendor_users (id),
     frozen_at timestamptz,
     exported_at timestamptz,
     handed_over_at timestamptz,
     -- why the vendor says that the city has its data; null where the city took them itself
     handed_over_note text CHECK (length(handed_over_note) BETWEEN 1 AND 500),
     -- the first JST day on which the deletion may begin
     delete_from date,
     deletion_by uuid REFERENCES vendor_users (id),
     deletion_started_at timestamptz,
     deleted_at timestamptz,
     withdrawn_by uuid REFERENCES vendor_users (id),
     withdrawn_at timestamptz,
     -- the deletion, step by step: whoever takes it up again goes on from here
     phase text CHECK (phase IN ('queues', 'rows', 'key', 'scan')),
     done bigint NOT NULL DEFAULT 0,
     total bigint NOT NULL DEFAULT 0,
     -- where the city's audit chain ended, so that its absence is no sign of tampering
     chain_sequence bigint,
     chain_hash bytea,
     key_record jsonb,
     findings jsonb,
     -- code of what stopped the work last; it goes on when somebody asks for it again
     fault text,
     touched_at timestamptz,
     deliveries integer NOT NULL DEFAULT 0,
     PRIMARY KEY (tenant_id, id),
     CHECK ((agreed_by IS NULL) = (agreed_at IS NULL)),
     -- two people of two parties
     CHECK (state IN ('planned', 'withdrawn') OR (agreed_at IS NOT NULL AND frozen_at IS NOT NULL)),
     CHECK (state IN ('planned', 'frozen', 'withdrawn') OR exported_at IS NOT NULL),
     CHECK (state NOT IN ('waiting', 'deleting', 'deleted') OR (handed_over_at IS NOT NULL AND delete_from IS NOT NULL)),
     CHECK (state NOT IN ('deleting', 'deleted') OR deletion_started_at IS NOT NULL),
     CHECK ((state = 'deleted') = (deleted_at IS NOT NULL)),
     CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
     CHECK ((state = 'deleting') = (phase IS NOT NULL))
   )`,
  `CREATE UNIQUE INDEX city_exits_one ON city_exits (tenant_id) WHERE state <> 'withdrawn'`,
  ...tenantPolicy('city_exits'),
  acrossTenants('city_exits', 'moyai_ops'),
  acrossTenants('city_exits', 'moyai_exit'),
  `GRANT SELECT (tenant_id, id, state, reason, contract_ends_on, waiting_days, planned_at, agreed_by, agreed_at, frozen_at,
     exported_at, handed_over_at, delete_from, withdrawn_at) ON city_exits TO moyai_app`,
  // The city agrees, and its own download is the hand-over.
  'GRANT UPDATE (state, agreed_by, agreed_at, handed_over_at, delete_from) ON city_exits TO moyai_app',
  'GRANT SELECT, INSERT ON city_exits TO moyai_ops',
  `GRANT UPDATE (state, frozen_by, frozen_at, handed_over_at, handed_over_note, delete_from, deletion_by,
     deletion_started_at, withdrawn_by, withdrawn_at, phase, fault, touched_at, deliveries) ON city_exits TO moyai_ops`,
  'GRANT SELECT ON city_exits TO moyai_exit',
  `GRANT UPDATE (state, exported_at, deleted_at, phase, done, total, chain_sequence, chain_hash, key_record, findings,
     fault, touched_at, deliveries) ON city_exits TO moyai_exit`,
  // SQLSTATE MX002: no such step from here, or not by this role.
  `CREATE FUNCTION city_exit_step() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF TG_OP = 'DELETE' OR OLD.state <> NEW.state AND (OLD.state, NEW.state, current_user::text) NOT IN (
       ('planned', 'frozen', 'moyai_ops'), ('planned', 'withdrawn', 'moyai_ops'), ('frozen', 'withdrawn', 'moyai_ops'),
       ('exported', 'withdrawn', 'moyai_ops'), ('waiting', 'withdrawn', 'moyai_ops'),
       ('frozen', 'exported', 'moyai_exit'), ('exported', 'waiting', 'moyai_app'), ('exported', 'waiting', 'moyai_ops'),
       ('waiting', 'deleting', 'moyai_ops'), ('deleting', 'deleted', 'moyai_exit'))
     THEN RAISE EXCEPTION 'no such step' USING ERRCODE = 'MX002'; END IF;
     RETURN NEW;
   END $$`,
  'CREATE TRIGGER step BEFORE UPDATE OR DELETE ON city_exits FOR EACH ROW EXECUTE FUNCTION city_exit_step()',
  `CREATE TABLE exit_deletions (
     tenant_id uuid NOT NULL,
     exit_id uuid NOT NULL,
     -- a table, or another place that is counted as one
     place text NOT NULL,
     removed bigint NOT NULL CHECK (removed >= 0),
     finished_at timestamptz,
     PRIMARY KEY (tenant_id, exit_id, place),
     FOREIGN KEY (tenant_id, exit_id) REFERENCES city_exits (tenant_id, id)
   )`,
  ...tenantPolicy('exit_deletions'),
  ownRows('exit_deletions'),
  'GRANT SELECT, INSERT ON exit_deletions TO moyai_exit',
  'GRANT UPDATE (removed, finished_at) ON exit_deletions TO moyai_exit',
  'CREATE POLICY moyai_ops_across_tenants ON exit_deletions FOR SELECT TO moyai_ops USING (true)',
  'GRANT SELECT ON exit_deletions TO moyai_ops',
];

const EXPORTS = [
  `CREATE TABLE data_exports (
     tenant_id uuid NOT NULL REFERENCES tenants (id),
     -- an archive holds what can be seen from its network, and leaves through it
     segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
     id uuid NOT NULL,
     -- made because the city leaves; null: asked for by its administrator
     exit_id uuid,
     requested_by uuid,
     state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'ready', 'failed', 'expired')),
     requested_at timestamptz NOT NULL,
     finished_at timestamptz,
     expires_at timestamptz,
     -- rows
     done bigint NOT NULL DEFAULT 0,
     total bigint NOT NULL DEFAULT 0,
     bytes bigint NOT NULL DEFAULT 0,
     manifest_sha256 bytea CHECK (octet_length(manifest_sha256) = 32),
     fault text,
     touched_at timestamptz NOT NULL,
     deliveries integer NOT NULL DEFAULT 1,
     PRIMARY KEY (tenant_id, id),
     FOREIGN KEY (tenant_id, exit_id) REFERENCES city_exits (tenant_id, id),
     FOREIGN KEY (tenant_id, requested_by) REFERENCES members (tenant_id, id),
     CHECK ((exit_id IS NULL) <> (requested_by IS NULL)),
     CHECK ((state = 'ready') <= (manifest_sha256 IS NOT NULL))
   )`,
  `CREATE UNIQUE INDEX data_exports_of_exit ON data_exports (tenant_id, exit_id, segment) WHERE exit_id IS NOT NULL`,
  // One at a time: what a city asks for twice it gets once.
  `CREATE UNIQUE INDEX data_exports_under_way ON data_exports (tenant_id, segment)
     WHERE exit_id IS NULL AND state IN ('queued', 'running')`,
  ...segmentPolicy('data_exports'),
  'GRANT SELECT, INSERT ON data_exports TO moyai_app',
  `GRANT UPDATE (state, finished_at, expires_at, done, total, bytes, manifest_sha256, fault, touched_at)
     ON data_exports TO moyai_app`,
  // Those that lost their worker are found across cities; removed they are with their city alone.
  'CREATE POLICY moyai_exit_across_tenants ON data_exports FOR SELECT TO moyai_exit USING (true)',
  'CREATE POLICY moyai_exit_makes ON data_exports FOR INSERT TO moyai_exit WITH CHECK (exit_id IS NOT NULL)',
  'CREATE POLICY moyai_exit_delivers ON data_exports FOR UPDATE TO moyai_exit USING (true) WITH CHECK (true)',
  'GRANT SELECT, INSERT, DELETE ON data_exports TO moyai_exit',
  'GRANT UPDATE (state, fault, touched_at, deliveries) ON data_exports TO moyai_exit',
  'CREATE POLICY moyai_ops_across_tenants ON data_exports FOR SELECT TO moyai_ops USING (true)',
  'GRANT SELECT (tenant_id, segment, id, exit_id, state, done, total, bytes, manifest_sha256, fault) ON data_exports TO moyai_ops',
  `CREATE TABLE data_export_files (
     tenant_id uuid NOT NULL,
     segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
     export_id uuid NOT NULL,
     number integer NOT NULL,
     path text NOT NULL,
     -- null until the file is whole: a killed worker's half is begun again
     sha256 bytea CHECK (octet_length(sha256) = 32),
     bytes bigint NOT NULL DEFAULT 0,
     rows bigint,
     chunks integer NOT NULL DEFAULT 0,
     PRIMARY KEY (tenant_id, export_id, number),
     UNIQUE (tenant_id, export_id, path),
     FOREIGN KEY (tenant_id, export_id) REFERENCES data_exports (tenant_id, id)
   )`,
  ...segmentPolicy('data_export_files'),
  'GRANT SELECT, INSERT, DELETE ON data_export_files TO moyai_app',
  'GRANT UPDATE (sha256, bytes, rows, chunks) ON data_export_files TO moyai_app',
  `CREATE TABLE data_export_chunks (
     tenant_id uuid NOT NULL,
     segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
     export_id uuid NOT NULL,
     file integer NOT NULL,
     number integer NOT NULL,
     -- deflated, then sealed
     body_sealed bytea NOT NULL,
     PRIMARY KEY (tenant_id, export_id, file, number),
     FOREIGN KEY (tenant_id, export_id, file) REFERENCES data_export_files (tenant_id, export_id, number)
   )`,
  // Sealed bytes do not compress.
  'ALTER TABLE data_export_chunks ALTER body_sealed SET STORAGE EXTERNAL',
  ...segmentPolicy('data_export_chunks'),
  'GRANT SELECT, INSERT, DELETE ON data_export_chunks TO moyai_app',
];

const CERTIFICATES = [
  `CREATE TABLE exit_certificates (
     tenant_id uuid NOT NULL,
     exit_id uuid NOT NULL,
     issued_at timestamptz NOT NULL,
     -- canonical JSON as the exact text whose hash is kept
     document text NOT NULL,
     sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
     PRIMARY KEY (tenant_id, exit_id),
     FOREIGN KEY (tenant_id, exit_id) REFERENCES city_exits (tenant_id, id)
   )`,
  ...tenantPolicy('exit_certificates'),
  ownRows('exit_certificates'),
  'GRANT SELECT, INSERT ON exit_certificates TO moyai_exit',
  'CREATE POLICY moyai_ops_across_tenants ON exit_certificates FOR SELECT TO moyai_ops USING (true)',
  'GRANT SELECT ON exit_certificates TO moyai_ops',
  `CREATE FUNCTION certificates_stay() RETURNS trigger LANGUAGE plpgsql
     AS $$ BEGIN RAISE EXCEPTION 'a certificate is final' USING ERRCODE = 'MX001'; END $$`,
  `CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON exit_certificates
     FOR EACH ROW EXECUTE FUNCTION certificates_stay()`,
  `CREATE TRIGGER no_truncate BEFORE TRUNCATE ON exit_certificates
     FOR EACH STATEMENT EXECUTE FUNCTION certificates_stay()`,
];

const CANARIES = [
  `CREATE TABLE exit_canaries (
     tenant_id uuid NOT NULL REFERENCES tenants (id),
     -- of a name that must be found nowhere afterwards; removed with the scan that looked for it
     digest bytea NOT NULL CHECK (octet_length(digest) = 32),
     PRIMARY KEY (tenant_id, digest)
   )`,
  ...tenantPolicy('exit_canaries'),
  ownRows('exit_canaries'),
  'GRANT SELECT, INSERT, DELETE ON exit_canaries TO moyai_exit',
];
