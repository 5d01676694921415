import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

/** Room is free while a job rests, lost calls are paid from the quota, and a changed share counts at once. */
export class KeepTrueAccounts20261122026100 implements MigrationInterface {
  name = 'KeepTrueAccounts20261122026100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `ALTER TABLE admission_entries DROP CONSTRAINT admission_entries_stage_check,
         ADD CONSTRAINT admission_entries_stage_check CHECK (stage IN ('arrived', 'waiting', 'running', 'resting'))`,
      SETTLE_LINES,
      'DROP FUNCTION pool_reroute(uuid, uuid, integer, text[])',
      POOL_REROUTE,
      POOL_CHARGE,
      ...executableBy(
        'moyai_admission',
        'pool_reroute(uuid, uuid, integer, text[], boolean)',
        'pool_charge(text[], double precision[])',
      ),
      'CREATE POLICY moyai_ops_changes_shares ON admission_queues FOR UPDATE TO moyai_ops USING (true) WITH CHECK (true)',
      'GRANT UPDATE (rank, at_limit) ON admission_queues TO moyai_ops',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/**
 * Takes out what has finished and takes back what workers return: gives its room to the deployments again, corrects
 * cities' virtual times by what was really spent, closes the breaker of a deployment that answers. Returns how many left
 * the pool.
 */
const SETTLE_LINES = `
CREATE OR REPLACE FUNCTION admission_settle() RETURNS integer LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_left integer := 0;
  v_returned integer := 0;
  v_cities uuid[];
  v_cities_returning uuid[];
BEGIN
  -- Cancelled in line: rare, and all that touches the lines.
  IF EXISTS (SELECT FROM admission_entries WHERE finished_at IS NOT NULL AND stage = 'waiting') THEN
    WITH gone AS (
      DELETE FROM admission_entries WHERE finished_at IS NOT NULL AND stage = 'waiting'
      RETURNING tenant_id, lane, route, actor_id, cost_tokens),
    lines AS (
      UPDATE admission_lines l SET waiting = l.waiting - g.jobs, waiting_tokens = l.waiting_tokens - g.tokens
      FROM (SELECT tenant_id, lane, route, actor_id, count(*)::integer AS jobs, sum(cost_tokens)::bigint AS tokens
            FROM gone GROUP BY 1, 2, 3, 4) g
      WHERE l.tenant_id = g.tenant_id AND l.lane = g.lane AND l.route = g.route AND l.actor_id = g.actor_id
      RETURNING l.tenant_id, l.lane, l.route, g.jobs, g.tokens),
    queues AS (
      UPDATE admission_queues q SET waiting = q.waiting - g.jobs, waiting_tokens = q.waiting_tokens - g.tokens
      FROM (SELECT tenant_id, lane, route, sum(jobs)::integer AS jobs, sum(tokens)::bigint AS tokens FROM lines GROUP BY 1, 2, 3) g
      WHERE q.tenant_id = g.tenant_id AND q.lane = g.lane AND q.route = g.route),
    routes AS (
      UPDATE admission_routes r SET waiting = r.waiting - g.jobs
      FROM (SELECT lane, route, sum(jobs)::integer AS jobs FROM lines GROUP BY 1, 2) g
      WHERE r.lane = g.lane AND r.route = g.route)
    UPDATE admission_shares s SET waiting = s.waiting - g.jobs, waiting_tokens = s.waiting_tokens - g.tokens
    FROM (SELECT tenant_id, sum(jobs)::integer AS jobs, sum(tokens)::bigint AS tokens FROM lines GROUP BY 1) g
    WHERE s.tenant_id = g.tenant_id;
  END IF;

