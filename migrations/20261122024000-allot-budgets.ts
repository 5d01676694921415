import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly, tenantPolicy } from './owner.ts';

/**
 * Limits of departments and members within the city's (docs/decisions/0021). Whoever moves tokens takes the city's row of
 * the month first: it says whether anybody has a limit of their own, and it is the lock under which all levels move.
 */
export class AllotBudgets20261122024000 implements MigrationInterface {
  name = 'AllotBudgets20261122024000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `ALTER TABLE budgets
         -- whether a department or a member may have a limit of its own in this month
         ADD allotted boolean NOT NULL DEFAULT false,
         -- at which shares of a limit those concerned are told
         ADD notice_percents smallint[] NOT NULL DEFAULT '{50,80,100}'
           CHECK (cardinality(notice_percents) <= 5 AND 0 < ALL (notice_percents) AND 100 >= ALL (notice_percents))`,

      `CREATE TABLE budget_allotments (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         level text NOT NULL CHECK (level IN ('department', 'member')),
         holder_id uuid NOT NULL,
         month date NOT NULL,
         -- NULL: no limit of its own from this month on
         limit_tokens bigint CHECK (limit_tokens >= 0),
         used_tokens bigint NOT NULL DEFAULT 0 CHECK (used_tokens >= 0),
         reserved_tokens bigint NOT NULL DEFAULT 0 CHECK (reserved_tokens >= 0),
         department_id uuid GENERATED ALWAYS AS (CASE level WHEN 'department' THEN holder_id END) STORED,
         member_id uuid GENERATED ALWAYS AS (CASE level WHEN 'member' THEN holder_id END) STORED,
         PRIMARY KEY (tenant_id, holder_id, month),
         FOREIGN KEY (tenant_id, month) REFERENCES budgets (tenant_id, month),
         FOREIGN KEY (tenant_id, department_id) REFERENCES departments (tenant_id, id),
         FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
       )`,
      ...tenantPolicy('budget_allotments'),
      'GRANT SELECT, INSERT, UPDATE ON budget_allotments TO moyai_app',

      // Whose limits a reservation counts against. Those held before this migration count against the city's alone.
      `ALTER TABLE reservations ADD department_id uuid, ADD member_id uuid,
         ADD FOREIGN KEY (tenant_id, department_id) REFERENCES departments (tenant_id, id),
         ADD FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)`,

      `CREATE TABLE budget_notices (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         id uuid NOT NULL DEFAULT gen_random_uuid(),
         level text NOT NULL CHECK (level IN ('city', 'department', 'member')),
         -- the tenant itself for the city
         holder_id uuid NOT NULL,
         month date NOT NULL,
         percent smallint NOT NULL,
         -- of which limit: a limit that moves is noticed anew
         limit_tokens bigint NOT NULL,
         used_tokens bigint NOT NULL,
         noticed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, holder_id, month, percent, limit_tokens),
         FOREIGN KEY (tenant_id, month) REFERENCES budgets (tenant_id, month)
       )`,
      ...tenantPolicy('budget_notices'),
      'GRANT SELECT, INSERT ON budget_notices TO moyai_app',
      `CREATE TABLE budget_notice_dismissals (
         tenant_id uuid NOT NULL,
         notice_id uuid NOT NULL,
         member_id uuid NOT NULL,
         dismissed_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, notice_id, member_id),
         FOREIGN KEY (tenant_id, notice_id) REFERENCES budget_notices (tenant_id, id),
         FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id)
       )`,
      ...tenantPolicy('budget_notice_dismissals'),
      'GRANT SELECT, INSERT ON budget_notice_dismissals TO moyai_app',

      'DROP FUNCTION budget_try_reserve(uuid, text, uuid, date, bigint, timestamptz, timestamptz)',
      'DROP FUNCTION budget_reserve(uuid, text, uuid, date, bigint, timestamptz, timestamptz)',
      'DROP FUNCTION budget_reserve_all(text, uuid[], uuid[], bigint[], date, timestamptz, timestamptz)',
      OPEN,
      OPEN_ALLOTMENT,
      RESERVE_ALLOTTED,
      RESERVE,
      TRY_RESERVE,
      RESERVE_ALL,
      NOTICE,
      SETTLE,
      GIVE_BACK,
      ...executableBy(
        'moyai_app',
        'budget_open(date)',
        'budget_open_allotment(text, uuid, date)',
        'budget_reserve_allotted(date, bigint, uuid, uuid)',
        'budget_reserve(uuid, text, uuid, uuid, uuid, date, bigint, timestamptz, timestamptz)',
        'budget_try_reserve(uuid, text, uuid, uuid, uuid, date, bigint, timestamptz, timestamptz)',
        'budget_reserve_all(text, uuid[], uuid[], bigint[], uuid, uuid, date, timestamptz, timestamptz)',
        'budget_notice(text, uuid, date, smallint[], bigint, bigint, bigint)',
        'budget_settle(date, bigint, bigint, uuid, uuid)',
        'budget_give_back(uuid[])',
      ),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/** The city's row of a month; a new one goes on with what the latest before it says, the first allows nothing. */
const OPEN = `
CREATE FUNCTION budget_open(p_month date) RETURNS void LANGUAGE sql AS $$
  INSERT INTO budgets (tenant_id, month, limit_tokens, allotted, notice_percents)
    SELECT app_tenant_id(), p_month, coalesce(b.limit_tokens, 0), coalesce(b.allotted, false),
      coalesce(b.notice_percents, '{50,80,100}')
    FROM (SELECT) AS one LEFT JOIN LATERAL (
      SELECT * FROM budgets WHERE tenant_id = app_tenant_id() AND month < p_month ORDER BY month DESC LIMIT 1) b ON true
  ON CONFLICT DO NOTHING
