import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

/** Who goes next, and to which deployment: one statement (docs/decisions/0010). */
export class AdmitByQuota20261121230002 implements MigrationInterface {
  name = 'AdmitByQuota20261121230002';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, ['DROP FUNCTION admit(integer)', ADMIT, ...executableBy('moyai_admission', 'admit()')]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/**
 * Start-time fair queueing over lanes, cities and members, into the room the provider has. Returns the jobs admitted now,
 * in order; the caller hands them to the queue.
 *
 * A job takes its input and maxTokens from a deployment's tokens per minute, as Bedrock does at the start of a call, or
 * what it will likely burn where that is more. One that fits nowhere yet holds its deployments until it does: were
 * smaller ones let past, it might wait for ever.
 */
const ADMIT = `
CREATE FUNCTION admit()
RETURNS TABLE (tenant_id uuid, segment text, job_id uuid, delivery integer, deployment_id text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz;
  v_clock admission_clock;
  v_share admission_shares;
  v_next record;
  v_entry admission_entries;
  v_left integer;
  v_admitted integer := 0;
  v_tokens_admitted bigint := 0;
  v_need double precision;
  v_held double precision;
  v_score double precision;
  v_best double precision;
  v_chosen integer;
  v_lane integer;
  v_stale boolean := true;
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
  -- the lines somebody waits in, and of them those that may still move
  v_lines text[];
  v_lines_taken integer[];
  v_open_lanes text[];
  v_open_routes text[];
  v_lanes text[];
  v_lane_shares double precision[];
  v_lane_times double precision[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
  v_left := admission_settle();
  PERFORM admission_arrive();
  v_now := clock_timestamp();
  SELECT * INTO v_clock FROM admission_clock;

  SELECT array_agg(id), array_agg(routes), array_agg(slots), array_agg(concurrency), array_agg(requests), array_agg(tokens),
         array_agg(token_limit), array_agg(token_factor), array_agg(0)
  INTO v_ids, v_routes, v_slots, v_concurrency, v_requests, v_tokens, v_token_limit, v_token_factor, v_taken
  FROM (SELECT * FROM pool_room(v_now) ORDER BY position, id) AS room;

  SELECT array_agg(lane || ':' || route), array_agg(0), array_agg(lane), array_agg(route)
  INTO v_lines, v_lines_taken, v_open_lanes, v_open_routes FROM admission_routes WHERE waiting > 0;
  -- A lane in which nobody waited comes back level with the others.
  SELECT array_agg(lane), array_agg(share), array_agg(
           CASE WHEN share IS NULL THEN '-Infinity' WHEN lane = ANY (v_open_lanes) THEN virtual_time
                ELSE greatest(virtual_time, (SELECT max(virtual_time) FROM admission_lanes WHERE lane = ANY (v_open_lanes))) END)
  INTO v_lanes, v_lane_shares, v_lane_times FROM admission_lanes;

  LOOP
    IF v_stale THEN
      SELECT array_agg(lane), array_agg(route) INTO v_open_lanes, v_open_routes
      FROM unnest(v_open_lanes, v_open_routes) AS line (lane, route)
      WHERE EXISTS (SELECT FROM unnest(v_slots, v_routes) AS d (slots, routes)
                    WHERE d.slots > 0 AND line.route = ANY (string_to_array(d.routes, ' ')));
      v_stale := false;
    END IF;
    EXIT WHEN v_open_lanes IS NULL;

    SELECT q.virtual_time AS city_time, l.virtual_time AS member_time, e.tenant_id, e.job_id, e.lane, e.route, e.actor_id,
           e.cost_tokens, e.input_tokens, e.max_tokens
    INTO v_next FROM (
      SELECT best.* FROM unnest(v_open_lanes, v_open_routes) AS line (lane, route)
      CROSS JOIN LATERAL (
        SELECT c.tenant_id, c.lane, c.route, c.rank, c.virtual_time FROM admission_queues c
        WHERE c.lane = line.lane AND c.route = line.route AND c.waiting > 0 AND NOT c.at_limit
        ORDER BY c.rank, c.virtual_time LIMIT 1) best
      ORDER BY v_lane_times[array_position(v_lanes, best.lane)], best.lane = 'batch', best.rank, best.virtual_time LIMIT 1) q
    CROSS JOIN LATERAL (
      SELECT m.actor_id, m.virtual_time FROM admission_lines m
      WHERE m.tenant_id = q.tenant_id AND m.lane = q.lane AND m.route = q.route AND m.waiting > 0
      ORDER BY m.virtual_time LIMIT 1) l
    CROSS JOIN LATERAL (
      SELECT * FROM admission_entries w
      WHERE w.tenant_id = q.tenant_id AND w.lane = q.lane AND w.route = q.route AND w.actor_id = l.actor_id
        AND w.stage = 'waiting' ORDER BY w.sequence LIMIT 1) e;
    EXIT WHEN NOT FOUND;

    v_chosen := NULL;
    v_best := '-Infinity';
    FOR i IN 1 .. cardinality(v_ids) LOOP
      CONTINUE WHEN v_slots[i] <= 0 OR v_requests[i] < 1 OR v_next.route <> ALL (string_to_array(v_routes[i], ' '));
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

    UPDATE admission_entries e SET stage = 'running', admitted_at = v_now, deliveries = e.deliveries + 1,
      deployment_id = v_ids[v_chosen], quota_tokens = v_held
    WHERE e.tenant_id = v_next.tenant_id AND e.job_id = v_next.job_id RETURNING * INTO v_entry;
    UPDATE admission_lines l SET waiting = l.waiting - 1, waiting_tokens = l.waiting_tokens - v_next.cost_tokens,
      virtual_time = l.virtual_time + v_next.cost_tokens
    WHERE l.tenant_id = v_next.tenant_id AND l.lane = v_next.lane AND l.route = v_next.route AND l.actor_id = v_next.actor_id;
    UPDATE admission_shares s SET waiting = s.waiting - 1, waiting_tokens = s.waiting_tokens - v_next.cost_tokens,
      running = s.running + 1, virtual_time = s.virtual_time + v_next.cost_tokens / s.weight
    WHERE s.tenant_id = v_next.tenant_id RETURNING * INTO v_share;
    UPDATE admission_queues q SET
      waiting = q.waiting - here.one, waiting_tokens = q.waiting_tokens - here.one * v_next.cost_tokens,
      member_time = greatest(q.member_time, here.one * v_next.member_time), virtual_time = v_share.virtual_time,
      rank = CASE WHEN v_share.running < v_share.running_floor THEN 0 ELSE 1 END,
      at_limit = coalesce(v_share.running >= v_share.running_limit, false)
    FROM (SELECT lane, route, CASE WHEN lane = v_next.lane AND route = v_next.route THEN 1 ELSE 0 END AS one
          FROM admission_queues WHERE tenant_id = v_next.tenant_id AND waiting > 0) here
    WHERE q.tenant_id = v_next.tenant_id AND q.lane = here.lane AND q.route = here.route;

    v_slots[v_chosen] := v_slots[v_chosen] - 1;
    v_requests[v_chosen] := v_requests[v_chosen] - 1;
    v_tokens[v_chosen] := v_tokens[v_chosen] - v_held;
    v_taken[v_chosen] := v_taken[v_chosen] + 1;
    v_stale := v_slots[v_chosen] <= 0;
    v_lane := array_position(v_lines, v_next.lane || ':' || v_next.route);
    v_lines_taken[v_lane] := v_lines_taken[v_lane] + 1;
    v_lane := array_position(v_lanes, v_next.lane);
    v_lane_times[v_lane] := v_lane_times[v_lane] + v_next.cost_tokens / coalesce(v_lane_shares[v_lane], 1);
    v_clock.virtual_time := greatest(v_clock.virtual_time, v_next.city_time);
    v_admitted := v_admitted + 1;
    v_tokens_admitted := v_tokens_admitted + v_next.cost_tokens;
    -- One that was cancelled between arriving and now is counted but not handed over; the next call takes it out.
    IF v_entry.finished_at IS NULL THEN
      tenant_id := v_entry.tenant_id; segment := v_entry.segment; job_id := v_entry.job_id;
      delivery := v_entry.deliveries; deployment_id := v_entry.deployment_id;
      RETURN NEXT;
    END IF;
  END LOOP;

  IF v_admitted > 0 THEN
    UPDATE pool_deployments d SET running = d.running + t.taken, admitted_total = d.admitted_total + t.taken, refilled_at = v_now,
      requests_left = CASE WHEN d.requests_per_minute IS NOT NULL THEN t.requests END,
      tokens_left = CASE WHEN d.tokens_per_minute IS NOT NULL THEN t.tokens END
    FROM unnest(v_ids, v_taken, v_requests, v_tokens) AS t (id, taken, requests, tokens)
    WHERE d.id = t.id AND t.taken > 0;
    UPDATE admission_routes r SET waiting = r.waiting - t.taken
    FROM unnest(v_lines, v_lines_taken) AS t (line, taken) WHERE r.lane || ':' || r.route = t.line AND t.taken > 0;
    UPDATE admission_lanes l SET virtual_time = t.virtual_time
    FROM unnest(v_lanes, v_lane_times) AS t (lane, virtual_time) WHERE l.lane = t.lane AND l.share IS NOT NULL;
  END IF;
  UPDATE admission_clock c SET virtual_time = v_clock.virtual_time, running = c.running - v_left + v_admitted,
    admitted_total = c.admitted_total + v_admitted,
    busy_tokens = c.busy_tokens * decay + CASE WHEN c.busy THEN v_tokens_admitted ELSE 0 END,
    busy_seconds = c.busy_seconds * decay + CASE WHEN c.busy THEN passed ELSE 0 END,
    busy = EXISTS (SELECT FROM admission_routes WHERE waiting > 0), updated_at = v_now
  FROM (SELECT passed, exp(-passed / 30) AS decay
        FROM (SELECT extract(epoch FROM v_now - v_clock.updated_at)::double precision AS passed) AS p) AS time;
END $$`;