  -- Given back: as if it had not been admitted. Its room is free at once; the job itself rests before it arrives anew.
  IF EXISTS (SELECT FROM admission_entries WHERE returned_at IS NOT NULL AND stage = 'running') THEN
    WITH held AS (
      SELECT tenant_id, job_id, deployment_id, quota_tokens FROM admission_entries
      WHERE returned_at IS NOT NULL AND stage = 'running' AND finished_at IS NULL FOR UPDATE SKIP LOCKED),
    returned AS (
      UPDATE admission_entries e SET stage = 'resting', admitted_at = NULL, deployment_id = NULL, quota_tokens = NULL,
        lease_expires_at = NULL
      FROM held WHERE e.tenant_id = held.tenant_id AND e.job_id = held.job_id
      RETURNING e.tenant_id, e.cost_tokens, held.deployment_id, held.quota_tokens),
    deployments AS (
      UPDATE pool_deployments d SET running = d.running - g.jobs, tokens_left = d.tokens_left + g.tokens
      FROM (SELECT deployment_id, count(*)::integer AS jobs, sum(quota_tokens) AS tokens FROM returned GROUP BY 1) g
      WHERE d.id = g.deployment_id),
    shares AS (
      UPDATE admission_shares s SET running = s.running - g.jobs, virtual_time = s.virtual_time - g.tokens / s.weight
      FROM (SELECT tenant_id, count(*)::integer AS jobs, sum(cost_tokens) AS tokens FROM returned GROUP BY 1) g
      WHERE s.tenant_id = g.tenant_id RETURNING s.tenant_id, s.waiting)
    SELECT (SELECT count(*) FROM returned)::integer, (SELECT array_agg(tenant_id) FROM shares WHERE waiting > 0)
    INTO v_returned, v_cities_returning;
  END IF;
  -- At its old place in line, which is by acceptance.
  IF EXISTS (SELECT FROM admission_entries WHERE returned_at <= clock_timestamp() AND stage = 'resting') THEN
    UPDATE admission_entries e SET stage = 'arrived', returned_at = NULL
    FROM (SELECT tenant_id, job_id FROM admission_entries
          WHERE returned_at <= clock_timestamp() AND stage = 'resting' AND finished_at IS NULL FOR UPDATE SKIP LOCKED) rested
    WHERE e.tenant_id = rested.tenant_id AND e.job_id = rested.job_id;
  END IF;

  IF EXISTS (SELECT FROM admission_entries WHERE finished_at IS NOT NULL) THEN
    WITH gone AS (
      DELETE FROM admission_entries WHERE finished_at IS NOT NULL
      RETURNING tenant_id, stage, cost_tokens, coalesce(spent_tokens, 0) AS spent_tokens, input_tokens, max_tokens, admitted_at,
        deployment_id, quota_tokens, coalesce(burned_tokens, 0) AS burned_tokens, served),
    deployments AS (
      UPDATE pool_deployments d SET
        running = d.running - g.jobs,
        tokens_left = d.tokens_left + g.refund,
        quota_tokens_total = d.quota_tokens_total + g.burned,
        output_share = CASE WHEN g.share IS NULL THEN d.output_share
                            ELSE g.share + (d.output_share - g.share) * power(0.95, g.answers) END,
        failures = CASE WHEN g.answered_at >= coalesce(d.open_until, '-infinity') THEN 0 ELSE d.failures END,
        open_until = CASE WHEN g.answered_at >= d.open_until THEN NULL ELSE d.open_until END
      FROM (
        SELECT o.deployment_id, count(*)::integer AS jobs, sum(o.quota_tokens - o.burned_tokens) AS refund,
          sum(o.burned_tokens)::bigint AS burned, max(o.admitted_at) FILTER (WHERE o.served) AS answered_at,
          count(*) FILTER (WHERE o.served) AS answers,
          avg(least(1, greatest(0, (o.burned_tokens - o.input_tokens) / p.output_burn_down / o.max_tokens)))
            FILTER (WHERE o.served) AS share
        FROM gone o JOIN pool_deployments p ON p.id = o.deployment_id
        WHERE o.stage = 'running' GROUP BY o.deployment_id) g
      WHERE d.id = g.deployment_id),
    shares AS (
      UPDATE admission_shares s SET running = s.running - g.jobs, virtual_time = s.virtual_time + g.correction / s.weight
      FROM (SELECT tenant_id, count(*)::integer AS jobs, sum(spent_tokens - cost_tokens) AS correction
            FROM gone WHERE stage = 'running' GROUP BY 1) g
      WHERE s.tenant_id = g.tenant_id RETURNING s.tenant_id, s.waiting)
    SELECT (SELECT count(*) FROM gone WHERE stage = 'running')::integer,
           (SELECT array_agg(tenant_id) FROM shares WHERE waiting > 0)
    INTO v_left, v_cities;
  END IF;

