import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/**
 * The append-only, hash-chained audit trail, one chain per municipality and one for the vendor (the nil UUID, which is
 * why tenant_id references no tenant). No role may insert: only audit_append() writes, and it writes the chain too.
 */
export class CreateAuditTrail20261121200300 implements MigrationInterface {
  name = 'CreateAuditTrail20261121200300';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE audit_heads (
         tenant_id uuid PRIMARY KEY,
         sequence bigint NOT NULL,
         hash bytea NOT NULL
       )`,
      ...tenantPolicy('audit_heads'),
      `CREATE TABLE audit_entries (
         tenant_id uuid NOT NULL,
         sequence bigint NOT NULL,
         id uuid NOT NULL,
         occurred_at timestamptz NOT NULL,
         actor_type text NOT NULL CHECK (actor_type IN ('member', 'api_key', 'vendor', 'system', 'anonymous')),
         actor_id text,
         action text NOT NULL,
         subject_type text,
         subject_id text,
         segment text,
         outcome text NOT NULL CHECK (outcome IN ('success', 'refused', 'failed')),
         -- JSON as the exact text that was hashed; jsonb would reorder it
         details text NOT NULL,
         previous_hash bytea NOT NULL,
         hash bytea NOT NULL,
         PRIMARY KEY (tenant_id, sequence)
       )`,
      ...tenantPolicy('audit_entries'),
      'GRANT SELECT ON audit_entries, audit_heads TO moyai_app',
      // Ops anchors and verifies chains and reads the vendor's own; entries carry ids, never content.
      'CREATE POLICY moyai_ops_across_tenants ON audit_heads FOR SELECT TO moyai_ops USING (true)',
      'CREATE POLICY moyai_ops_across_tenants ON audit_entries FOR SELECT TO moyai_ops USING (true)',
      'CREATE POLICY moyai_admission_across_tenants ON audit_heads FOR SELECT TO moyai_admission USING (true)',
      'GRANT SELECT ON audit_entries, audit_heads TO moyai_ops',
      'GRANT SELECT ON audit_heads TO moyai_admission',
      `CREATE FUNCTION audit_entries_are_final() RETURNS trigger LANGUAGE plpgsql
         AS $$ BEGIN RAISE EXCEPTION 'audit entries are append-only'; END $$`,
      `CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON audit_entries
         FOR EACH ROW EXECUTE FUNCTION audit_entries_are_final()`,
      `CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_entries
         FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_are_final()`,
      // Length-prefixed so that no two different entries share one encoding. libs/audit computes the same bytes.
      `CREATE FUNCTION audit_field(p_value text) RETURNS text LANGUAGE sql IMMUTABLE
         AS $$ SELECT coalesce(octet_length(p_value)::text || ':' || p_value, '-') $$`,
      `CREATE FUNCTION audit_append(
         p_id uuid, p_occurred_at timestamptz, p_actor_type text, p_actor_id text, p_action text,
         p_subject_type text, p_subject_id text, p_segment text, p_outcome text, p_details text
       ) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
       DECLARE
         v_tenant uuid := app_tenant_id();
         v_head audit_heads;
         v_hash bytea;
       BEGIN
         IF v_tenant IS NULL THEN RAISE EXCEPTION 'audit_append without a tenant'; END IF;
         -- The head row is the lock of this chain: callers append last in their transaction.
         SELECT * INTO v_head FROM audit_heads WHERE tenant_id = v_tenant FOR UPDATE;
         IF NOT FOUND THEN
           INSERT INTO audit_heads VALUES (v_tenant, 0, sha256(convert_to('moyai.audit:' || v_tenant, 'UTF8')))
             ON CONFLICT DO NOTHING;
           SELECT * INTO v_head FROM audit_heads WHERE tenant_id = v_tenant FOR UPDATE;
         END IF;
         v_hash := sha256(v_head.hash || convert_to(
           audit_field(v_tenant::text) || audit_field((v_head.sequence + 1)::text) || audit_field(p_id::text)
           || audit_field(((extract(epoch FROM p_occurred_at) * 1000000)::bigint)::text)
           || audit_field(p_actor_type) || audit_field(p_actor_id) || audit_field(p_action)
           || audit_field(p_subject_type) || audit_field(p_subject_id) || audit_field(p_segment)
           || audit_field(p_outcome) || audit_field(p_details), 'UTF8'));
         INSERT INTO audit_entries VALUES (v_tenant, v_head.sequence + 1, p_id, p_occurred_at, p_actor_type, p_actor_id,
           p_action, p_subject_type, p_subject_id, p_segment, p_outcome, p_details, v_head.hash, v_hash);
         UPDATE audit_heads SET sequence = v_head.sequence + 1, hash = v_hash WHERE tenant_id = v_tenant;
         RETURN v_head.sequence + 1;
       END $$`,
      `REVOKE ALL ON FUNCTION audit_append(uuid, timestamptz, text, text, text, text, text, text, text, text) FROM PUBLIC`,
      `GRANT EXECUTE ON FUNCTION audit_append(uuid, timestamptz, text, text, text, text, text, text, text, text)
         TO moyai_app, moyai_ops, moyai_finance`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
