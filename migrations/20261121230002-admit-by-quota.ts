import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

/** Who goes next, and to which deployment: one statement (docs/decisions/0010). */
export class AdmitByQuota20261121230002 implements MigrationInterface {
  name = 'AdmitByQuota20261121230002';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      'DROP FUNCTION admit(integer)',
      HAND_OVER,
      ADMIT,
      ...executableBy(
        'moyai_admission',
        'admit(boolean)',
        'admission_hand_over(uuid[], uuid[], text[], double precision[], timestamptz)',
      ),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/**
 * Start-time fair queueing over lanes, cities and members, into the room the provider has. Returns the jobs admitted now,
 * in order; the caller hands them to the queue. p_only_if_waiting: for a caller who gives room back, of which nobody
 * needs to hear at once unless somebody waits for it.
 *
 * A job takes its input and maxTokens from a deployment's tokens per minute, as Bedrock does at the start of a call, or
 * what it will likely burn where that is more. One that fits nowhere yet holds its deployments until it does: were
 * smaller ones let past, it might wait for ever.
 *
 * While nobody waits, arrivals that find room are not put in line first. Else it goes in rounds: the next jobs of the lane whose turn it is are read in order, put where there is room, and written
 * together, because a statement a job would cost several times as much. Every lookup is by key, whatever the statistics
 * of such small and busy tables say at the moment; hence the planner settings.
 */
const ADMIT = `
CREATE FUNCTION admit(p_only_if_waiting boolean DEFAULT false)
RETURNS TABLE (tenant_id uuid, segment text, job_id uuid, delivery integer, deployment_id text) LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
  c_round constant integer := 16;
  v_now timestamptz;
  v_clock admission_clock;
  v_next record;
  v_left integer;
  v_express integer := 0;
  v_admitted integer := 0;
  v_tokens_admitted bigint := 0;
  v_need double precision;
  v_held double precision;
  v_score double precision;
  v_best double precision;
  v_chosen integer;
  v_stale boolean := true;
  v_found boolean;
  -- the pool, one element a deployment; a quota that is not set is infinite
  v_ids text[];
  v_routes text[];
  v_slots integer[];
  v_concurrency integer[];
  v_requests double precision[];
  v_tokens double precision[];
  v_token_limit double precision[];
  v_token_factor double precision[];
  v_taken integer[];
  -- the lines somebody waits in that may still move, and the lanes' virtual times
  v_open_lanes text[];
  v_open_routes text[];
  v_lanes text[];
  v_lane_shares double precision[];
  v_lane_times double precision[];
  v_turn integer;
  v_turn_ends double precision;
  -- what this round admits, at most as many as there may be room for
  v_limit integer;
  v_cities uuid[];
  v_jobs uuid[];
  v_places text[];
  v_quotas double precision[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
  IF p_only_if_waiting AND NOT EXISTS (SELECT FROM admission_routes WHERE waiting > 0)
     AND NOT EXISTS (SELECT FROM admission_entries WHERE stage = 'arrived') THEN
    RETURN;
  END IF;
  v_left := admission_settle();
  v_now := clock_timestamp();
  IF NOT EXISTS (SELECT FROM admission_routes WHERE waiting > 0) THEN
    RETURN QUERY SELECT * FROM admission_express(v_now);
    GET DIAGNOSTICS v_express = ROW_COUNT;
  END IF;
  PERFORM admission_arrive();
  SELECT * INTO v_clock FROM admission_clock;

  SELECT array_agg(lane), array_agg(route) INTO v_open_lanes, v_open_routes FROM admission_routes WHERE waiting > 0;
  IF v_open_lanes IS NOT NULL THEN
    SELECT array_agg(id), array_agg(routes), array_agg(slots), array_agg(concurrency), array_agg(requests),
           array_agg(tokens), array_agg(token_limit), array_agg(token_factor), array_agg(0)
    INTO v_ids, v_routes, v_slots, v_concurrency, v_requests, v_tokens, v_token_limit, v_token_factor, v_taken
    FROM (SELECT * FROM pool_room(v_now) ORDER BY position, id) AS room;
    -- A lane in which nobody waited comes back level with the others.
    SELECT array_agg(lane), array_agg(share), array_agg(
             CASE WHEN share IS NULL THEN '-Infinity' WHEN lane = ANY (v_open_lanes) THEN virtual_time
                  ELSE greatest(virtual_time, (SELECT max(virtual_time) FROM admission_lanes WHERE lane = ANY (v_open_lanes))) END)
    INTO v_lanes, v_lane_shares, v_lane_times FROM admission_lanes;
  END IF;

  LOOP
    IF v_stale THEN
      SELECT array_agg(lane), array_agg(route) INTO v_open_lanes, v_open_routes
      FROM unnest(v_open_lanes, v_open_routes) AS line (lane, route)
      WHERE EXISTS (SELECT FROM unnest(v_slots, v_routes) AS d (slots, routes)
                    WHERE d.slots > 0 AND line.route = ANY (string_to_array(d.routes, ' ')));
      v_stale := false;
    END IF;
    EXIT WHEN v_open_lanes IS NULL;
    SELECT array_position(v_lanes, lane), coalesce(lead(virtual_time) OVER in_turn, 'Infinity') INTO v_turn, v_turn_ends
    FROM unnest(v_lanes, v_lane_times) AS open (lane, virtual_time) WHERE lane = ANY (v_open_lanes)
    WINDOW in_turn AS (ORDER BY virtual_time, lane = 'batch') ORDER BY virtual_time, lane = 'batch' LIMIT 1;
    v_limit := least(c_round, (SELECT sum(slots) FROM unnest(v_slots) AS slots));
    v_cities := '{}';
    v_jobs := '{}';
    v_places := '{}';
    v_quotas := '{}';
    v_found := false;

    FOR v_next IN
      SELECT city.tenant_id, j.job_id, line.route, j.cost_tokens, j.input_tokens, j.max_tokens, j.city_start
      FROM unnest(v_open_lanes, v_open_routes) AS line (lane, route)
      CROSS JOIN LATERAL (
        SELECT q.tenant_id, q.virtual_time FROM admission_queues q
        WHERE q.lane = line.lane AND q.route = line.route AND q.waiting > 0 AND NOT q.at_limit
        ORDER BY q.rank, q.virtual_time LIMIT v_limit) city
      JOIN admission_shares s ON s.tenant_id = city.tenant_id
      CROSS JOIN LATERAL (
        SELECT member.*, row_number() OVER turns AS nth,
               city.virtual_time + (sum(cost_tokens) OVER turns - cost_tokens) / s.weight AS city_start
        FROM (
          SELECT e.*, l.virtual_time + sum(e.cost_tokens) OVER (PARTITION BY l.actor_id ORDER BY e.sequence)
                      - e.cost_tokens AS member_start
          FROM (SELECT m.actor_id, m.virtual_time FROM admission_lines m
                WHERE m.tenant_id = city.tenant_id AND m.lane = line.lane AND m.route = line.route AND m.waiting > 0
                ORDER BY m.virtual_time LIMIT v_limit) l
          CROSS JOIN LATERAL (
            SELECT w.job_id, w.sequence, w.cost_tokens, w.input_tokens, w.max_tokens FROM admission_entries w
            WHERE w.tenant_id = city.tenant_id AND w.lane = line.lane AND w.route = line.route AND w.actor_id = l.actor_id
              AND w.stage = 'waiting' ORDER BY w.sequence LIMIT v_limit) e) member
        WINDOW turns AS (ORDER BY member_start, sequence) LIMIT v_limit) j
      WHERE line.lane = v_lanes[v_turn] AND s.running + j.nth <= coalesce(s.running_limit, s.running + j.nth)
      ORDER BY CASE WHEN s.running + j.nth <= s.running_floor THEN 0 ELSE 1 END, j.city_start LIMIT v_limit
    LOOP
      v_found := true;
      EXIT WHEN v_lane_times[v_turn] > v_turn_ends;
      v_chosen := NULL;
      v_best := '-Infinity';
      FOR i IN 1 .. cardinality(v_ids) LOOP
        CONTINUE WHEN v_slots[i] <= 0 OR v_requests[i] < 1
                   OR v_next.route <> ALL (string_to_array(v_routes[i], ' '));
        v_need := v_next.input_tokens + v_next.max_tokens * v_token_factor[i];
        CONTINUE WHEN v_tokens[i] < least(v_need, v_token_limit[i]);
        v_score := least(v_slots[i]::double precision / v_concurrency[i],
                         CASE WHEN v_token_limit[i] < 'Infinity' THEN v_tokens[i] / v_token_limit[i] ELSE 1 END);
        IF v_score > v_best THEN
          v_best := v_score;
          v_chosen := i;
          v_held := v_need;
        END IF;
      END LOOP;
      IF v_chosen IS NULL THEN
        FOR i IN 1 .. cardinality(v_ids) LOOP
          IF v_next.route = ANY (string_to_array(v_routes[i], ' ')) THEN v_slots[i] := 0; END IF;
        END LOOP;
        v_stale := true;
        CONTINUE;
      END IF;
      v_cities := v_cities || v_next.tenant_id;
      v_jobs := v_jobs || v_next.job_id;
      v_places := v_places || v_ids[v_chosen];
      v_quotas := v_quotas || v_held;
      v_slots[v_chosen] := v_slots[v_chosen] - 1;
      v_requests[v_chosen] := v_requests[v_chosen] - 1;
      v_tokens[v_chosen] := v_tokens[v_chosen] - v_held;
      v_taken[v_chosen] := v_taken[v_chosen] + 1;
      v_stale := v_stale OR v_slots[v_chosen] <= 0;
      v_lane_times[v_turn] := v_lane_times[v_turn] + v_next.cost_tokens / coalesce(v_lane_shares[v_turn], 1);
      v_clock.virtual_time := greatest(v_clock.virtual_time, v_next.city_start);
      v_tokens_admitted := v_tokens_admitted + v_next.cost_tokens;
    END LOOP;

    IF NOT v_found THEN
      -- Everybody left in this lane is at a limit of their own.
      SELECT array_agg(lane), array_agg(route) INTO v_open_lanes, v_open_routes
      FROM unnest(v_open_lanes, v_open_routes) AS line (lane, route) WHERE lane <> v_lanes[v_turn];
    END IF;
    CONTINUE WHEN cardinality(v_jobs) = 0;
    v_admitted := v_admitted + cardinality(v_jobs);
    RETURN QUERY SELECT * FROM admission_hand_over(v_cities, v_jobs, v_places, v_quotas, v_now);
  END LOOP;

  IF v_admitted > 0 THEN
    UPDATE pool_deployments d SET running = d.running + t.taken, admitted_total = d.admitted_total + t.taken, refilled_at = v_now,
      requests_left = CASE WHEN d.requests_per_minute IS NOT NULL THEN t.requests END,
      tokens_left = CASE WHEN d.tokens_per_minute IS NOT NULL THEN t.tokens END
    FROM unnest(v_ids, v_taken, v_requests, v_tokens) AS t (id, taken, requests, tokens)
    WHERE d.id = t.id AND t.taken > 0;
    UPDATE admission_lanes l SET virtual_time = t.virtual_time
    FROM unnest(v_lanes, v_lane_times) AS t (lane, virtual_time) WHERE l.lane = t.lane AND l.share IS NOT NULL;
  END IF;
  UPDATE admission_clock c SET virtual_time = v_clock.virtual_time, running = c.running - v_left + v_admitted + v_express,
    admitted_total = c.admitted_total + v_admitted + v_express,
    busy_tokens = c.busy_tokens * decay + CASE WHEN c.busy THEN v_tokens_admitted ELSE 0 END,
    busy_seconds = c.busy_seconds * decay + CASE WHEN c.busy THEN passed ELSE 0 END,
    busy = EXISTS (SELECT FROM admission_routes WHERE waiting > 0), updated_at = v_now
  FROM (SELECT passed, exp(-passed / 30) AS decay
        FROM (SELECT extract(epoch FROM v_now - v_clock.updated_at)::double precision AS passed) AS p) AS time;
END $$`;

/**
 * Writes what a round of admit() decided, for all its jobs together. Returns those to hand to the queue: one that was
 * cancelled between arriving and now is counted but not handed over, and the next call takes it out.
 */
const HAND_OVER = `
CREATE FUNCTION admission_hand_over(p_cities uuid[], p_jobs uuid[], p_places text[], p_quotas double precision[], p_now timestamptz)
RETURNS TABLE (tenant_id uuid, segment text, job_id uuid, delivery integer, deployment_id text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH entries AS (
    UPDATE admission_entries e SET stage = 'running', admitted_at = p_now, deliveries = e.deliveries + 1,
      deployment_id = a.place, quota_tokens = a.quota
    FROM unnest(p_cities, p_jobs, p_places, p_quotas) WITH ORDINALITY AS a (city, job, place, quota, turn)
    WHERE e.tenant_id = a.city AND e.job_id = a.job
    RETURNING e.tenant_id, e.job_id, e.segment, e.lane, e.route, e.actor_id, e.cost_tokens, e.deliveries, e.deployment_id,
      e.finished_at, a.turn),
  lines AS (
    UPDATE admission_lines l SET waiting = l.waiting - g.jobs, waiting_tokens = l.waiting_tokens - g.tokens,
      virtual_time = l.virtual_time + g.tokens
    FROM (SELECT tenant_id, lane, route, actor_id, count(*)::integer AS jobs, sum(cost_tokens)::bigint AS tokens
          FROM entries GROUP BY 1, 2, 3, 4) g
    WHERE l.tenant_id = g.tenant_id AND l.lane = g.lane AND l.route = g.route AND l.actor_id = g.actor_id
    RETURNING l.tenant_id, l.lane, l.route, g.jobs, g.tokens, l.virtual_time - g.tokens AS started),
  shares AS (
    UPDATE admission_shares s SET waiting = s.waiting - g.jobs, waiting_tokens = s.waiting_tokens - g.tokens,
      running = s.running + g.jobs, virtual_time = s.virtual_time + g.tokens / s.weight
    FROM (SELECT tenant_id, sum(jobs)::integer AS jobs, sum(tokens)::bigint AS tokens FROM lines GROUP BY 1) g
    WHERE s.tenant_id = g.tenant_id RETURNING s.*),
  queues AS (
    UPDATE admission_queues q SET
      waiting = q.waiting - here.jobs, waiting_tokens = q.waiting_tokens - here.tokens,
      member_time = greatest(q.member_time, here.started), virtual_time = here.virtual_time,
      rank = CASE WHEN here.running < here.running_floor THEN 0 ELSE 1 END,
      at_limit = coalesce(here.running >= here.running_limit, false)
    FROM (
      SELECT w.lane, w.route, s.tenant_id, s.virtual_time, s.running, s.running_floor, s.running_limit, g.*
      FROM shares s JOIN admission_queues w ON w.tenant_id = s.tenant_id AND w.waiting > 0
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.jobs), 0)::integer AS jobs, coalesce(sum(l.tokens), 0)::bigint AS tokens, max(l.started) AS started
        FROM lines l WHERE l.tenant_id = w.tenant_id AND l.lane = w.lane AND l.route = w.route) g) here
    WHERE q.tenant_id = here.tenant_id AND q.lane = here.lane AND q.route = here.route),
  routes AS (
    UPDATE admission_routes r SET waiting = r.waiting - g.jobs
    FROM (SELECT lane, route, sum(jobs)::integer AS jobs FROM lines GROUP BY 1, 2) g
    WHERE r.lane = g.lane AND r.route = g.route)
  SELECT e.tenant_id, e.segment, e.job_id, e.deliveries, e.deployment_id FROM entries e
  WHERE e.finished_at IS NULL ORDER BY e.turn;
END $$`;
