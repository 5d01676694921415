import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Line } from '../../test/line.ts';

let line: Line;

beforeAll(async () => {
  line = await Line.open();
});

afterAll(() => line.close());

/** Every count that admit() keeps, against what the entries themselves say. Each row of the answer is a difference. */
const DIFFERENCES = `
  WITH e AS (SELECT * FROM admission_entries),
  said AS (
    SELECT 'city ' || tenant_id AS of, waiting, waiting_tokens, running FROM admission_shares
    UNION ALL SELECT format('queue %s %s %s', tenant_id, lane, route), waiting, waiting_tokens, 0 FROM admission_queues
    UNION ALL SELECT format('line %s %s %s %s', tenant_id, lane, route, actor_id), waiting, waiting_tokens, 0 FROM admission_lines
    UNION ALL SELECT format('route %s %s', lane, route), waiting, 0, 0 FROM admission_routes
    UNION ALL SELECT 'deployment ' || id, 0, 0, running FROM pool_deployments
    UNION ALL SELECT 'clock', 0, 0, running FROM admission_clock),
  counted AS (
    SELECT 'city ' || tenant_id AS of, count(*) FILTER (WHERE stage = 'waiting') AS waiting,
      coalesce(sum(cost_tokens) FILTER (WHERE stage = 'waiting'), 0) AS waiting_tokens,
      count(*) FILTER (WHERE stage = 'running') AS running FROM e GROUP BY 1
    UNION ALL SELECT format('queue %s %s %s', tenant_id, lane, route), count(*), sum(cost_tokens), 0 FROM e WHERE stage = 'waiting' GROUP BY 1
    UNION ALL SELECT format('line %s %s %s %s', tenant_id, lane, route, actor_id), count(*), sum(cost_tokens), 0 FROM e WHERE stage = 'waiting' GROUP BY 1
    UNION ALL SELECT format('route %s %s', lane, route), count(*), 0, 0 FROM e WHERE stage = 'waiting' GROUP BY 1
    UNION ALL SELECT 'deployment ' || deployment_id, 0, 0, count(*) FROM e WHERE stage = 'running' GROUP BY 1
    UNION ALL SELECT 'clock', 0, 0, count(*) FROM e WHERE stage = 'running')
  SELECT coalesce(s.of, c.of) AS of, s.waiting AS said_waiting, c.waiting, s.waiting_tokens AS said_tokens,
    c.waiting_tokens, s.running AS said_running, c.running
  FROM said s FULL JOIN counted c ON c.of = s.of
  WHERE (coalesce(s.waiting, 0), coalesce(s.waiting_tokens, 0), coalesce(s.running, 0))
    IS DISTINCT FROM (coalesce(c.waiting, 0), coalesce(c.waiting_tokens, 0), coalesce(c.running, 0))`;

/** What a city's queues copy of its share, so that one index finds the next city. */
const STALE_COPIES = `
  SELECT q.tenant_id, q.lane, q.virtual_time, q.at_limit, q.rank
  FROM admission_queues q JOIN admission_shares s ON s.tenant_id = q.tenant_id
  WHERE q.waiting > 0 AND (q.at_limit <> coalesce(s.running >= s.running_limit, false)
    OR q.rank <> CASE WHEN s.running < s.running_floor THEN 0 ELSE 1 END)`;

/** Cities that run more than their limit, in all their lines together. */
const OVER_LIMIT = 'SELECT tenant_id, running, running_limit FROM admission_shares WHERE running > running_limit';

