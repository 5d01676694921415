import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

const ONE_ENTRY = 'audit_append(uuid, timestamptz, text, text, text, text, text, text, text, text)';
const ENTRIES = 'audit_append(uuid[], timestamptz[], text[], text[], text[], text[], text[], text[], text[], text[])';
const RESERVATIONS =
  'budget_reserve(uuid[], text[], uuid[], uuid[], uuid[], date[], bigint[], timestamptz[], timestamptz[])';

/**
 * What works that share a transaction write, written by one call for all of them (docs/decisions/0037): the audit trail and
 * the budget take arrays, of one element where a work is alone.
 */
export class WriteForMany20261122047000 implements MigrationInterface {
  name = 'WriteForMany20261122047000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      APPEND,
      ...executableBy('moyai_app, moyai_ops, moyai_finance, moyai_exit', ENTRIES),
      RECORD,
      `DROP FUNCTION ${ONE_ENTRY}`,
      RESERVE,
      ...executableBy('moyai_app', RESERVATIONS),
      TRY_RESERVE,
      'DROP FUNCTION budget_reserve(uuid, text, uuid, uuid, uuid, date, bigint, timestamptz, timestamptz)',
      'DROP FUNCTION budget_reserve_all(text, uuid[], uuid[], bigint[], uuid, uuid, date, timestamptz, timestamptz)',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/** In the order given. The bytes that are hashed are as before; libs/audit computes the same ones. */
const APPEND = `
CREATE FUNCTION audit_append(
  p_ids uuid[], p_occurred_at timestamptz[], p_actor_types text[], p_actor_ids text[], p_actions text[],
  p_subject_types text[], p_subject_ids text[], p_segments text[], p_outcomes text[], p_details text[]
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_count integer := cardinality(p_ids);
  v_head audit_heads;
  -- the chain from its head on: element n + 1 is the hash of the nth entry, and the previous one of the next
  v_hashes bytea[];
BEGIN
  IF v_tenant IS NULL THEN RAISE EXCEPTION 'audit_append without a tenant'; END IF;
  -- The head row is the lock of this chain: callers append last in their transaction.
  SELECT * INTO v_head FROM audit_heads WHERE tenant_id = v_tenant FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO audit_heads VALUES (v_tenant, 0, sha256(convert_to('moyai.audit:' || v_tenant, 'UTF8')))
      ON CONFLICT DO NOTHING;
    SELECT * INTO v_head FROM audit_heads WHERE tenant_id = v_tenant FOR UPDATE;
  END IF;
  v_hashes := ARRAY[v_head.hash];
  FOR n IN 1 .. v_count LOOP
    v_hashes := v_hashes || sha256(v_hashes[n] || convert_to(
      audit_field(v_tenant::text) || audit_field((v_head.sequence + n)::text) || audit_field(p_ids[n]::text)
      || audit_field(((extract(epoch FROM p_occurred_at[n]) * 1000000)::bigint)::text)
      || audit_field(p_actor_types[n]) || audit_field(p_actor_ids[n]) || audit_field(p_actions[n])
      || audit_field(p_subject_types[n]) || audit_field(p_subject_ids[n]) || audit_field(p_segments[n])
      || audit_field(p_outcomes[n]) || audit_field(p_details[n]), 'UTF8'));
  END LOOP;
  INSERT INTO audit_entries (tenant_id, sequence, id, occurred_at, actor_type, actor_id, action, subject_type, subject_id,
      segment, outcome, details, previous_hash, hash)
    SELECT v_tenant, v_head.sequence + e.n, e.id, e.occurred_at, e.actor_type, e.actor_id, e.action, e.subject_type,
      e.subject_id, e.segment, e.outcome, e.details, v_hashes[e.n], v_hashes[e.n + 1]
    FROM unnest(p_ids, p_occurred_at, p_actor_types, p_actor_ids, p_actions, p_subject_types, p_subject_ids, p_segments,
      p_outcomes, p_details) WITH ORDINALITY
    AS e (id, occurred_at, actor_type, actor_id, action, subject_type, subject_id, segment, outcome, details, n);
  UPDATE audit_heads SET sequence = v_head.sequence + v_count, hash = v_hashes[v_count + 1] WHERE tenant_id = v_tenant;
  RETURN v_head.sequence + v_count;
END $$`;

/** What was read, in the city's trail: the reading and its entry are one statement, and neither is without the other. */
const RECORD = `
CREATE OR REPLACE FUNCTION content_access_record(p_access content_accesses, p_action text, p_details json)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM audit_append(ARRAY[gen_random_uuid()], ARRAY[clock_timestamp()], ARRAY['vendor'],
    ARRAY[p_access.asked_by::text], ARRAY[p_action], ARRAY['content-access'], ARRAY[p_access.id::text],
    ARRAY[p_access.segment], ARRAY['success'], ARRAY[p_details::text]);
END $$`;

/**
 * All of it, on all levels, or nothing. SQLSTATE MB001: it does not fit into the city's budget; MB002, MB003: see
 * budget_reserve_allotted(). The budgets come last, because everybody in the city waits for these rows until the commit.
 */
const RESERVE = `
CREATE FUNCTION budget_reserve(p_ids uuid[], p_subject_types text[], p_subject_ids uuid[], p_department_ids uuid[],
  p_member_ids uuid[], p_months date[], p_tokens bigint[], p_at timestamptz[], p_expires_at timestamptz[])
  RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_held record;
  v_allotted boolean;
BEGIN
  -- Whoever is refused anyhow is refused before anything is written.
  FOR v_held IN
    SELECT h.month, sum(h.tokens)::bigint AS tokens FROM unnest(p_months, p_tokens) AS h (month, tokens)
    GROUP BY h.month ORDER BY h.month
  LOOP
    PERFORM FROM budgets WHERE tenant_id = v_tenant AND month = v_held.month
      AND used_tokens + reserved_tokens + v_held.tokens <= limit_tokens;
    IF NOT FOUND THEN
      PERFORM budget_open(v_held.month);
      PERFORM demand(EXISTS (SELECT FROM budgets WHERE tenant_id = v_tenant AND month = v_held.month
        AND used_tokens + reserved_tokens + v_held.tokens <= limit_tokens), 'MB001');
    END IF;
  END LOOP;
  INSERT INTO reservations (tenant_id, id, subject_type, subject_id, department_id, member_id, month, tokens, created_at,
      expires_at)
    SELECT v_tenant, r.* FROM unnest(p_ids, p_subject_types, p_subject_ids, p_department_ids, p_member_ids, p_months,
      p_tokens, p_at, p_expires_at) AS r;
  FOR v_held IN
    SELECT h.month, sum(h.tokens)::bigint AS tokens FROM unnest(p_months, p_tokens) AS h (month, tokens)
    GROUP BY h.month ORDER BY h.month
  LOOP
    UPDATE budgets SET reserved_tokens = reserved_tokens + v_held.tokens
    WHERE tenant_id = v_tenant AND month = v_held.month
      AND used_tokens + reserved_tokens + v_held.tokens <= limit_tokens
    RETURNING allotted INTO v_allotted;
    PERFORM demand(FOUND, 'MB001');
    IF v_allotted THEN
      PERFORM budget_reserve_allotted(v_held.month, h.tokens, h.department_id, h.member_id)
      FROM (
        SELECT a.department_id, a.member_id, sum(a.tokens)::bigint AS tokens
        FROM unnest(p_department_ids, p_member_ids, p_months, p_tokens) AS a (department_id, member_id, month, tokens)
        WHERE a.month = v_held.month GROUP BY a.department_id, a.member_id) h;
    END IF;
  END LOOP;
END $$`;

const TRY_RESERVE = `
CREATE OR REPLACE FUNCTION budget_try_reserve(p_id uuid, p_subject_type text, p_subject_id uuid, p_department_id uuid,
  p_member_id uuid, p_month date, p_tokens bigint, p_at timestamptz, p_expires_at timestamptz)
  RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM budget_reserve(ARRAY[p_id], ARRAY[p_subject_type], ARRAY[p_subject_id], ARRAY[p_department_id],
    ARRAY[p_member_id], ARRAY[p_month], ARRAY[p_tokens], ARRAY[p_at], ARRAY[p_expires_at]);
  RETURN true;
EXCEPTION WHEN SQLSTATE 'MB001' OR SQLSTATE 'MB002' OR SQLSTATE 'MB003' THEN
  RETURN false;
END $$`;