  v_cities := v_cities || v_cities_returning;
  IF v_cities IS NOT NULL THEN
    UPDATE admission_queues q SET virtual_time = s.virtual_time,
      rank = CASE WHEN s.running < s.running_floor THEN 0 ELSE 1 END,
      at_limit = coalesce(s.running >= s.running_limit, false)
    FROM admission_shares s
    WHERE s.tenant_id = ANY (v_cities) AND q.tenant_id = s.tenant_id AND q.waiting > 0;
  END IF;
  RETURN v_left + v_returned;
END $$`;

/**
 * Moves what a running job holds to another deployment that can serve it now. p_owed: the call made with it may have cost
 * something, so that its tokens stay spent where it was made.
 * Returns its id; NULL when there is none, or when the execution no longer holds the job. Then nothing has changed.
 */
const POOL_REROUTE = `
CREATE FUNCTION pool_reroute(p_tenant uuid, p_job uuid, p_fence integer, p_avoid text[], p_owed boolean)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz;
  v_entry admission_entries;
  v_to text;
  v_need double precision;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
  v_now := clock_timestamp();
  SELECT * INTO v_entry FROM admission_entries
  WHERE tenant_id = p_tenant AND job_id = p_job AND stage = 'running' AND lease_fence = p_fence AND finished_at IS NULL
    AND returned_at IS NULL FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT r.id, v_entry.input_tokens + v_entry.max_tokens * r.token_factor INTO v_to, v_need
  FROM pool_room(v_now) r
  WHERE v_entry.route = ANY (string_to_array(r.routes, ' ')) AND r.id <> ALL (p_avoid) AND r.slots > 0 AND r.requests >= 1
    AND r.tokens >= least(v_entry.input_tokens + v_entry.max_tokens * r.token_factor, r.token_limit)
  ORDER BY r.slots::double precision / r.concurrency DESC, r.position LIMIT 1;
  IF NOT FOUND THEN RETURN NULL; END IF;
  UPDATE pool_deployments SET running = running - 1,
    tokens_left = tokens_left + CASE WHEN p_owed THEN 0 ELSE v_entry.quota_tokens END
  WHERE id = v_entry.deployment_id;
  UPDATE pool_deployments d SET running = d.running + 1, admitted_total = d.admitted_total + 1, refilled_at = v_now,
    requests_left = CASE WHEN d.requests_per_minute IS NOT NULL THEN r.requests - 1 END,
    tokens_left = CASE WHEN d.tokens_per_minute IS NOT NULL THEN r.tokens - v_need END
  FROM pool_room(v_now) r WHERE d.id = v_to AND r.id = v_to;
  UPDATE admission_entries SET deployment_id = v_to, quota_tokens = v_need WHERE tenant_id = p_tenant AND job_id = p_job;
  RETURN v_to;
END $$`;

/** Takes tokens for calls that are gone with their worker. Their jobs keep what they hold, for the calls to come. */
const POOL_CHARGE = `
CREATE FUNCTION pool_charge(p_deployments text[], p_tokens double precision[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
  UPDATE pool_deployments d SET tokens_left = d.tokens_left - lost.tokens
  FROM (SELECT id, sum(tokens) AS tokens FROM unnest(p_deployments, p_tokens) AS l (id, tokens) GROUP BY id) AS lost
  WHERE d.id = lost.id;
END $$`;
