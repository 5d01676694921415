import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly, rewrite } from './owner.ts';

/**
 * How fast a line moves is measured for each line, a lane on a route, and no longer for all of them together; and how long
 * its jobs keep their places for each city (docs/decisions/0043). Both are written with what admission writes anyway.
 */
export class MeasureEachLine20261122061100 implements MigrationInterface {
  name = 'MeasureEachLine20261122061100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `ALTER TABLE admission_routes
         -- whether the last hand-over left somebody waiting whom the pool keeps, and not only a limit of the city's own
         ADD contended boolean NOT NULL DEFAULT false,
         -- the last hand-over
         ADD moved_at timestamptz NOT NULL DEFAULT now(),
         -- tokens handed over, and seconds passed, while it was so; what is older weighs less
         ADD moved_tokens double precision NOT NULL DEFAULT 0,
         ADD moved_seconds double precision NOT NULL DEFAULT 0`,
      `ALTER TABLE admission_shares
         -- of the jobs that left the pool, what they were taken to cost, and how long they kept their places; likewise
         ADD served_tokens double precision NOT NULL DEFAULT 0,
         ADD served_seconds double precision NOT NULL DEFAULT 0`,
      rewrite('admission_arrive()', BEGIN_ANEW),
      rewrite('admission_settle()', ...MEASURE_CITIES),
      MEMORY,
      HAND_OVER,
      ...executableBy('moyai_admission', 'line_memory(boolean, timestamptz, timestamptz, integer)'),
      rewrite('admit(boolean)', ...MEASURE_NO_LONGER),
      'ALTER TABLE admission_clock DROP busy_tokens, DROP busy_seconds, DROP busy',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

type Place = readonly [from: string, to: string];

/** A line that was emptied by cancelling is measured anew, without the time in which nobody was in it. */
const BEGIN_ANEW: Place = [
  'ON CONFLICT (lane, route) DO UPDATE SET waiting = r.waiting + excluded.waiting;',
  `ON CONFLICT (lane, route) DO UPDATE SET waiting = r.waiting + excluded.waiting,
    contended = r.contended AND r.waiting > 0;`,
];

const MEASURE_CITIES: readonly Place[] = [
  ['max_tokens, admitted_at,\n', 'max_tokens, admitted_at, finished_at,\n'],
  [
    'virtual_time = s.virtual_time + g.correction / s.weight\n',
    `virtual_time = s.virtual_time + g.correction / s.weight,
        served_tokens = s.served_tokens * power(0.95, g.jobs) + g.tokens,
        served_seconds = s.served_seconds * power(0.95, g.jobs) + g.seconds
`,
  ],
  [
    'sum(spent_tokens - cost_tokens) AS correction\n',
    `sum(spent_tokens - cost_tokens) AS correction,
              sum(cost_tokens) AS tokens, extract(epoch FROM sum(finished_at - admitted_at))::double precision AS seconds
`,
  ],
];

const MEASURE_NO_LONGER: readonly Place[] = [
  ['  v_tokens_admitted bigint := 0;\n', ''],
  ['      v_tokens_admitted := v_tokens_admitted + v_next.cost_tokens;\n', ''],
  [
    `    admitted_total = c.admitted_total + v_admitted + v_express,
    busy_tokens = c.busy_tokens * decay + CASE WHEN c.busy THEN v_tokens_admitted ELSE 0 END,
    busy_seconds = c.busy_seconds * decay + CASE WHEN c.busy THEN passed ELSE 0 END,
    busy = EXISTS (SELECT FROM admission_routes WHERE waiting > 0), updated_at = v_now
  FROM (SELECT passed, exp(-least(passed, 3600) / 30) AS decay
        FROM (SELECT extract(epoch FROM v_now - v_clock.updated_at)::double precision AS passed) AS p) AS time;`,
    '    admitted_total = c.admitted_total + v_admitted + v_express, updated_at = v_now;',
  ],
];

/**
 * How much what was measured of a line still weighs after so many jobs more: a third after 30 s, or after 20 jobs where those
 * take longer. What was measured over ten minutes before the line is contended again is forgotten.
 */
const MEMORY = `
CREATE FUNCTION line_memory(p_contended boolean, p_moved_at timestamptz, p_now timestamptz, p_jobs integer)
RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_contended THEN greatest(exp(-least(3600, greatest(0, extract(epoch FROM p_now - p_moved_at)::double precision)) / 30), power(0.95, p_jobs))
              WHEN p_now > p_moved_at + interval '10 min' THEN 0 ELSE 1 END
$$`;

/**
 * Writes what a round of admit() decided, for all its jobs together. Returns those to hand to the queue: one that was
 * cancelled between arriving and now is counted but not handed over, and the next call takes it out.
 *
 * A line is measured from one hand-over that leaves somebody waiting to the next. The first begins it at an instant after
 * p_now, so that nothing else in the same call counts: it goes to places that were free.
 */
const HAND_OVER = `
CREATE OR REPLACE FUNCTION admission_hand_over(p_cities uuid[], p_jobs uuid[], p_places text[], p_quotas double precision[], p_now timestamptz)
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
    WHERE q.tenant_id = here.tenant_id AND q.lane = here.lane AND q.route = here.route
    RETURNING q.lane, q.route, q.waiting > 0 AND NOT q.at_limit AS contends),
  routes AS (
    UPDATE admission_routes r SET waiting = r.waiting - g.jobs,
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
