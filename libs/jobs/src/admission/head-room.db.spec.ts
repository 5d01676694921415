import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { countBy, Line, type Waiting } from '../../test/line.ts';

const PLACES = 300;
/** One in eighty, rounded down. */
const HELD = 3;

let line: Line;

beforeAll(async () => {
  line = await Line.open();
});

afterEach(() => line.clear());

afterAll(() => line.close());

const running = async () => (await line.deployment('d')).running;
const free = async () => PLACES - (await running());

/** As if somebody who asks for little had just been served. */
const somebodyCame = () => line.everything.query('UPDATE pool_deployments SET quiet_at = clock_timestamp()');

/** A full pool of which one city has most, with more in line than all of it could take. */
async function fullOfOne(waiting: Waiting = {}): Promise<{ busy: string; running: string[] }> {
  await line.configure({ id: 'd', concurrency: PLACES });
  const busy = await line.foundCity();
  const jobs = await line.queue(busy, 2 * PLACES, waiting);
  await line.admit();
  expect(await free()).toBe(0);
  await somebodyCame();
  return { busy, running: jobs.slice(0, PLACES) };
}

async function end(jobs: readonly string[]): Promise<void> {
  await line.finish(jobs, 1_000);
  await somebodyCame();
}

describe('head room', () => {
  it('is free for a city that asks for little, and is filled up again before the busy city goes on', async () => {
    const { busy, running: jobs } = await fullOfOne();
    await end(jobs.slice(0, HELD));
    expect(await line.admit()).toEqual([]);
    expect(await free()).toBe(HELD);
    await end(jobs.slice(HELD, HELD + 1));
    expect(countBy(await line.admit(), busy)).toBe(1);
    const [question] = await line.queue(await line.foundCity(), 1);
    expect((await line.admit()).map(({ job_id }) => job_id)).toEqual([question]);
    await end(jobs.slice(HELD + 1, HELD + 2));
    expect(await line.admit()).toEqual([]);
    expect(await free()).toBe(HELD);
  });

  it('is held while such cities come, and given to whoever waits 5 s after the last', async () => {
    const { running: jobs } = await fullOfOne();
    await end(jobs.slice(0, HELD));
    expect(await line.admit()).toEqual([]);
    await line.pass(5.1);
    expect(await line.admit()).toHaveLength(HELD);
  });

  it('is none in a pool of less than eighty places, or where none is configured', async () => {
    for (const small of [
      { id: 'd', concurrency: 79 },
      { id: 'd', concurrency: PLACES, headRoom: 0 },
    ]) {
      await line.configure(small);
      const city = await line.foundCity();
      await line.queue(city, 1);
      await line.admit();
      await somebodyCame();
      await line.queue(city, PLACES);
      await line.admit();
      expect(await running()).toBe(small.concurrency);
      await line.clear();
    }
  });

  it.each([
    ['batch work of a city for which nothing runs', 'batch', {}, 0],
    ['what goes through the urgent lane, however much', 'urgent', {}, HELD],
    ['a city below its floor', 'interactive', { floor: 2 }, 2],
    ['a city that asks for more than a fiftieth of the pool: its first', 'interactive', {}, 1],
  ] as const)('is taken by %s', async (_, lane, share, taken) => {
    const { running: jobs } = await fullOfOne({ lane: lane === 'interactive' ? lane : 'batch' });
    const coming = await line.foundCity(share);
    await line.queue(coming, PLACES, { lane });
    await end(jobs.slice(0, HELD));
    expect(countBy(await line.admit(), coming)).toBe(taken);
    expect(await free()).toBe(HELD - taken);
  });

  it('lets nobody pass whose turn it is', async () => {
    const { busy, running: jobs } = await fullOfOne();
    const served = await line.foundCity();
    await line.queue(served, 1);
    await line.admit();
    await line.everything.query('UPDATE admission_queues SET virtual_time = 1e9 WHERE tenant_id = $1', [served]);
    await end(jobs.slice(0, HELD));
    expect(await line.admit()).toEqual([]);
    await end(jobs.slice(HELD, 2 * HELD));
    expect(countBy(await line.admit(), busy)).toBe(HELD);
  });

  it('is of tokens', async () => {
    await line.configure({ id: 'd', concurrency: PLACES, tokensPerMinute: 300_000 });
    const busy = await line.foundCity();
    await line.queue(busy, PLACES, { tokens: 4_000 });
    await somebodyCame();
    expect(await line.admit()).toHaveLength(74);
    await line.queue(await line.foundCity(), 1, { tokens: 3_000 });
    expect(await line.admit()).toHaveLength(1);
  });

  it('is of requests', async () => {
    await line.configure({ id: 'd', concurrency: PLACES, requestsPerMinute: 200 });
    await line.queue(await line.foundCity(), PLACES, { tokens: 1 });
    await somebodyCame();
    expect(await line.admit()).toHaveLength(198);
    await line.queue(await line.foundCity(), 2, { tokens: 1 });
    expect(await line.admit()).toHaveLength(2);
  });

  it('has room for one question after the other while batch work waits, which still gets its turn', async () => {
    const { busy, running: jobs } = await fullOfOne({ lane: 'batch' });
    await end(jobs.slice(0, HELD + 1));
    expect(countBy(await line.admit(), busy)).toBe(1);
    for (let question = 0; question < HELD + 1; question += 1) {
      const [asked] = await line.queue(await line.foundCity(), 1, { tokens: 4_000 });
      expect((await line.admit()).map(({ job_id }) => job_id)).toEqual([asked]);
      await end([jobs[HELD + 1 + question]!]);
      expect(await line.admit()).toEqual([]);
    }
    await Promise.all(Array.from({ length: 40 }, async () => line.queue(await line.foundCity(), 1, { tokens: 4_000 })));
    await end(jobs.slice(3 * HELD, 12 * HELD));
    expect(countBy(await line.admit(), busy)).toBeGreaterThan(0);
  });

  it('does not keep a broken deployment from its one job on trial', async () => {
    await line.configure({ id: 'd', concurrency: 100 });
    await line.queue(await line.foundCity(), 10, { lane: 'batch' });
    for (let call = 0; call < 5; call += 1) await line.fault('d', 'failed');
    await line.pass(5.1);
    await somebodyCame();
    expect(await line.admit()).toHaveLength(1);
  });

  it(
    'has a place for each city for which nothing runs while any is free, and idles at most what is held',
    { timeout: 120_000 },
    async () => {
      const step = fc.oneof(
        fc.record({ do: fc.constant('ask' as const), city: fc.nat(14), tokens: fc.integer({ min: 200, max: 4_000 }) }),
        fc.record({ do: fc.constant('end' as const), from: fc.nat(PLACES), jobs: fc.integer({ min: 1, max: 5 }) }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
          await line.clear();
          const { busy } = await fullOfOne();
          const quiet = await Promise.all(
            Array.from({ length: 15 }, (_, city) => line.foundCity({ weight: 1 + (city % 4) })),
          );
          for (const turn of steps) {
            const before = await free();
            const entries = await line.everything.query<{ tenant_id: string; job_id: string }[]>(
              `SELECT tenant_id, job_id FROM admission_entries WHERE tenant_id <> $1 OR stage = 'running' ORDER BY sequence`,
              [busy],
            );
            await somebodyCame();
            if (turn.do === 'end') {
              await end(entries.slice(turn.from, turn.from + turn.jobs).map(({ job_id }) => job_id));
              await line.admit();
            } else {
              const city = quiet[turn.city]!;
              const first = !entries.some(({ tenant_id }) => tenant_id === city);
              const [question] = await line.queue(city, 1, { tokens: turn.tokens });
              const admitted = (await line.admit()).map(({ job_id }) => job_id);
              if (first && before > 0) expect(admitted).toContain(question);
            }
            expect(await free()).toBeLessThanOrEqual(HELD);
          }
        }),
        { numRuns: 25 },
      );
    },
  );
});
