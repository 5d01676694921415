import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly, rewrite } from './owner.ts';

/**
 * admit() compares cities and lanes within a market (docs/decisions/0045). One number for all of them put whoever came to a
 * slow line where the fastest was, behind everybody who had stood there for long; it goes.
 */
export class AdmitLineByLine20261122067200 implements MigrationInterface {
  name = 'AdmitLineByLine20261122067200';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      'DROP FUNCTION admission_hand_over(uuid[], uuid[], text[], double precision[], timestamptz)',
      HAND_OVER,
      ...executableBy(
        'moyai_admission',
        'admission_hand_over(uuid[], uuid[], text[], double precision[], timestamptz, text, text, double precision)',
      ),
      rewrite('admit(boolean)', ...ADMIT),
      rewrite('admission_positions(uuid[])', ...POSITIONS),
      'GRANT UPDATE (virtual_time) ON admission_queues TO moyai_ops',
      'ALTER TABLE admission_shares DROP virtual_time',
      'ALTER TABLE admission_lanes DROP virtual_time',
      'ALTER TABLE admission_clock DROP virtual_time',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

type Place = readonly [from: string, to: string];

/**
 * Writes what a round of admit() decided, for all its jobs together, which are of one lane and one market. Returns those to
 * hand to the queue: one that was cancelled between arriving and now is counted but not handed over, and the next call
 * takes it out. p_level is where the last one began that was next by what its city was served.
 *
 * A line is measured from one hand-over that leaves somebody waiting to the next. The first begins it at an instant after
 * p_now, so that nothing else in the same call counts: it goes to places that were free.
 */
const HAND_OVER = `
CREATE FUNCTION admission_hand_over(p_cities uuid[], p_jobs uuid[], p_places text[], p_quotas double precision[], p_now timestamptz,
  p_lane text, p_market text, p_level double precision)
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
      running = s.running + g.jobs
    FROM (SELECT tenant_id, sum(jobs)::integer AS jobs, sum(tokens)::bigint AS tokens FROM lines GROUP BY 1) g
    WHERE s.tenant_id = g.tenant_id
    RETURNING s.tenant_id, s.running, s.running_floor, s.running_limit, g.tokens / s.weight AS served),
  queues AS (
    UPDATE admission_queues q SET
      waiting = q.waiting - here.jobs, waiting_tokens = q.waiting_tokens - here.tokens,
      member_time = greatest(q.member_time, here.started), virtual_time = q.virtual_time + here.served,
      rank = CASE WHEN here.running < here.running_floor THEN 0 ELSE 1 END,
      at_limit = coalesce(here.running >= here.running_limit, false)
    FROM (
      SELECT w.lane, w.route, s.tenant_id, s.running, s.running_floor, s.running_limit, g.*,
             CASE WHEN w.lane = p_lane AND w.market = p_market THEN s.served ELSE 0 END AS served
      FROM shares s JOIN admission_queues w ON w.tenant_id = s.tenant_id AND w.waiting > 0
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.jobs), 0)::integer AS jobs, coalesce(sum(l.tokens), 0)::bigint AS tokens, max(l.started) AS started
        FROM lines l WHERE l.tenant_id = w.tenant_id AND l.lane = w.lane AND l.route = w.route) g) here
    WHERE q.tenant_id = here.tenant_id AND q.lane = here.lane AND q.route = here.route
    RETURNING q.lane, q.route, q.waiting > 0 AND NOT q.at_limit AS contends),
  routes AS (
    UPDATE admission_routes r SET waiting = r.waiting - g.jobs, level = greatest(r.level, p_level),
      contended = EXISTS (SELECT FROM queues q WHERE q.lane = g.lane AND q.route = g.route AND q.contends)
               OR EXISTS (SELECT FROM admission_queues q WHERE q.lane = g.lane AND q.route = g.route
                            AND q.waiting > 0 AND NOT q.at_limit AND q.tenant_id <> ALL (p_cities)),
      moved_at = CASE WHEN r.contended THEN greatest(r.moved_at, p_now) ELSE clock_timestamp() END,
      moved_tokens = r.moved_tokens * line_memory(r.contended, r.moved_at, p_now, g.jobs)
                   + CASE WHEN r.contended AND r.moved_at <= p_now THEN g.tokens ELSE 0 END,
      moved_seconds = r.moved_seconds * line_memory(r.contended, r.moved_at, p_now, g.jobs)
                    + CASE WHEN r.contended THEN greatest(0, extract(epoch FROM p_now - r.moved_at)) ELSE 0 END
    FROM (SELECT lane, route, sum(jobs)::integer AS jobs, sum(tokens)::bigint AS tokens FROM lines GROUP BY 1, 2) g
    WHERE r.lane = g.lane AND r.route = g.route)
  SELECT e.tenant_id, e.segment, e.job_id, e.deliveries, e.deployment_id FROM entries e
  WHERE e.finished_at IS NULL ORDER BY e.turn;
END $$`;

/** One market after the other, in each the lane whose turn it is; and no city beyond its limit by what it has on several routes. */
const ADMIT: readonly Place[] = [
  ['  v_clock admission_clock;\n', ''],
  ['  v_open_routes text[];\n', '  v_open_routes text[];\n  v_open_markets text[];\n'],
  ['  v_lanes text[];\n', '  v_lanes text[];\n  v_lane_markets text[];\n'],
  ['  v_turn integer;\n', '  v_market text;\n  v_level double precision;\n  v_mine integer;\n  v_turn integer;\n'],
  ['  SELECT * INTO v_clock FROM admission_clock;\n', ''],
  [
    'SELECT array_agg(lane), array_agg(route) INTO v_open_lanes, v_open_routes FROM admission_routes WHERE waiting > 0;',
    `SELECT array_agg(lane), array_agg(route), array_agg(market) INTO v_open_lanes, v_open_routes, v_open_markets
  FROM admission_routes WHERE waiting > 0;`,
  ],
  [
    `    SELECT array_agg(lane), array_agg(share), array_agg(
             CASE WHEN share IS NULL THEN '-Infinity' WHEN lane = ANY (v_open_lanes) THEN virtual_time
                  ELSE greatest(virtual_time, (SELECT max(virtual_time) FROM admission_lanes WHERE lane = ANY (v_open_lanes))) END
             + CASE WHEN lane = 'batch' THEN v_lent ELSE 0 END)
    INTO v_lanes, v_lane_shares, v_lane_times FROM admission_lanes;`,
    `    SELECT array_agg(lane), array_agg(market), array_agg(share), array_agg(
             CASE WHEN share IS NULL THEN '-Infinity' WHEN waits THEN lane_time ELSE greatest(lane_time, others) END
             + CASE WHEN lane = 'batch' THEN v_lent ELSE 0 END)
    INTO v_lanes, v_lane_markets, v_lane_shares, v_lane_times
    FROM (
      SELECT r.*, l.share, max(lane_time) FILTER (WHERE waits AND share IS NOT NULL) OVER (PARTITION BY market) AS others
      FROM (SELECT lane, market, max(lane_time) AS lane_time, bool_or(waiting > 0) AS waits FROM admission_routes
            WHERE market = ANY (v_open_markets) GROUP BY 1, 2) r
      JOIN admission_lanes l ON l.lane = r.lane) AS of_market;`,
  ],
  [
    `      SELECT array_agg(lane), array_agg(route) INTO v_open_lanes, v_open_routes
      FROM unnest(v_open_lanes, v_open_routes) AS line (lane, route)
      WHERE EXISTS`,
    `      SELECT array_agg(lane), array_agg(route), array_agg(market) INTO v_open_lanes, v_open_routes, v_open_markets
      FROM unnest(v_open_lanes, v_open_routes, v_open_markets) AS line (lane, route, market)
      WHERE EXISTS`,
  ],
  [
    `    SELECT array_position(v_lanes, lane), coalesce(lead(virtual_time) OVER in_turn, 'Infinity') INTO v_turn, v_turn_ends
    FROM unnest(v_lanes, v_lane_times) AS open (lane, virtual_time) WHERE lane = ANY (v_open_lanes)
    WINDOW`,
    `    v_market := v_open_markets[1];
    v_level := NULL;
    SELECT place, coalesce(lead(virtual_time) OVER in_turn, 'Infinity') INTO v_turn, v_turn_ends
    FROM unnest(v_lanes, v_lane_markets, v_lane_times) WITH ORDINALITY AS known (lane, market, virtual_time, place)
    WHERE market = v_market AND EXISTS (SELECT FROM unnest(v_open_lanes, v_open_markets) AS open (lane, market)
                                        WHERE open.lane = known.lane AND open.market = known.market)
    WINDOW`,
  ],
  [
    `        line.lane = 'urgent' OR line.lane = 'interactive' AND (
          s.running + j.nth <= greatest(1, s.running_floor) OR s.running + city.waiting <= v_little) AS quiet
      FROM unnest(v_open_lanes, v_open_routes) AS line (lane, route)`,
    `        s.running, s.running_floor, s.running_limit, s.running + city.waiting <= v_little AS asks_little,
        CASE WHEN s.running + j.nth <= s.running_floor THEN 0 ELSE 1 END AS rank
      FROM unnest(v_open_lanes, v_open_routes, v_open_markets) AS line (lane, route, market)`,
  ],
  [
    `      WHERE line.lane = v_lanes[v_turn] AND s.running + j.nth`,
    `      WHERE line.lane = v_lanes[v_turn] AND line.market = v_market AND s.running + j.nth`,
  ],
  [
    '      ORDER BY CASE WHEN s.running + j.nth <= s.running_floor THEN 0 ELSE 1 END, j.city_start LIMIT v_limit',
    '      ORDER BY rank, j.city_start, hashtext(line.route || v_now) LIMIT v_limit',
  ],
  [
    `      v_chosen := NULL;
      v_best := '-Infinity';
      v_keeps := CASE WHEN v_next.quiet THEN 0 ELSE 1 END;`,
    `      v_mine := v_next.running + cardinality(array_positions(v_cities, v_next.tenant_id)) + 1;
      CONTINUE WHEN v_mine > v_next.running_limit;
      v_chosen := NULL;
      v_best := '-Infinity';
      v_asks_little := v_lanes[v_turn] = 'urgent' OR v_lanes[v_turn] = 'interactive' AND (
        v_mine <= greatest(1, v_next.running_floor) OR v_next.asks_little);
      v_keeps := CASE WHEN v_asks_little THEN 0 ELSE 1 END;`,
  ],
  ['  v_keeps integer;\n', '  v_keeps integer;\n  v_asks_little boolean;\n'],
  ['v_quiet[v_chosen] OR v_next.quiet;', 'v_quiet[v_chosen] OR v_asks_little;'],
  [
    '      v_clock.virtual_time := greatest(v_clock.virtual_time, v_next.city_start);\n',
    `      IF v_next.rank > 0 THEN v_level := greatest(v_level, v_next.city_start); END IF;\n`,
  ],
  [
    `      SELECT array_agg(lane), array_agg(route) INTO v_open_lanes, v_open_routes
      FROM unnest(v_open_lanes, v_open_routes) AS line (lane, route) WHERE lane <> v_lanes[v_turn];`,
    `      SELECT array_agg(lane), array_agg(route), array_agg(market) INTO v_open_lanes, v_open_routes, v_open_markets
      FROM unnest(v_open_lanes, v_open_routes, v_open_markets) AS line (lane, route, market)
      WHERE lane <> v_lanes[v_turn] OR market <> v_market;`,
  ],
  [
    'admission_hand_over(v_cities, v_jobs, v_places, v_quotas, v_now);',
    'admission_hand_over(v_cities, v_jobs, v_places, v_quotas, v_now, v_lanes[v_turn], v_market, v_level);',
  ],
  [
    `    UPDATE admission_lanes l SET virtual_time = t.virtual_time - CASE WHEN l.lane = 'batch' THEN v_lent ELSE 0 END
    FROM unnest(v_lanes, v_lane_times) AS t (lane, virtual_time) WHERE l.lane = t.lane AND l.share IS NOT NULL;`,
    `    UPDATE admission_routes r SET lane_time = t.lane_time - CASE WHEN r.lane = 'batch' THEN v_lent ELSE 0 END
    FROM unnest(v_lanes, v_lane_markets, v_lane_shares, v_lane_times) AS t (lane, market, share, lane_time)
    WHERE r.lane = t.lane AND r.market = t.market AND t.share IS NOT NULL;`,
  ],
  [
    'UPDATE admission_clock c SET virtual_time = v_clock.virtual_time, running =',
    'UPDATE admission_clock c SET running =',
  ],
];

const POSITIONS: readonly Place[] = [
  [
    '           coalesce(l.virtual_time, q.member_time, 0) + own.tokens AS member_start\n',
    `           coalesce(l.virtual_time, q.member_time, 0) + own.tokens AS member_start,
           CASE WHEN q.waiting > 0 THEN q.virtual_time
                ELSE coalesce(greatest(q.virtual_time, (SELECT max(r.level) FROM admission_routes r
                                                        WHERE r.lane = e.lane AND r.market = coalesce(q.market, e.route))), 0) END AS virtual_time
`,
  ],
  ['SELECT m.*, s.virtual_time, s.weight::double precision', 'SELECT m.*, s.weight::double precision'],
];
