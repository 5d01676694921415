import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/**
 * admit() keeps head room (docs/decisions/0042). This changes what a job needs to find free (the three `v_held_*` and the
 * column `quiet`), and by how little (`v_lent`) batch work goes later. All else, rounds and what is written, is as before.
 */
export class AdmitWithHeadRoom20261122058600 implements MigrationInterface {
  name = 'AdmitWithHeadRoom20261122058600';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [ADMIT]);
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
 * smaller ones let past, it might wait for ever. So does one whose turn it is and for which there is only head room, which
 * is for the urgent lane and for questions of cities that ask for little: nothing runs for them, or less than their floor,
 * or what runs and what this line holds of theirs is at most a fiftieth of the pool's places. Nobody is passed.
 *
 * While nobody waits, arrivals that find room are not put in line first. Else it goes in rounds: the next jobs of the lane
 * whose turn it is are read in order, put where there is room, and written together, because a statement a job would cost
 * several times as much. Of the k-th city in line a round reads all it can take but k - 1 jobs. Every lookup is by key,
 * whatever the statistics of such small and busy tables say at the moment; hence the planner settings.
 */
const ADMIT = `
CREATE OR REPLACE FUNCTION admit(p_only_if_waiting boolean DEFAULT false)
RETURNS TABLE (tenant_id uuid, segment text, job_id uuid, delivery integer, deployment_id text) LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_sort = off AS $$
#variable_conflict use_column
DECLARE
  c_round constant integer := 32;
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
  v_keeps integer;
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
  -- what of it is held free for those who ask for little, what little is, and whether some of them were sent there
  v_held_slots integer[];
  v_held_requests double precision[];
  v_held_tokens double precision[];
  v_little double precision;
  v_quiet boolean[];
  -- what batch work lends the other lanes of its turn, so that one question in head room does not keep off the next
  v_lent double precision;
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
           array_agg(tokens), array_agg(token_limit), array_agg(token_factor), array_agg(0), array_agg(held_slots),
           array_agg(held_requests), array_agg(held_tokens), sum(concurrency) * 0.02, array_agg(false),
           sum(held_slots) * 5000.0
    INTO v_ids, v_routes, v_slots, v_concurrency, v_requests, v_tokens, v_token_limit, v_token_factor, v_taken, v_held_slots,
         v_held_requests, v_held_tokens, v_little, v_quiet, v_lent
    FROM (SELECT * FROM pool_room(v_now) ORDER BY position, id) AS room;
    -- A lane in which nobody waited comes back level with the others.
    SELECT array_agg(lane), array_agg(share), array_agg(
             CASE WHEN share IS NULL THEN '-Infinity' WHEN lane = ANY (v_open_lanes) THEN virtual_time
                  ELSE greatest(virtual_time, (SELECT max(virtual_time) FROM admission_lanes WHERE lane = ANY (v_open_lanes))) END
             + CASE WHEN lane = 'batch' THEN v_lent ELSE 0 END)
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
      SELECT city.tenant_id, j.job_id, line.route, j.cost_tokens, j.input_tokens, j.max_tokens, j.city_start,
        line.lane = 'urgent' OR line.lane = 'interactive' AND (
          s.running + j.nth <= greatest(1, s.running_floor) OR s.running + city.waiting <= v_little) AS quiet
      FROM unnest(v_open_lanes, v_open_routes) AS line (lane, route)
      CROSS JOIN LATERAL (
        SELECT row_number() OVER (ORDER BY q.rank, q.virtual_time) AS turn, q.tenant_id, q.virtual_time, q.waiting
        FROM admission_queues q
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
                ORDER BY m.virtual_time LIMIT v_limit + 1 - city.turn) l
          CROSS JOIN LATERAL (
            SELECT w.job_id, w.sequence, w.cost_tokens, w.input_tokens, w.max_tokens FROM admission_entries w
            WHERE w.tenant_id = city.tenant_id AND w.lane = line.lane AND w.route = line.route AND w.actor_id = l.actor_id
              AND w.stage = 'waiting' ORDER BY w.sequence LIMIT v_limit + 1 - city.turn) e) member
        WINDOW turns AS (ORDER BY member_start, sequence) LIMIT v_limit) j
      WHERE line.lane = v_lanes[v_turn] AND s.running + j.nth <= coalesce(s.running_limit, s.running + j.nth)
      ORDER BY CASE WHEN s.running + j.nth <= s.running_floor THEN 0 ELSE 1 END, j.city_start LIMIT v_limit
    LOOP
      v_found := true;
      EXIT WHEN v_lane_times[v_turn] > v_turn_ends;
      v_chosen := NULL;
      v_best := '-Infinity';
      v_keeps := CASE WHEN v_next.quiet THEN 0 ELSE 1 END;
      FOR i IN 1 .. cardinality(v_ids) LOOP
        CONTINUE WHEN v_slots[i] <= v_keeps * v_held_slots[i] OR v_requests[i] < 1 + v_keeps * v_held_requests[i]
                   OR v_next.route <> ALL (string_to_array(v_routes[i], ' '));
        v_need := v_next.input_tokens + v_next.max_tokens * v_token_factor[i];
        CONTINUE WHEN v_tokens[i] < least(v_need + v_keeps * v_held_tokens[i], v_token_limit[i]);
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
      v_quiet[v_chosen] := v_quiet[v_chosen] OR v_next.quiet;
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
      tokens_left = CASE WHEN d.tokens_per_minute IS NOT NULL THEN t.tokens END,
      quiet_at = CASE WHEN t.quiet THEN v_now ELSE d.quiet_at END
    FROM unnest(v_ids, v_taken, v_requests, v_tokens, v_quiet) AS t (id, taken, requests, tokens, quiet)
    WHERE d.id = t.id AND t.taken > 0;
    UPDATE admission_lanes l SET virtual_time = t.virtual_time - CASE WHEN l.lane = 'batch' THEN v_lent ELSE 0 END
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
