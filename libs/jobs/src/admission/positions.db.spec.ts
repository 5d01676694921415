import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Line, type Place } from '../../test/line.ts';

let line: Line;

beforeAll(async () => {
  line = await Line.open();
});

afterEach(() => line.clear());

afterAll(() => line.close());

const positionsOf = async (jobs: readonly string[]): Promise<Place[]> => {
  const found = await line.positions(jobs);
  return jobs.map((job) => found.find(({ job_id }) => job_id === job)!);
};

describe('admission_positions()', () => {
  it('tells every waiting job how many go before it, of its own city and of others', async () => {
    const [first, second] = [await line.foundCity(), await line.foundCity()];
    const colleague = await line.addActor(first);
    await line.configure({ id: 'd', concurrency: 1 });
    await line.queue(first, 1);
    await line.serve(1, () => 1_000);
    await line.configure({ id: 'd', concurrency: 1 });
    const blocking = await line.queue(first, 1);
    await line.admit();
    const mine = await line.queue(first, 4);
    const theirs = await line.queue(second, 4);
    const colleagues = await line.queue(first, 2, { actor: colleague });
    await line.admit();
    const waiting = [...mine, ...theirs, ...colleagues];
    const said = (await positionsOf(waiting)).map(({ ahead }) => ahead);
    await line.finish(blocking, 1_000);
    const served = (await line.serve(waiting.length, () => 1_000)).map(({ job_id }) => job_id);
    waiting.forEach((job, index) => expect(Math.abs(said[index]! - served.indexOf(job))).toBeLessThanOrEqual(2));
  });

  it('reads little of the line for one job, however many wait', async () => {
    const city = await line.foundCity();
    await line.configure({ id: 'd', concurrency: 1 });
    const [job] = await line.queue(city, 1);
    for (let crowd = 0; crowd < 100; crowd += 1) await line.queue(await line.foundCity(), 200);
    const pagesRead = async () => {
      const [plan] = await line.everything.query<{ 'QUERY PLAN': [{ Plan: { 'Shared Hit Blocks': number } }] }[]>(
        'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM admission_positions($1, $2)',
        [[city], [job]],
      );
      return plan!['QUERY PLAN'][0].Plan['Shared Hit Blocks'];
    };
    await pagesRead(); // the first time it is planned, too
    expect(await pagesRead()).toBeLessThan(50);
  });

  it('puts everything urgent before the rest', async () => {
    const [city, other] = [await line.foundCity(), await line.foundCity()];
    await line.configure({ id: 'd', concurrency: 1 });
    await line.queue(city, 1);
    await line.admit();
    const mine = await line.queue(city, 1);
    await line.queue(other, 3, { lane: 'urgent' });
    await line.admit();
    expect((await positionsOf(mine))[0]!.ahead).toBe(3);
  });

  it('estimates no wait before it has seen a line move', async () => {
    const city = await line.foundCity();
    await line.configure({ id: 'd', concurrency: 1 });
    const jobs = await line.queue(city, 3);
    await line.admit();
    expect((await positionsOf(jobs.slice(1))).map(({ wait_ms }) => wait_ms)).toEqual([null, null]);
  });

  it('estimates by the rate at which the line has moved', async () => {
    const city = await line.foundCity();
    await line.configure({ id: 'd', concurrency: 1 });
    const jobs = await line.queue(city, 11);
    await line.admit();
    await line.query('UPDATE admission_routes SET moved_tokens = 20000, moved_seconds = 10, contended = false');
    const waits = (await positionsOf(jobs.slice(1))).map(({ wait_ms }) => Number(wait_ms));
    // 2,000 tokens a second, 1,000 tokens a job
    waits.forEach((wait, ahead) => expect(wait).toBe(ahead * 500));
  });
});