$$`;

/**
 * The row of a department or member in a month, locked under the city's, to set a limit in it. Made late, it knows all the
 * same what was used and is held: nobody moves tokens of the month meanwhile.
 */
const OPEN_ALLOTMENT = `
CREATE FUNCTION budget_open_allotment(p_level text, p_holder_id uuid, p_month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_tenant uuid := app_tenant_id();
BEGIN
  PERFORM budget_open(p_month);
  UPDATE budgets SET allotted = true WHERE tenant_id = v_tenant AND month >= p_month;
  INSERT INTO budget_allotments (tenant_id, level, holder_id, month, limit_tokens, used_tokens, reserved_tokens)
    SELECT v_tenant, p_level, p_holder_id, p_month,
      (SELECT limit_tokens FROM budget_allotments
       WHERE tenant_id = v_tenant AND holder_id = p_holder_id AND month < p_month ORDER BY month DESC LIMIT 1),
      (SELECT coalesce(sum(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens), 0) FROM usage_records
       WHERE tenant_id = v_tenant AND accepted_at >= p_month::timestamp AT TIME ZONE 'Asia/Tokyo'
         AND accepted_at < (p_month + interval '1 month') AT TIME ZONE 'Asia/Tokyo'
         AND CASE p_level WHEN 'department' THEN department_id ELSE member_id END = p_holder_id),
      (SELECT coalesce(sum(tokens), 0) FROM reservations
       WHERE tenant_id = v_tenant AND month = p_month AND state = 'held'
         AND CASE p_level WHEN 'department' THEN department_id ELSE member_id END = p_holder_id)
  ON CONFLICT DO NOTHING;
END $$`;

/** Of a city that allots, after its own row was taken. SQLSTATE MB002: not within the department's limit; MB003: the member's. */
const RESERVE_ALLOTTED = `
CREATE FUNCTION budget_reserve_allotted(p_month date, p_tokens bigint, p_department_id uuid, p_member_id uuid)
  RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_department boolean;
  v_member boolean;
BEGIN
  -- the limit goes on into a new month with whoever comes first
  INSERT INTO budget_allotments (tenant_id, level, holder_id, month, limit_tokens)
    SELECT v_tenant, latest.level, latest.holder_id, p_month, latest.limit_tokens
    FROM unnest(ARRAY[p_department_id, p_member_id]) AS h (id) CROSS JOIN LATERAL (
      SELECT level, holder_id, month, limit_tokens FROM budget_allotments
      WHERE tenant_id = v_tenant AND holder_id = h.id AND month <= p_month ORDER BY month DESC LIMIT 1) latest
    WHERE latest.month < p_month;
  WITH held AS (
    UPDATE budget_allotments SET reserved_tokens = reserved_tokens + p_tokens
    WHERE tenant_id = v_tenant AND holder_id IN (p_department_id, p_member_id) AND month = p_month
    RETURNING level, coalesce(used_tokens + reserved_tokens <= limit_tokens, true) AS fits)
  SELECT bool_and(fits) FILTER (WHERE level = 'department'), bool_and(fits) FILTER (WHERE level = 'member')
    INTO v_department, v_member FROM held;
  PERFORM demand(coalesce(v_department, true), 'MB002');
  PERFORM demand(coalesce(v_member, true), 'MB003');
END $$`;

/** All levels or none. SQLSTATE MB001: it does not fit into the city's budget; MB002, MB003: see budget_reserve_allotted(). */
const RESERVE = `
CREATE FUNCTION budget_reserve(p_id uuid, p_subject_type text, p_subject_id uuid, p_department_id uuid, p_member_id uuid,
  p_month date, p_tokens bigint, p_at timestamptz, p_expires_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_allotted boolean;
BEGIN
  UPDATE budgets SET reserved_tokens = reserved_tokens + p_tokens
  WHERE tenant_id = v_tenant AND month = p_month AND used_tokens + reserved_tokens + p_tokens <= limit_tokens
  RETURNING allotted INTO v_allotted;
  IF NOT FOUND THEN
    PERFORM budget_open(p_month);
    UPDATE budgets SET reserved_tokens = reserved_tokens + p_tokens
    WHERE tenant_id = v_tenant AND month = p_month AND used_tokens + reserved_tokens + p_tokens <= limit_tokens
    RETURNING allotted INTO v_allotted;
    PERFORM demand(FOUND, 'MB001');
  END IF;
  IF v_allotted THEN
    PERFORM budget_reserve_allotted(p_month, p_tokens, p_department_id, p_member_id);
  END IF;
  INSERT INTO reservations (tenant_id, id, subject_type, subject_id, department_id, member_id, month, tokens, created_at,
      expires_at)
    VALUES (v_tenant, p_id, p_subject_type, p_subject_id, p_department_id, p_member_id, p_month, p_tokens, p_at,
      p_expires_at);
END $$`;

const TRY_RESERVE = `
CREATE FUNCTION budget_try_reserve(p_id uuid, p_subject_type text, p_subject_id uuid, p_department_id uuid,
  p_member_id uuid, p_month date, p_tokens bigint, p_at timestamptz, p_expires_at timestamptz)
  RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM budget_reserve(p_id, p_subject_type, p_subject_id, p_department_id, p_member_id, p_month, p_tokens, p_at,
    p_expires_at);
  RETURN true;
EXCEPTION WHEN SQLSTATE 'MB001' OR SQLSTATE 'MB002' OR SQLSTATE 'MB003' THEN
  RETURN false;
END $$`;

/**
 * As budget_reserve(), for many subjects of one holder: all or none. The budget comes last, because everybody in the city
 * waits for that row until the commit.
 */
const RESERVE_ALL = `
CREATE FUNCTION budget_reserve_all(p_subject_type text, p_subject_ids uuid[], p_ids uuid[], p_tokens bigint[],
  p_department_id uuid, p_member_id uuid, p_month date, p_at timestamptz, p_expires_at timestamptz)
  RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_tokens bigint := (SELECT sum(tokens) FROM unnest(p_tokens) AS t (tokens));
  v_allotted boolean;
BEGIN
  PERFORM budget_open(p_month);
  INSERT INTO reservations (tenant_id, id, subject_type, subject_id, department_id, member_id, month, tokens, created_at,
      expires_at)
    SELECT v_tenant, r.id, p_subject_type, r.subject_id, p_department_id, p_member_id, p_month, r.tokens, p_at,
      p_expires_at
    FROM unnest(p_ids, p_subject_ids, p_tokens) AS r (id, subject_id, tokens);
  UPDATE budgets SET reserved_tokens = reserved_tokens + v_tokens
  WHERE tenant_id = v_tenant AND month = p_month AND used_tokens + reserved_tokens + v_tokens <= limit_tokens
  RETURNING allotted INTO v_allotted;
  PERFORM demand(FOUND, 'MB001');
  IF v_allotted THEN
    PERFORM budget_reserve_allotted(p_month, v_tokens, p_department_id, p_member_id);
  END IF;
END $$`;

/** Tells, once for each limit, that use has passed a share of it. */
const NOTICE = `
CREATE FUNCTION budget_notice(p_level text, p_holder_id uuid, p_month date, p_percents smallint[], p_limit bigint,
  p_before bigint, p_after bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_percent smallint;
BEGIN
  FOREACH v_percent IN ARRAY p_percents LOOP
    IF p_before * 100 < p_limit * v_percent AND p_after * 100 >= p_limit * v_percent THEN
      INSERT INTO budget_notices (tenant_id, level, holder_id, month, percent, limit_tokens, used_tokens)
        VALUES (app_tenant_id(), p_level, p_holder_id, p_month, v_percent, p_limit, p_after) ON CONFLICT DO NOTHING;
    END IF;
  END LOOP;
END $$`;

/** Turns what was freed into what was used, on all levels, and tells of the thresholds that were passed. */
const SETTLE = `
CREATE FUNCTION budget_settle(p_month date, p_used bigint, p_freed bigint, p_department_id uuid, p_member_id uuid)
  RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_city budgets;
  v_allotment budget_allotments;
BEGIN
  UPDATE budgets SET used_tokens = used_tokens + p_used, reserved_tokens = reserved_tokens - p_freed
  WHERE tenant_id = app_tenant_id() AND month = p_month RETURNING * INTO v_city;
  PERFORM budget_notice('city', v_city.tenant_id, p_month, v_city.notice_percents, v_city.limit_tokens,
    v_city.used_tokens - p_used, v_city.used_tokens);
  IF v_city.allotted THEN
    FOR v_allotment IN
      UPDATE budget_allotments SET used_tokens = used_tokens + p_used, reserved_tokens = reserved_tokens - p_freed
      WHERE tenant_id = v_city.tenant_id AND holder_id IN (p_department_id, p_member_id) AND month = p_month RETURNING *
    LOOP
      PERFORM budget_notice(v_allotment.level, v_allotment.holder_id, p_month, v_city.notice_percents,
        v_allotment.limit_tokens, v_allotment.used_tokens - p_used, v_allotment.used_tokens);
    END LOOP;
  END IF;
END $$`;

/** Of reservations that have ended without use. */
const GIVE_BACK = `
CREATE FUNCTION budget_give_back(p_reservation_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_tenant uuid := app_tenant_id();
  v_ended record;
  v_allotted boolean;
BEGIN
  FOR v_ended IN
    SELECT month, sum(tokens)::bigint AS tokens FROM reservations
    WHERE tenant_id = v_tenant AND id = ANY (p_reservation_ids) GROUP BY month ORDER BY month
  LOOP
    UPDATE budgets SET reserved_tokens = reserved_tokens - v_ended.tokens
    WHERE tenant_id = v_tenant AND month = v_ended.month RETURNING allotted INTO v_allotted;
    IF v_allotted THEN
      UPDATE budget_allotments a SET reserved_tokens = a.reserved_tokens - e.tokens
      FROM (SELECT h.id, sum(r.tokens)::bigint AS tokens
            FROM reservations r CROSS JOIN LATERAL unnest(ARRAY[r.department_id, r.member_id]) AS h (id)
            WHERE r.tenant_id = v_tenant AND r.id = ANY (p_reservation_ids) AND r.month = v_ended.month GROUP BY h.id) e
      WHERE a.tenant_id = v_tenant AND a.holder_id = e.id AND a.month = v_ended.month;
    END IF;
  END LOOP;
END $$`;