/** Lines of one city and market, in which what it was served is one account. */
const UNEQUAL_SIBLINGS = `
  SELECT tenant_id, lane, market, array_agg(virtual_time) AS times FROM admission_queues
  WHERE waiting > 0 GROUP BY 1, 2, 3 HAVING max(virtual_time) - min(virtual_time) > 1e-6`;

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('queue' as const),
      city: fc.nat(2),
      actor: fc.nat(1),
      jobs: fc.integer({ min: 1, max: 5 }),
      tokens: fc.integer({ min: 200, max: 4_000 }),
      lane: fc.constantFrom('interactive' as const, 'batch' as const, 'urgent' as const),
      model: fc.constantFrom('m', 'n'),
      segment: fc.constantFrom('lgwan', 'my_number'),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('admit' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('finish' as const, 'return' as const, 'reroute' as const),
      which: fc.nat(30),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('throttle' as const, 'fail' as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function take(turn: Step, cities: readonly string[], colleagues: readonly string[]): Promise<void> {
  switch (turn.do) {
    case 'queue': {
      const actor = turn.actor === 0 ? cities[turn.city]! : colleagues[turn.city]!;
      await line.queue(cities[turn.city]!, turn.jobs, { ...turn, actor });
      return;
    }
    case 'admit':
      await line.admit();
      return;
    case 'throttle':
    case 'fail':
      await line.fault('a', turn.do === 'fail' ? 'failed' : 'throttled');
      return;
    default: {
      // Waiting ones too: cancelled in line. A job that has been given back may be cancelled before admit() saw it.
      const jobs = await line.everything.query<{ tenant_id: string; job_id: string; stage: string }[]>(
        'SELECT tenant_id, job_id, stage FROM admission_entries WHERE finished_at IS NULL ORDER BY sequence',
      );
      const job = jobs[turn.which % Math.max(1, jobs.length)];
      if (!job) return;
      if (turn.do === 'finish') await line.finish([job.job_id], 700, 900);
      else if (job.stage !== 'running') return;
      else if (turn.do === 'return')
        await line.everything.query(
          'UPDATE admission_entries SET returned_at = now() + make_interval(hours => $2) WHERE job_id = $1',
          [job.job_id, turn.which % 2],
        );
      else {
        await line.everything.query('UPDATE admission_entries SET lease_fence = 1 WHERE job_id = $1', [job.job_id]);
        await line.query(`SELECT pool_reroute($1, $2, 1, '{a}', $3)`, [
          job.tenant_id,
          job.job_id,
          turn.which % 2 === 0,
        ]);
      }
    }
  }
}

describe('admission’s books', () => {
  it(
    'balance after whatever happened, and admission never stops while there is room',
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
          await line.clear();
          await line.configure(
            { id: 'a', model: 'm', concurrency: 4, segments: ['lgwan', 'my_number'] },
            { id: 'b', model: 'm', concurrency: 3, tokensPerMinute: 1_000_000, requestsPerMinute: 10_000 },
            {
              id: 'c',
              model: 'n',
              concurrency: 2,
              outputBurnDown: 5,
              tokensPerMinute: 1_000_000,
              segments: ['lgwan', 'my_number'],
            },
          );
          const cities = [
            await line.foundCity(),
            await line.foundCity({ weight: 2, floor: 2 }),
            await line.foundCity({ weight: 4, limit: 3 }),
          ];
          const colleagues = await Promise.all(cities.map((city) => line.addActor(city)));
          for (const turn of steps) {
            await take(turn, cities, colleagues);
            expect(await line.everything.query(OVER_LIMIT)).toEqual([]);
            expect(await line.everything.query(UNEQUAL_SIBLINGS)).toEqual([]);
          }
          await line.admit();
          expect(await line.everything.query(DIFFERENCES)).toEqual([]);
          expect(await line.everything.query(STALE_COPIES)).toEqual([]);
          expect(await line.everything.query(OVER_LIMIT)).toEqual([]);
          expect(await line.everything.query(UNEQUAL_SIBLINGS)).toEqual([]);

          // Everything accepted comes to run: nobody is left behind by a count that went wrong.
          await line.everything.query('UPDATE admission_entries SET returned_at = now() WHERE returned_at IS NOT NULL');
          await line.everything.query(
            'UPDATE pool_deployments SET throttled_at = NULL, open_until = NULL, failures = 0',
          );
          for (let round = 0; round < 300; round += 1) {
            await line.everything.query(
              `UPDATE admission_entries SET finished_at = now(), spent_tokens = 1, burned_tokens = 1, served = true WHERE stage = 'running'`,
            );
            if ((await line.admit()).length === 0 && round > 1) break;
          }
          expect(await line.everything.query('SELECT job_id, stage FROM admission_entries')).toEqual([]);
          expect(await line.everything.query(DIFFERENCES)).toEqual([]);
        }),
        { numRuns: 60 },
      );
    },
  );
});
