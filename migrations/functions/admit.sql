CREATE OR REPLACE FUNCTION public.admit(p_only_if_waiting boolean DEFAULT false)
 RETURNS TABLE(tenant_id uuid, segment text, job_id uuid, delivery integer, deployment_id text)
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_sort TO 'off'
AS $function$
#variable_conflict use_column
DECLARE
  c_round constant integer := 32;
  v_now timestamptz;
  v_next record;
  v_left integer;
  v_express integer := 0;
  v_admitted integer := 0;
  v_need double precision;
  v_held double precision;
  v_score double precision;
  v_best double precision;
  v_chosen integer;
  v_keeps integer;
  v_asks_little boolean;
  v_stale boolean := true;
  v_found boolean;
  -- the deployments that somebody waiting may go to and that have a place, an element each; a quota that is not set is infinite
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
  v_open_markets text[];
  v_lanes text[];
  v_lane_markets text[];
  v_lane_shares double precision[];
  v_lane_times double precision[];
  v_market text;
  v_level double precision;
  v_mine integer;
  v_turn integer;
  v_turn_ends double precision;
  -- what this round admits, at most as many as there may be room for
  v_limit integer;
  v_cities uuid[];
  v_jobs uuid[];
  v_places text[];
  v_quotas double precision[];
BEGIN
  -- One call at a time decides for everybody; who had to wait for that looks again whether there is still something to decide.
  IF p_only_if_waiting AND NOT admission_awaited() THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('moyai.admission'));
  IF p_only_if_waiting AND NOT admission_awaited() THEN RETURN; END IF;
  -- What has ended frees its place first. Where nobody waits and all that arrived has room, there is nothing to compare.
  v_left := admission_settle();
  v_now := clock_timestamp();
  IF NOT EXISTS (SELECT FROM admission_routes WHERE waiting > 0) THEN
    RETURN QUERY SELECT * FROM admission_express(v_now);
    GET DIAGNOSTICS v_express = ROW_COUNT;
  END IF;
  PERFORM admission_arrive();

  SELECT array_agg(lane), array_agg(route), array_agg(market) INTO v_open_lanes, v_open_routes, v_open_markets
  FROM admission_routes WHERE waiting > 0;
  IF v_open_lanes IS NOT NULL THEN
    SELECT array_agg(id) FILTER (WHERE open), array_agg(routes) FILTER (WHERE open), array_agg(slots) FILTER (WHERE open),
           array_agg(concurrency) FILTER (WHERE open), array_agg(requests) FILTER (WHERE open),
           array_agg(tokens) FILTER (WHERE open), array_agg(token_limit) FILTER (WHERE open),
           array_agg(token_factor) FILTER (WHERE open), array_agg(0) FILTER (WHERE open),
           array_agg(held_slots) FILTER (WHERE open), array_agg(held_requests) FILTER (WHERE open),
           array_agg(held_tokens) FILTER (WHERE open), sum(concurrency) * 0.02, array_agg(false) FILTER (WHERE open),
           sum(held_slots) * 5000.0
    INTO v_ids, v_routes, v_slots, v_concurrency, v_requests, v_tokens, v_token_limit, v_token_factor, v_taken, v_held_slots,
         v_held_requests, v_held_tokens, v_little, v_quiet, v_lent
    FROM (SELECT *, slots > 0 AND string_to_array(routes, ' ') && v_open_routes AS open FROM pool_room(v_now)
          ORDER BY position, id) AS room;
    -- A lane in which nobody waited comes back level with the others.
    SELECT array_agg(lane), array_agg(market), array_agg(share), array_agg(
             CASE WHEN share IS NULL THEN '-Infinity' WHEN waits THEN lane_time ELSE greatest(lane_time, others) END
             + CASE WHEN lane = 'batch' THEN v_lent ELSE 0 END)
    INTO v_lanes, v_lane_markets, v_lane_shares, v_lane_times
    FROM (
      SELECT r.*, l.share, max(lane_time) FILTER (WHERE waits AND share IS NOT NULL) OVER (PARTITION BY market) AS others
      FROM (SELECT lane, market, max(lane_time) AS lane_time, bool_or(waiting > 0) AS waits FROM admission_routes
            WHERE market = ANY (v_open_markets) GROUP BY 1, 2) r
      JOIN admission_lanes l ON l.lane = r.lane) AS of_market;
  END IF;

  -- A round is for one market and the lane in it that has been served least, and admits at most c_round jobs.
  LOOP
    -- Lines that no deployment with a place is for leave the comparison.
    IF v_stale THEN
      SELECT array_agg(lane), array_agg(route), array_agg(market) INTO v_open_lanes, v_open_routes, v_open_markets
      FROM unnest(v_open_lanes, v_open_routes, v_open_markets) AS line (lane, route, market)
      WHERE EXISTS (SELECT FROM unnest(v_slots, v_routes) AS d (slots, routes)
                    WHERE d.slots > 0 AND line.route = ANY (string_to_array(d.routes, ' ')));
      v_stale := false;
    END IF;
    EXIT WHEN v_open_lanes IS NULL;
    v_market := v_open_markets[1];
    v_level := NULL;
    SELECT place, coalesce(lead(virtual_time) OVER in_turn, 'Infinity') INTO v_turn, v_turn_ends
    FROM unnest(v_lanes, v_lane_markets, v_lane_times) WITH ORDINALITY AS known (lane, market, virtual_time, place)
    WHERE market = v_market AND EXISTS (SELECT FROM unnest(v_open_lanes, v_open_markets) AS open (lane, market)
                                        WHERE open.lane = known.lane AND open.market = known.market)
    WINDOW in_turn AS (ORDER BY virtual_time, lane = 'batch') ORDER BY virtual_time, lane = 'batch' LIMIT 1;
    v_limit := least(c_round, (SELECT sum(slots) FROM unnest(v_slots) AS slots));
    v_cities := '{}';
    v_jobs := '{}';
    v_places := '{}';
    v_quotas := '{}';
    v_found := false;

    -- Who is next in this lane: below its floor first, then by what each city was served, and within it each member, by weight
    -- (docs/decisions/0045). No more of a city and a member are read than could still be next.
    FOR v_next IN
      SELECT city.tenant_id, j.job_id, line.route, j.cost_tokens, j.input_tokens, j.max_tokens, j.city_start,
        s.running, s.running_floor, s.running_limit, s.running + city.waiting <= v_little AS asks_little,
        CASE WHEN s.running + j.nth <= s.running_floor THEN 0 ELSE 1 END AS rank
      FROM unnest(v_open_lanes, v_open_routes, v_open_markets) AS line (lane, route, market)
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
      WHERE line.lane = v_lanes[v_turn] AND line.market = v_market AND s.running + j.nth <= coalesce(s.running_limit, s.running + j.nth)
      ORDER BY rank, j.city_start, hashtext(line.route || v_now) LIMIT v_limit
    LOOP
      v_found := true;
      -- Another lane has been served less by now: its round.
      EXIT WHEN v_lane_times[v_turn] > v_turn_ends;
      v_mine := v_next.running + cardinality(array_positions(v_cities, v_next.tenant_id)) + 1;
      CONTINUE WHEN v_mine > v_next.running_limit;
      -- The deployment with the most of its quota left; head room only for who asks for little (docs/decisions/0042).
      v_chosen := NULL;
      v_best := '-Infinity';
      v_asks_little := v_lanes[v_turn] = 'urgent' OR v_lanes[v_turn] = 'interactive' AND (
        v_mine <= greatest(1, v_next.running_floor) OR v_next.asks_little);
      v_keeps := CASE WHEN v_asks_little THEN 0 ELSE 1 END;
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
      -- No room for the one whose turn it is: nobody behind it in this line passes it by asking for less.
      IF v_chosen IS NULL THEN
        FOR i IN 1 .. cardinality(v_ids) LOOP
          IF v_next.route = ANY (string_to_array(v_routes[i], ' ')) THEN v_slots[i] := 0; END IF;
        END LOOP;
        v_stale := true;
        CONTINUE;
      END IF;
      -- What it takes is off the account at once, so that the next in this round counts with what is left.
      v_cities := v_cities || v_next.tenant_id;
      v_jobs := v_jobs || v_next.job_id;
      v_places := v_places || v_ids[v_chosen];
      v_quotas := v_quotas || v_held;
      v_slots[v_chosen] := v_slots[v_chosen] - 1;
      v_requests[v_chosen] := v_requests[v_chosen] - 1;
      v_tokens[v_chosen] := v_tokens[v_chosen] - v_held;
      v_taken[v_chosen] := v_taken[v_chosen] + 1;
      v_quiet[v_chosen] := v_quiet[v_chosen] OR v_asks_little;
      v_stale := v_stale OR v_slots[v_chosen] <= 0;
      v_lane_times[v_turn] := v_lane_times[v_turn] + v_next.cost_tokens / coalesce(v_lane_shares[v_turn], 1);
      IF v_next.rank > 0 THEN v_level := greatest(v_level, v_next.city_start); END IF;
    END LOOP;

    IF NOT v_found THEN
      -- Everybody left in this lane is at a limit of their own.
      SELECT array_agg(lane), array_agg(route), array_agg(market) INTO v_open_lanes, v_open_routes, v_open_markets
      FROM unnest(v_open_lanes, v_open_routes, v_open_markets) AS line (lane, route, market)
      WHERE lane <> v_lanes[v_turn] OR market <> v_market;
    END IF;
    CONTINUE WHEN cardinality(v_jobs) = 0;
    v_admitted := v_admitted + cardinality(v_jobs);
    RETURN QUERY SELECT * FROM admission_hand_over(v_cities, v_jobs, v_places, v_quotas, v_now, v_lanes[v_turn], v_market, v_level);
  END LOOP;

  IF v_admitted > 0 THEN
    UPDATE pool_deployments d SET running = d.running + t.taken, admitted_total = d.admitted_total + t.taken, refilled_at = v_now,
      requests_left = CASE WHEN d.requests_per_minute IS NOT NULL THEN t.requests END,
      tokens_left = CASE WHEN d.tokens_per_minute IS NOT NULL THEN t.tokens END,
      quiet_at = CASE WHEN t.quiet THEN v_now ELSE d.quiet_at END
    FROM unnest(v_ids, v_taken, v_requests, v_tokens, v_quiet) AS t (id, taken, requests, tokens, quiet)
    WHERE d.id = t.id AND t.taken > 0;
    UPDATE admission_routes r SET lane_time = t.lane_time - CASE WHEN r.lane = 'batch' THEN v_lent ELSE 0 END
    FROM unnest(v_lanes, v_lane_markets, v_lane_shares, v_lane_times) AS t (lane, market, share, lane_time)
    WHERE r.lane = t.lane AND r.market = t.market AND t.share IS NOT NULL;
  END IF;
  UPDATE admission_clock c SET running = c.running - v_left + v_admitted + v_express,
    admitted_total = c.admitted_total + v_admitted + v_express, updated_at = v_now,
    resumed_at = CASE WHEN c.updated_at < v_now - interval '5 s' THEN v_now ELSE c.resumed_at END;
END $function$;
