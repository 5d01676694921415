import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

/**
 * A limit of a department goes on into a new month with the first who uses it, also where that is a file: what it brought had
 * counted against the city's limit alone, as the department's began with the first job.
 */
export class BeginAllotmentsWithImports20261123010300 implements MigrationInterface {
  name = 'BeginAllotmentsWithImports20261123010300';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      BEGIN_ALLOTMENTS,
      ...executableBy('moyai_app', 'budget_begin_allotments(date, uuid, uuid)'),
      RESERVE_ALLOTTED,
      IMPORT_SETTLE,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/** Takes the limits of these holders on into a month, whose row of the city the caller has locked. */
const BEGIN_ALLOTMENTS = `
CREATE FUNCTION budget_begin_allotments(p_month date, p_department_id uuid, p_member_id uuid)
  RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_tenant uuid := app_tenant_id();
BEGIN
  INSERT INTO budget_allotments (tenant_id, level, holder_id, month, limit_tokens)
    SELECT v_tenant, latest.level, latest.holder_id, p_month, latest.limit_tokens
    FROM unnest(ARRAY[p_department_id, p_member_id]) AS h (id) CROSS JOIN LATERAL (
      SELECT level, holder_id, month, limit_tokens FROM budget_allotments
      WHERE tenant_id = v_tenant AND holder_id = h.id AND month <= p_month ORDER BY month DESC LIMIT 1) latest
    WHERE latest.month < p_month;
END $$`;

const RESERVE_ALLOTTED = `
CREATE OR REPLACE FUNCTION budget_reserve_allotted(p_month date, p_tokens bigint, p_department_id uuid, p_member_id uuid)
  RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_department boolean;
  v_member boolean;
BEGIN
  PERFORM budget_begin_allotments(p_month, p_department_id, p_member_id);
  WITH held AS (
    UPDATE budget_allotments SET reserved_tokens = reserved_tokens + p_tokens
    WHERE tenant_id = v_tenant AND holder_id IN (p_department_id, p_member_id) AND month = p_month
    RETURNING level, coalesce(used_tokens + reserved_tokens <= limit_tokens, true) AS fits)
  SELECT bool_and(fits) FILTER (WHERE level = 'department'), bool_and(fits) FILTER (WHERE level = 'member')
    INTO v_department, v_member FROM held;
  PERFORM demand(coalesce(v_department, true), 'MB002');
  PERFORM demand(coalesce(v_member, true), 'MB003');
END $$`;

const IMPORT_SETTLE = `
CREATE OR REPLACE FUNCTION usage_import_settle(p_tenant uuid, p_month date, p_tokens bigint, p_department_id uuid)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM set_config('app.tenant_id', p_tenant::text, true);
  PERFORM budget_open(p_month);
  PERFORM FROM budgets WHERE tenant_id = p_tenant AND month = p_month FOR UPDATE;
  PERFORM budget_begin_allotments(p_month, p_department_id, NULL);
  PERFORM budget_settle(p_month, p_tokens, 0, p_department_id, NULL);
END $$`;
