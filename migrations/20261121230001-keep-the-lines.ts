import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

/** What admit() is made of: the room of the pool, and the lines as jobs leave and arrive (docs/decisions/0010). */
export class KeepTheLines20261121230001 implements MigrationInterface {
  name = 'KeepTheLines20261121230001';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      POOL_PACE,
      POOL_ROOM,
      ADMISSION_LANE,
      SETTLE_LINES,
      TAKE_ARRIVALS,
      EXPRESS,
      ...executableBy(
        'moyai_admission',
        'pool_pace(double precision, timestamptz, timestamptz)',
        'pool_room(timestamptz)',
        'admission_settle()',
        'admission_arrive()',
        'admission_express(timestamptz)',
      ),
      'GRANT EXECUTE ON FUNCTION pool_pace(double precision, timestamptz, timestamptz) TO moyai_ops',
      ...executableBy('moyai_app', 'admission_lane(uuid, text)'),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/**
 * The part of the granted quota to use now: after a throttling at `level` it falls to 0.7 of that level, climbs back to it
 * within 3.5 s, lingers there and then probes beyond, ever faster, up to all that is granted. The curve is that of CUBIC
 * (RFC 9438, section 4.2) with a fixed time to the plateau.
 */
const POOL_PACE = `
CREATE FUNCTION pool_pace(p_level double precision, p_throttled_at timestamptz, p_now timestamptz)
RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_throttled_at IS NULL THEN 1
    ELSE least(1, greatest(0.02, p_level * (1 + 0.3 * power(extract(epoch FROM p_now - p_throttled_at)::double precision / 3.5 - 1, 3)))) END
$$`;

/**
 * What each deployment can take now. The quota buckets hold a minute's quota at the present pace and fill evenly; a
 * deployment whose breaker is open takes nothing, and after that one call on trial.
 */
const POOL_ROOM = `
CREATE FUNCTION pool_room(p_now timestamptz)
RETURNS TABLE (id text, "position" integer, routes text, slots integer, concurrency integer, requests double precision,
  tokens double precision, token_limit double precision, token_factor double precision) LANGUAGE sql STABLE AS $$
  SELECT d.id, d.position, (SELECT string_agg(segment || '/' || d.model, ' ') FROM unnest(d.segments) AS segment),
    CASE WHEN d.open_until > p_now THEN 0
         WHEN d.open_until IS NOT NULL THEN greatest(0, 1 - d.running)
         ELSE greatest(0, ceil(d.concurrency * pace)::integer - d.running) END,
    d.concurrency,
    CASE WHEN d.requests_per_minute IS NULL THEN 'Infinity'
         ELSE least(greatest(1, pace * d.requests_per_minute),
                    d.requests_left + pace * d.requests_per_minute * passed / 60) END,
    CASE WHEN d.tokens_per_minute IS NULL THEN 'Infinity'
         ELSE least(pace * d.tokens_per_minute, d.tokens_left + pace * d.tokens_per_minute * passed / 60) END,
    coalesce(pace * d.tokens_per_minute, 'Infinity'),
    greatest(1, d.output_burn_down * d.output_share)
  FROM pool_deployments d
  CROSS JOIN LATERAL (
    SELECT pool_pace(d.throttle_level, d.throttled_at, p_now) AS pace,
           greatest(0, extract(epoch FROM p_now - d.refilled_at))::double precision AS passed) AS since
  WHERE d.retired_at IS NULL
$$`;

/** The lane a job of a city goes to. */
const ADMISSION_LANE = `
CREATE FUNCTION admission_lane(p_tenant uuid, p_wanted text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT p_wanted $$`;

/**
 * Takes out what has finished and takes back what workers return: gives its room to the deployments again, corrects
 * cities' virtual times by what was really spent, closes the breaker of a deployment that answers. Returns how many left
 * the pool.
 */
const SETTLE_LINES = `
CREATE FUNCTION admission_settle() RETURNS integer LANGUAGE plpgsql AS $$
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

  -- Given back: as if it had not been admitted, and arrived anew at its old place.
  IF EXISTS (SELECT FROM admission_entries WHERE returned_at <= clock_timestamp()) THEN
    WITH held AS (
      SELECT tenant_id, job_id, deployment_id, quota_tokens FROM admission_entries
      WHERE returned_at <= clock_timestamp() AND finished_at IS NULL FOR UPDATE SKIP LOCKED),
    returned AS (
      UPDATE admission_entries e SET stage = 'arrived', returned_at = NULL, admitted_at = NULL, deployment_id = NULL,
        quota_tokens = NULL, lease_expires_at = NULL
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
 * Puts what has arrived in line, at most 1,000 jobs a call. A city, a member, that was idle starts at the current virtual
 * time: no credit is banked while away.
 */
const TAKE_ARRIVALS = `
CREATE FUNCTION admission_arrive() RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_now double precision;
BEGIN
  IF NOT EXISTS (SELECT FROM admission_entries WHERE stage = 'arrived') THEN RETURN; END IF;
  SELECT virtual_time INTO v_now FROM admission_clock;
  WITH arrived AS (
    UPDATE admission_entries e SET stage = 'waiting'
    FROM (SELECT tenant_id, job_id FROM admission_entries WHERE stage = 'arrived'
          ORDER BY (lane = 'batch'), sequence LIMIT 1000) a
    WHERE e.tenant_id = a.tenant_id AND e.job_id = a.job_id
    RETURNING e.tenant_id, e.lane, e.route, e.actor_id, e.cost_tokens),
  shares AS (
    INSERT INTO admission_shares AS s (tenant_id, virtual_time, waiting, waiting_tokens)
    SELECT tenant_id, v_now, count(*), sum(cost_tokens) FROM arrived GROUP BY 1
    ON CONFLICT (tenant_id) DO UPDATE SET
      virtual_time = CASE WHEN s.waiting = 0
                          THEN greatest(s.virtual_time, excluded.virtual_time) ELSE s.virtual_time END,
      waiting = s.waiting + excluded.waiting, waiting_tokens = s.waiting_tokens + excluded.waiting_tokens
    RETURNING s.*),
  queues AS (
    INSERT INTO admission_queues AS q (tenant_id, lane, route, waiting, waiting_tokens, virtual_time, rank, at_limit)
    SELECT a.tenant_id, a.lane, a.route, count(*), sum(a.cost_tokens), s.virtual_time,
      CASE WHEN s.running < s.running_floor THEN 0 ELSE 1 END, coalesce(s.running >= s.running_limit, false)
    FROM arrived a JOIN shares s ON s.tenant_id = a.tenant_id
    GROUP BY a.tenant_id, a.lane, a.route, s.virtual_time, s.running, s.running_floor, s.running_limit
    ON CONFLICT (tenant_id, lane, route) DO UPDATE SET waiting = q.waiting + excluded.waiting,
      waiting_tokens = q.waiting_tokens + excluded.waiting_tokens, virtual_time = excluded.virtual_time,
      rank = excluded.rank, at_limit = excluded.at_limit
    RETURNING q.tenant_id, q.lane, q.route, q.member_time),
  lines AS (
    INSERT INTO admission_lines AS l (tenant_id, lane, route, actor_id, waiting, waiting_tokens, virtual_time)
    SELECT a.tenant_id, a.lane, a.route, a.actor_id, count(*), sum(a.cost_tokens), q.member_time
    FROM arrived a JOIN queues q ON (q.tenant_id, q.lane, q.route) = (a.tenant_id, a.lane, a.route)
    GROUP BY a.tenant_id, a.lane, a.route, a.actor_id, q.member_time
    ON CONFLICT (tenant_id, lane, route, actor_id) DO UPDATE SET
      virtual_time = CASE WHEN l.waiting = 0 THEN greatest(l.virtual_time, excluded.virtual_time) ELSE l.virtual_time END,
      waiting = l.waiting + excluded.waiting, waiting_tokens = l.waiting_tokens + excluded.waiting_tokens)
  INSERT INTO admission_routes AS r (lane, route, waiting)
  SELECT lane, route, count(*) FROM arrived GROUP BY 1, 2
  ON CONFLICT (lane, route) DO UPDATE SET waiting = r.waiting + excluded.waiting;
END $$`;

/**
 * Admits what has arrived while nobody waits, if there is room for all of it: in line it would be first in any order.
 * Returns the jobs admitted; none when they have to be put in line after all.
 */
const EXPRESS = `
CREATE FUNCTION admission_express(p_now timestamptz)
RETURNS TABLE (tenant_id uuid, segment text, job_id uuid, delivery integer, deployment_id text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_arrived integer;
  v_cities uuid[];
  v_jobs uuid[];
  v_places text[];
  v_quotas double precision[];
BEGIN
  SELECT count(*) INTO v_arrived FROM (SELECT FROM admission_entries WHERE stage = 'arrived' LIMIT 17) AS arrived;
  IF v_arrived NOT BETWEEN 1 AND 16 THEN RETURN; END IF;
  SELECT array_agg(tenant_id), array_agg(job_id), array_agg(id), array_agg(need) INTO v_cities, v_jobs, v_places, v_quotas
  FROM (
    SELECT a.tenant_id, a.job_id, r.id, r.need,
      count(*) OVER city <= coalesce(s.running_limit - s.running, 16)
      AND count(*) OVER place <= least(r.slots, r.requests) AND sum(r.need) OVER place <= r.tokens AS fits
    FROM admission_entries a JOIN admission_shares s ON s.tenant_id = a.tenant_id
    CROSS JOIN LATERAL (
      SELECT p.*, a.input_tokens + a.max_tokens * p.token_factor AS need FROM pool_room(p_now) AS p
      WHERE a.route = ANY (string_to_array(p.routes, ' ')) ORDER BY p.slots::double precision / p.concurrency DESC, p.position LIMIT 1) r
    WHERE a.stage = 'arrived'
    WINDOW city AS (PARTITION BY a.tenant_id), place AS (PARTITION BY r.id)) AS placed
  WHERE fits;
  IF cardinality(v_jobs) IS DISTINCT FROM v_arrived THEN RETURN; END IF;

  UPDATE pool_deployments d SET running = d.running + t.jobs, admitted_total = d.admitted_total + t.jobs, refilled_at = p_now,
    requests_left = CASE WHEN d.requests_per_minute IS NOT NULL THEN r.requests - t.jobs END,
    tokens_left = CASE WHEN d.tokens_per_minute IS NOT NULL THEN r.tokens - t.tokens END
  FROM (SELECT place, count(*)::integer AS jobs, sum(quota) AS tokens FROM unnest(v_places, v_quotas) AS p (place, quota) GROUP BY 1) t
  JOIN pool_room(p_now) r ON r.id = t.place
  WHERE d.id = t.place;
  RETURN QUERY
  WITH entries AS (
    UPDATE admission_entries e SET stage = 'running', admitted_at = p_now, deliveries = e.deliveries + 1,
      deployment_id = a.place, quota_tokens = a.quota
    FROM unnest(v_cities, v_jobs, v_places, v_quotas) AS a (city, job, place, quota)
    WHERE e.tenant_id = a.city AND e.job_id = a.job
    RETURNING e.tenant_id, e.segment, e.job_id, e.deliveries, e.deployment_id, e.cost_tokens, e.sequence),
  shares AS (
    UPDATE admission_shares s SET running = s.running + g.jobs,
      virtual_time = greatest(s.virtual_time, c.virtual_time) + g.tokens / s.weight
    FROM (SELECT tenant_id, count(*)::integer AS jobs, sum(cost_tokens) AS tokens FROM entries GROUP BY 1) g, admission_clock c
    WHERE s.tenant_id = g.tenant_id RETURNING s.virtual_time - g.tokens / s.weight AS started),
  clock AS (
    UPDATE admission_clock c SET virtual_time = greatest(c.virtual_time, (SELECT max(started) FROM shares)))
  SELECT tenant_id, segment, job_id, deliveries, deployment_id FROM entries ORDER BY sequence;
END $$`;
