import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

/** What processes tell the pool: what is configured, what went wrong, where else to go; and where a job stands in line. */
export class SteerThePool20261121230003 implements MigrationInterface {
  name = 'SteerThePool20261121230003';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      POOL_CONFIGURE,
      POOL_FAULT,
      POOL_REROUTE,
      POSITIONS,
      ...executableBy(
        'moyai_admission',
        'pool_configure(jsonb)',
        'pool_fault(text, text, timestamptz)',
        'pool_reroute(uuid, uuid, integer, text[])',
        'admission_positions(uuid[])',
      ),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/** Deployments as configured, in order; what is not among them takes no more jobs. What is in use stays counted. */
const POOL_CONFIGURE = `
CREATE FUNCTION pool_configure(p_deployments jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
  INSERT INTO pool_deployments AS d (id, position, model, segments, provider, region, simulated, concurrency,
    requests_per_minute, tokens_per_minute, output_burn_down, requests_left, tokens_left)
  SELECT id, position, model, segments, provider, region, simulated, concurrency, "requestsPerMinute", "tokensPerMinute",
    coalesce("outputBurnDown", 1), "requestsPerMinute", "tokensPerMinute"
  FROM jsonb_to_recordset(p_deployments) AS configured (id text, position integer, model text, segments text[],
    provider text, region text, simulated boolean, concurrency integer, "requestsPerMinute" double precision,
    "tokensPerMinute" double precision, "outputBurnDown" double precision)
  ON CONFLICT (id) DO UPDATE SET position = excluded.position, model = excluded.model, segments = excluded.segments,
    provider = excluded.provider, region = excluded.region, simulated = excluded.simulated,
    concurrency = excluded.concurrency, requests_per_minute = excluded.requests_per_minute,
    tokens_per_minute = excluded.tokens_per_minute, output_burn_down = excluded.output_burn_down, retired_at = NULL,
    requests_left = CASE WHEN excluded.requests_per_minute IS NULL THEN NULL
                         ELSE coalesce(d.requests_left, excluded.requests_left) END,
    tokens_left = CASE WHEN excluded.tokens_per_minute IS NULL THEN NULL
                       ELSE coalesce(d.tokens_left, excluded.tokens_left) END;
  UPDATE pool_deployments SET retired_at = clock_timestamp()
  WHERE retired_at IS NULL AND id NOT IN (SELECT c ->> 'id' FROM jsonb_array_elements(p_deployments) AS c);
END $$`;

/**
 * A call failed before it began ('throttled') or the deployment did not do its work ('failed').
 *
 * Calls that were on their way when the pace was lowered, or when the breaker opened, tell nothing new. A throttled
 * deployment has no quota left, whatever our count says. Five failures in a row open the breaker for 5 s; every failure
 * on trial doubles that, up to a minute.
 */
const POOL_FAULT = `
CREATE FUNCTION pool_fault(p_deployment text, p_kind text, p_began timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
  v_now := clock_timestamp();
  IF p_kind = 'throttled' THEN
    UPDATE pool_deployments SET
      throttled_total = throttled_total + 1,
      tokens_left = CASE WHEN tokens_per_minute IS NOT NULL THEN least(tokens_left, 0) END,
      requests_left = CASE WHEN requests_per_minute IS NOT NULL THEN least(requests_left, 0) END,
      refilled_at = v_now,
      throttle_level = CASE WHEN throttled_at IS NULL OR p_began > throttled_at
                            THEN pool_pace(throttle_level, throttled_at, v_now) ELSE throttle_level END,
      throttled_at = CASE WHEN throttled_at IS NULL OR p_began > throttled_at THEN v_now ELSE throttled_at END
    WHERE id = p_deployment;
  ELSE
    UPDATE pool_deployments SET
      failed_total = failed_total + 1,
      failures = CASE WHEN open_until > v_now THEN failures ELSE failures + 1 END,
      open_until = CASE WHEN open_until > v_now OR failures < 4 THEN open_until
                        ELSE v_now + make_interval(secs => least(60, 5 * power(2, failures - 4))) END
    WHERE id = p_deployment;
  END IF;
END $$`;

/**
 * Moves what a running job holds to another deployment that can serve it now.
 * Returns its id; NULL when there is none, or when the execution no longer holds the job. Then nothing has changed.
 */
const POOL_REROUTE = `
CREATE FUNCTION pool_reroute(p_tenant uuid, p_job uuid, p_fence integer, p_avoid text[]) RETURNS text LANGUAGE plpgsql AS $$
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
  UPDATE pool_deployments SET running = running - 1, tokens_left = tokens_left + v_entry.quota_tokens
  WHERE id = v_entry.deployment_id;
  UPDATE pool_deployments d SET running = d.running + 1, admitted_total = d.admitted_total + 1, refilled_at = v_now,
    requests_left = CASE WHEN d.requests_per_minute IS NOT NULL THEN r.requests - 1 END,
    tokens_left = CASE WHEN d.tokens_per_minute IS NOT NULL THEN r.tokens - v_need END
  FROM pool_room(v_now) r WHERE d.id = v_to AND r.id = v_to;
  UPDATE admission_entries SET deployment_id = v_to, quota_tokens = v_need WHERE tenant_id = p_tenant AND job_id = p_job;
  RETURN v_to;
END $$`;

/**
 * For each waiting job: how many jobs go before it (0 = next) and milliseconds until its turn. Before it go those of its
 * own line, of colleagues and of other cities whose virtual start lies before its own, and the urgent lane. The wait is
 * their tokens by the rate at which tokens were admitted while somebody waited; unknown until there is such a rate.
 */
const POSITIONS = `
CREATE OR REPLACE FUNCTION admission_positions(p_job_ids uuid[])
RETURNS TABLE (job_id uuid, stage text, ahead integer, wait_ms bigint) LANGUAGE sql STABLE AS $$
  WITH mine AS (
    SELECT e.job_id, e.tenant_id, e.lane, e.route, e.actor_id, e.stage, own.jobs, own.tokens,
           coalesce(l.virtual_time, q.member_time, 0) + own.tokens AS member_start
    FROM admission_entries e
    LEFT JOIN admission_queues q ON (q.tenant_id, q.lane, q.route) = (e.tenant_id, e.lane, e.route)
    LEFT JOIN admission_lines l ON (l.tenant_id, l.lane, l.route, l.actor_id) = (e.tenant_id, e.lane, e.route, e.actor_id)
    CROSS JOIN LATERAL (
      SELECT count(*) AS jobs, coalesce(sum(w.cost_tokens), 0) AS tokens FROM admission_entries w
      WHERE w.tenant_id = e.tenant_id AND w.lane = e.lane AND w.route = e.route AND w.actor_id = e.actor_id
        AND w.stage = 'waiting' AND w.sequence < e.sequence) own
    WHERE e.job_id = ANY (p_job_ids) AND e.finished_at IS NULL
  ),
  in_city AS (
    SELECT m.*, m.jobs + coalesce(c.jobs, 0) AS city_jobs, m.tokens + coalesce(c.tokens, 0) AS city_tokens
    FROM mine m LEFT JOIN LATERAL (
      SELECT sum(least(l.waiting, ceil((m.member_start - l.virtual_time) * l.waiting / l.waiting_tokens))) AS jobs,
             sum(least(l.waiting_tokens, m.member_start - l.virtual_time)) AS tokens
      FROM admission_lines l
      WHERE l.tenant_id = m.tenant_id AND l.lane = m.lane AND l.route = m.route AND l.actor_id <> m.actor_id
        AND l.waiting > 0 AND l.virtual_time < m.member_start) c ON m.stage <> 'running'
  ),
  among_cities AS (
    SELECT m.*, m.city_jobs + coalesce(o.jobs, 0) AS all_jobs, m.city_tokens + coalesce(o.tokens, 0) AS all_tokens
    FROM in_city m
    LEFT JOIN admission_shares s ON s.tenant_id = m.tenant_id
    LEFT JOIN LATERAL (
      SELECT sum(least(q.waiting, ceil(behind * q.waiting / q.waiting_tokens))) AS jobs,
             sum(least(q.waiting_tokens, behind)) AS tokens
      FROM admission_queues q JOIN admission_shares other ON other.tenant_id = q.tenant_id
      CROSS JOIN LATERAL (
        SELECT (s.virtual_time + m.city_tokens / s.weight - q.virtual_time) * other.weight AS behind) b
      WHERE q.lane = m.lane AND q.route = m.route AND q.tenant_id <> m.tenant_id AND q.waiting > 0 AND b.behind > 0
    ) o ON m.stage <> 'running'
  )
  SELECT m.job_id, m.stage,
    CASE WHEN m.stage = 'running' THEN 0 ELSE (m.all_jobs + urgent.jobs * (m.lane <> 'urgent')::integer)::integer END,
    CASE WHEN m.stage = 'running' THEN 0
         WHEN c.busy_seconds > 0.5 AND c.busy_tokens > 0
           THEN ((m.all_tokens + urgent.tokens * (m.lane <> 'urgent')::integer)
                 / (c.busy_tokens / c.busy_seconds) / lane.part * 1000)::bigint END
  FROM among_cities m CROSS JOIN admission_clock c
  CROSS JOIN (SELECT coalesce(sum(waiting), 0) AS jobs, coalesce(sum(waiting_tokens), 0) AS tokens
              FROM admission_queues WHERE lane = 'urgent' AND waiting > 0) urgent
  -- A lane has the whole pool unless somebody waits in the other one.
  CROSS JOIN LATERAL (
    SELECT CASE WHEN m.lane <> 'urgent' AND EXISTS (
             SELECT FROM admission_routes r WHERE r.waiting > 0 AND r.lane <> 'urgent' AND r.lane <> m.lane)
           THEN (SELECT share FROM admission_lanes WHERE lane = m.lane) ELSE 1 END AS part) lane
$$`;
