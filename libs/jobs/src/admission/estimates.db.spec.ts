import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Line } from '../../test/line.ts';
import { PoolAtWork, type Wait } from '../../test/pool-at-work.ts';

/** What a wait is told is off by at most this part of it on average, in each of these histories. */
const ERROR = 1 / 3;
const SEED = 7;

const large = { id: 'large', model: 'large', concurrency: 5 };
const local = { id: 'local', model: 'local', concurrency: 2 };

let line: Line;

beforeAll(async () => {
  line = await Line.open();
});

afterEach(() => line.clear());

afterAll(() => line.close());

const cities = (count: number) => Promise.all(Array.from({ length: count }, () => line.foundCity()));

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function expectHonest(waits: readonly Wait[]): void {
  expect(waits.length).toBeGreaterThan(15);
  expect(waits.filter(({ told }) => told === null)).toEqual([]);
  const off = sum(waits.map(({ told, real }) => Math.abs(told! - real)));
  expect(off / sum(waits.map(({ real }) => real))).toBeLessThan(ERROR);
}

describe('a wait is told as it then is', { timeout: 60_000 }, () => {
  it('by the pace of its own model, on a fast and on a slow one that both have a line', async () => {
    await line.configure(large, local);
    const pool = new PoolAtWork(line, SEED, { large: 400, local: 250 });
    const jobs = { fast: [] as string[], slow: [] as string[] };
    for (const city of await cities(3)) {
      jobs.fast.push(...(await pool.queue(city, 120, { model: 'large' })));
      jobs.slow.push(...(await pool.queue(city, 30, { model: 'local' })));
    }
    await pool.run(60);
    const [fast, slow] = [await pool.told(jobs.fast), await pool.told(jobs.slow)];
    expectHonest(await pool.waits(fast));
    expectHonest(await pool.waits(slow));
  });

  it('of a batch, whatever waits for another model', async () => {
    await line.configure(large, local);
    const pool = new PoolAtWork(line, SEED, { large: 40, local: 500 });
    const [asking, sending] = await cities(2);
    await pool.queue(asking!, 60, { model: 'large' });
    const batch = await pool.queue(sending!, 120, { model: 'local', lane: 'batch' });
    await pool.run(40);
    expectHonest(await pool.waits(await pool.told(batch)));
  });

  it('of a batch, while questions have the model, of which no more come', async () => {
    await line.configure(large);
    const pool = new PoolAtWork(line, SEED, { large: 400 });
    const [asking, sending] = await cities(2);
    await pool.queue(asking!, 300, { model: 'large' });
    const batch = await pool.queue(sending!, 100, { model: 'large', lane: 'batch' });
    await pool.run(60);
    expectHonest(await pool.waits(await pool.told(batch)));
  });

  it('of a batch, while questions come and leave it a third of the model', async () => {
    await line.configure(large);
    const pool = new PoolAtWork(line, SEED, { large: 400 });
    const [asking, sending] = await cities(2);
    pool.arrive(asking!, 0.75, 400, { model: 'large' });
    const batch = await pool.queue(sending!, 120, { model: 'large', lane: 'batch' });
    await pool.run(60);
    expectHonest(await pool.waits(await pool.told(batch)));
  });

  it('on two networks that share a deployment', async () => {
    await line.configure({ ...large, segments: ['lgwan', 'internet'] });
    const pool = new PoolAtWork(line, SEED, { large: 400 });
    const [one, two, both] = [await line.foundCity(), await line.foundCity(), await line.foundCity()];
    const jobs = [
      ...(await pool.queue(one, 60, { model: 'large' })),
      ...(await pool.queue(two, 60, { model: 'large', segment: 'internet' })),
      ...(await pool.queue(both, 60, { model: 'large' })),
      ...(await pool.queue(both, 60, { model: 'large', segment: 'internet' })),
    ];
    await pool.run(30);
    expectHonest(await pool.waits(await pool.told(jobs)));
  });

  it('of a city at its limit by its own pace, with others in line and alone', async () => {
    for (const others of [400, 0]) {
      await line.configure({ ...large, concurrency: 20 });
      const pool = new PoolAtWork(line, SEED, { large: 100 });
      const [limited, other] = [await line.foundCity({ limit: 2 }), await line.foundCity()];
      const jobs = await pool.queue(limited, 40, { model: 'large' });
      await pool.queue(other, others, { model: 'large' });
      await pool.run(60);
      expectHonest(await pool.waits((await pool.told(jobs)).slice(1)));
      await line.clear();
    }
  });

  it('of the others, who are not kept by what waits of a city at its limit', async () => {
    await line.configure({ ...large, concurrency: 10 });
    const pool = new PoolAtWork(line, SEED, { large: 200 });
    const [limited, other] = [await line.foundCity({ limit: 2 }), await line.foundCity()];
    await pool.queue(limited, 150, { model: 'large' });
    await pool.run(30);
    const jobs = await pool.queue(other, 120, { model: 'large' });
    await pool.run(20);
    expectHonest(await pool.waits(await pool.told(jobs)));
  });
});

describe('the pace of a line', () => {
  const pace = async (lane = 'interactive') =>
    (
      await line.query<{ tokens: number; seconds: number }>(
        'SELECT moved_tokens AS tokens, moved_seconds AS seconds FROM admission_routes WHERE lane = $1',
        [lane],
      )
    )[0]!;

  it('is measured between hand-overs while somebody waits, and not by what found free places', async () => {
    await line.configure({ id: 'd', concurrency: 40 });
    const jobs = await line.queue(await line.foundCity(), 60);
    expect(await line.admit()).toHaveLength(40);
    expect(await pace()).toEqual({ tokens: 0, seconds: 0 });
    await line.pass(5);
    await line.finish(jobs.slice(0, 2), 1_000);
    await line.admit();
    expect((await pace()).tokens).toBe(2_000);
    expect((await pace()).seconds).toBeCloseTo(5, 0);
  });

  it('is none of the pool’s while nobody but cities at their limit waits', async () => {
    await line.configure({ id: 'd', concurrency: 40 });
    const [job] = await line.queue(await line.foundCity({ limit: 1 }), 10);
    await line.admit();
    await line.pass(100);
    await line.finish([job!], 1_000);
    await line.admit();
    expect(await pace()).toEqual({ tokens: 0, seconds: 0 });
  });

  it('does not count the time in which the line was empty', async () => {
    await line.configure({ id: 'd', concurrency: 1 });
    const city = await line.foundCity();
    const [running, cancelled] = await line.queue(city, 2);
    await line.admit();
    await line.finish([cancelled!], 0);
    await line.admit();
    await line.pass(100);
    await line.queue(city, 2);
    await line.admit();
    await line.finish([running!], 1_000);
    await line.admit();
    expect(await pace()).toEqual({ tokens: 0, seconds: 0 });
  });

  it('falls while the line stands', async () => {
    const city = await line.foundCity();
    await line.configure({ id: 'd', concurrency: 1 });
    const jobs = await line.queue(city, 10);
    await line.admit();
    await line.query('UPDATE admission_routes SET moved_tokens = 10000, moved_seconds = 10');
    const told = async () => Number((await line.positions(jobs.slice(9)))[0]!.wait_ms);
    expect(await told()).toBeCloseTo(8_000, -2);
    await line.pass(90);
    expect(await told()).toBeCloseTo(80_000, -3);
  });
});
