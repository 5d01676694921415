import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, rewrite } from './owner.ts';

/** What comes to a line, leaves it, and ends, is counted in that line of its market (docs/decisions/0045). */
export class CountInLines20261122067100 implements MigrationInterface {
  name = 'CountInLines20261122067100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      rewrite('admission_settle()', ...SETTLE),
      ARRIVE,
      rewrite('admission_express(timestamptz)', ...EXPRESS),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

type Place = readonly [from: string, to: string];

/** What a city's lines show of its share, with what this statement changes of what it was served. */
const QUEUES_AFTER = (changes: string): string => `
    queues AS (
      UPDATE admission_queues q SET virtual_time = q.virtual_time + here.change,
        rank = CASE WHEN here.running < here.running_floor THEN 0 ELSE 1 END,
        at_limit = coalesce(here.running >= here.running_limit, false)
      FROM (
        SELECT w.lane, w.route, s.tenant_id, s.running, s.running_floor, s.running_limit,
               coalesce(c.tokens, 0) / s.weight AS change
        FROM shares s JOIN admission_queues w ON w.tenant_id = s.tenant_id
        LEFT JOIN (
          SELECT o.tenant_id, o.lane, o.market, sum(g.tokens) AS tokens
          FROM (${changes}) g JOIN admission_queues o ON (o.tenant_id, o.lane, o.route) = (g.tenant_id, g.lane, g.route)
          GROUP BY 1, 2, 3) c ON c.tenant_id = w.tenant_id AND c.lane = w.lane AND c.market = w.market
        WHERE w.waiting > 0 OR c.tokens <> 0) here
      WHERE q.tenant_id = here.tenant_id AND q.lane = here.lane AND q.route = here.route)`;

const SETTLE: readonly Place[] = [
  ['  v_cities uuid[];\n  v_cities_returning uuid[];\n', ''],
  [
    'RETURNING e.tenant_id, e.cost_tokens, held.deployment_id',
    'RETURNING e.tenant_id, e.lane, e.route, e.actor_id, e.cost_tokens, held.deployment_id',
  ],
  [
    `    shares AS (
      UPDATE admission_shares s SET running = s.running - g.jobs, virtual_time = s.virtual_time - g.tokens / s.weight
      FROM (SELECT tenant_id, count(*)::integer AS jobs, sum(cost_tokens) AS tokens FROM returned GROUP BY 1) g
      WHERE s.tenant_id = g.tenant_id RETURNING s.tenant_id, s.waiting)
    SELECT (SELECT count(*) FROM returned)::integer, (SELECT array_agg(tenant_id) FROM shares WHERE waiting > 0)
    INTO v_returned, v_cities_returning;`,
    `    lines AS (
      UPDATE admission_lines l SET virtual_time = l.virtual_time - g.tokens
      FROM (SELECT tenant_id, lane, route, actor_id, sum(cost_tokens) AS tokens FROM returned GROUP BY 1, 2, 3, 4) g
      WHERE l.tenant_id = g.tenant_id AND l.lane = g.lane AND l.route = g.route AND l.actor_id = g.actor_id),
    shares AS (
      UPDATE admission_shares s SET running = s.running - g.jobs
      FROM (SELECT tenant_id, count(*)::integer AS jobs FROM returned GROUP BY 1) g
      WHERE s.tenant_id = g.tenant_id RETURNING s.*),${QUEUES_AFTER('SELECT tenant_id, lane, route, -cost_tokens AS tokens FROM returned')}
    SELECT (SELECT count(*) FROM returned)::integer INTO v_returned;`,
  ],
  [
    'RETURNING tenant_id, stage, cost_tokens, coalesce(spent_tokens, 0)',
    'RETURNING tenant_id, lane, route, stage, cost_tokens, coalesce(spent_tokens, 0)',
  ],
  [
    'UPDATE admission_shares s SET running = s.running - g.jobs, virtual_time = s.virtual_time + g.correction / s.weight,',
    'UPDATE admission_shares s SET running = s.running - g.jobs,',
  ],
  ['count(*)::integer AS jobs, sum(spent_tokens - cost_tokens) AS correction,\n', 'count(*)::integer AS jobs,\n'],
  [
    `      WHERE s.tenant_id = g.tenant_id RETURNING s.tenant_id, s.waiting)
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
`,
    `      WHERE s.tenant_id = g.tenant_id RETURNING s.*),${QUEUES_AFTER("SELECT tenant_id, lane, route, spent_tokens - cost_tokens AS tokens FROM gone WHERE stage = 'running'")}
    SELECT (SELECT count(*) FROM gone WHERE stage = 'running')::integer INTO v_left;
  END IF;
`,
  ],
];

/** Where a city stands that comes to a line of lane and market: where it was, and not before the level of the line. */
const STAND = (lane: string, market: string, tenant: string): string => `
    CROSS JOIN LATERAL (
      SELECT coalesce(max(w.virtual_time) FILTER (WHERE w.waiting > 0),
                      greatest(max(w.virtual_time), (SELECT max(r.level) FROM admission_routes r
                                                     WHERE r.lane = ${lane} AND r.market = ${market})), 0) AS stand
      FROM admission_queues w WHERE w.tenant_id = ${tenant} AND w.lane = ${lane} AND w.market = ${market}) own`;

/**
 * Puts what has arrived in line, at most 1,000 jobs a call. A city, a member, a lane, that was idle begins where the others
 * of its line are: no credit is banked while away.
 */
const ARRIVE = `
CREATE OR REPLACE FUNCTION admission_arrive() RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF NOT EXISTS (SELECT FROM admission_entries WHERE stage = 'arrived') THEN RETURN; END IF;
  WITH arrived AS (
    UPDATE admission_entries e SET stage = 'waiting'
    FROM (SELECT tenant_id, job_id FROM admission_entries WHERE stage = 'arrived'
          ORDER BY (lane = 'batch'), sequence LIMIT 1000) a
    WHERE e.tenant_id = a.tenant_id AND e.job_id = a.job_id
    RETURNING e.tenant_id, e.lane, e.route, e.actor_id, e.cost_tokens),
  places AS (
    SELECT g.*, coalesce(p.market, g.route) AS market
    FROM (SELECT tenant_id, lane, route, count(*)::integer AS jobs, sum(cost_tokens)::bigint AS tokens
          FROM arrived GROUP BY 1, 2, 3) g
    LEFT JOIN pool_routes p ON p.route = g.route),
  shares AS (
    INSERT INTO admission_shares AS s (tenant_id, waiting, waiting_tokens)
    SELECT tenant_id, sum(jobs), sum(tokens) FROM places GROUP BY 1
    ON CONFLICT (tenant_id) DO UPDATE SET
      waiting = s.waiting + excluded.waiting, waiting_tokens = s.waiting_tokens + excluded.waiting_tokens
    RETURNING s.*),
  queues AS (
    INSERT INTO admission_queues AS q (tenant_id, lane, route, market, waiting, waiting_tokens, virtual_time, rank, at_limit)
    SELECT a.tenant_id, a.lane, a.route, a.market, a.jobs, a.tokens, own.stand,
      CASE WHEN s.running < s.running_floor THEN 0 ELSE 1 END, coalesce(s.running >= s.running_limit, false)
    FROM places a JOIN shares s ON s.tenant_id = a.tenant_id${STAND('a.lane', 'a.market', 'a.tenant_id')}
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
  INSERT INTO admission_routes AS r (lane, route, market, waiting, lane_time)
  SELECT lane, route, market, sum(jobs), coalesce((SELECT max(o.lane_time) FROM admission_routes o WHERE o.market = places.market), 0)
  FROM places GROUP BY 1, 2, 3
  ON CONFLICT (lane, route) DO UPDATE SET waiting = r.waiting + excluded.waiting,
    contended = r.contended AND r.waiting > 0;
END $$`;

const EXPRESS: readonly Place[] = [
  ['e.deployment_id, e.cost_tokens, e.sequence)', 'e.deployment_id, e.lane, e.route, e.cost_tokens, e.sequence)'],
  [
    `    UPDATE admission_shares s SET running = s.running + g.jobs,
      virtual_time = greatest(s.virtual_time, c.virtual_time) + g.tokens / s.weight
    FROM (SELECT tenant_id, count(*)::integer AS jobs, sum(cost_tokens) AS tokens FROM entries GROUP BY 1) g, admission_clock c
    WHERE s.tenant_id = g.tenant_id RETURNING s.virtual_time - g.tokens / s.weight AS started),
  clock AS (
    UPDATE admission_clock c SET virtual_time = greatest(c.virtual_time, (SELECT max(started) FROM shares)))`,
    `    UPDATE admission_shares s SET running = s.running + g.jobs
    FROM (SELECT tenant_id, count(*)::integer AS jobs FROM entries GROUP BY 1) g
    WHERE s.tenant_id = g.tenant_id RETURNING s.tenant_id, s.weight),
  stands AS MATERIALIZED (
    SELECT g.*, s.weight, own.stand
    FROM (SELECT e.tenant_id, e.lane, e.route, coalesce(p.market, e.route) AS market, sum(e.cost_tokens) AS tokens
          FROM entries e LEFT JOIN pool_routes p ON p.route = e.route GROUP BY 1, 2, 3, 4) g
    JOIN shares s ON s.tenant_id = g.tenant_id${STAND('g.lane', 'g.market', 'g.tenant_id')}),
  queues AS (
    INSERT INTO admission_queues AS q (tenant_id, lane, route, market, virtual_time)
    SELECT tenant_id, lane, route, market, stand + tokens / weight FROM stands
    ON CONFLICT (tenant_id, lane, route) DO UPDATE SET virtual_time = excluded.virtual_time),
  routes AS (
    INSERT INTO admission_routes AS r (lane, route, market, waiting, level)
    SELECT lane, route, market, 0, max(stand) FROM stands GROUP BY 1, 2, 3
    ON CONFLICT (lane, route) DO UPDATE SET level = greatest(r.level, excluded.level))`,
  ],
];
