import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Deployment, Line } from '../../test/line.ts';

let line: Line;

beforeAll(async () => {
  line = await Line.open();
});

afterEach(() => line.clear());

afterAll(() => line.close());

const tokyo: Deployment = { id: 'tokyo', concurrency: 100, tokensPerMinute: 60_000 };
const osaka: Deployment = { id: 'osaka', concurrency: 100, tokensPerMinute: 60_000 };

describe('the pool’s room', () => {
  it('admits as many as the tokens per minute allow, each reserved with its maxTokens', async () => {
    await line.configure({ ...tokyo, tokensPerMinute: 10_000 });
    await line.queue(await line.foundCity(), 20);
    expect(await line.admit()).toHaveLength(10);
    await line.pass(6); // a tenth of a minute
    expect(await line.admit()).toHaveLength(1);
  });

  it('admits as many as the requests per minute allow', async () => {
    await line.configure({ id: 'tokyo', concurrency: 100, requestsPerMinute: 60 });
    await line.queue(await line.foundCity(), 100, { tokens: 1 });
    expect(await line.admit()).toHaveLength(60);
    await line.pass(3);
    expect(await line.admit()).toHaveLength(3);
  });

  it('gives back what was reserved and not burned, and owes what was burned beyond', async () => {
    await line.configure({ ...tokyo, tokensPerMinute: 10_000 });
    const jobs = await line.queue(await line.foundCity(), 3);
    await line.admit();
    await line.finish([jobs[0]!], 200, 200);
    await line.finish([jobs[1]!, jobs[2]!], 1_000, 5_000);
    await line.admit();
    expect((await line.deployment('tokyo')).tokens_left).toBeCloseTo(10_000 - 200 - 10_000, -1);
  });

  it('reserves what an answer will likely burn where that is more than maxTokens', async () => {
    await line.configure({ ...tokyo, tokensPerMinute: 10_000, outputBurnDown: 5 });
    await line.queue(await line.foundCity(), 20);
    // Half of maxTokens is used until more is known: 2.5 quota tokens for each.
    expect(await line.admit()).toHaveLength(4);
  });

  it('uses every deployment of a model, the one with more room first', async () => {
    await line.configure({ ...tokyo, tokensPerMinute: 4_000 }, { ...osaka, tokensPerMinute: 8_000 });
    await line.queue(await line.foundCity(), 20);
    const admitted = await line.admit();
    expect(admitted.map(({ deployment_id }) => deployment_id).sort()).toEqual([
      ...Array<string>(8).fill('osaka'),
      ...Array<string>(4).fill('tokyo'),
    ]);
  });

  it('sends work of a segment only where that segment may go', async () => {
    await line.configure(tokyo, { ...osaka, segments: ['lgwan', 'my_number'], concurrency: 2 });
    await line.queue(await line.foundCity(), 6, { segment: 'my_number' });
    const admitted = await line.admit();
    expect(admitted.map(({ deployment_id }) => deployment_id)).toEqual(['osaka', 'osaka']);
  });

  it('lets a full model not hold up another', async () => {
    await line.configure({ id: 'a', model: 'full', concurrency: 1 }, { id: 'b', model: 'free', concurrency: 5 });
    const city = await line.foundCity();
    await line.queue(city, 3, { model: 'full' });
    await line.queue(city, 2, { model: 'free' });
    const admitted = await line.admit();
    expect(admitted.map(({ deployment_id }) => deployment_id).sort()).toEqual(['a', 'b', 'b']);
  });

  it('lets nobody smaller pass a large job that waits for its tokens', async () => {
    await line.configure({ ...tokyo, tokensPerMinute: 10_000 });
    const [large, small] = [await line.foundCity(), await line.foundCity()];
    const [first, second] = [
      ...(await line.queue(large, 1, { tokens: 5_000 })),
      ...(await line.queue(small, 1, { tokens: 5_000 })),
    ];
    await line.admit();
    await line.finish([first!], 5_000);
    await line.finish([second!], 9_000, 5_000);
    await line.pass(30); // half the quota is back
    const [waiting] = await line.queue(large, 1, { tokens: 6_000 });
    await line.queue(small, 10, { tokens: 100 });
    expect(await line.admit()).toEqual([]);
    await line.pass(10);
    expect((await line.admit())[0]!.job_id).toBe(waiting);
  });

  it('counts what runs when a deployment is configured anew, and retires one that is gone', async () => {
    await line.configure(tokyo, osaka);
    await line.queue(await line.foundCity(), 1);
    await line.admit();
    await line.configure({ ...tokyo, concurrency: 7 });
    expect((await line.deployment('tokyo')).running).toBe(1);
    await line.queue(await line.foundCity(), 20, { tokens: 1 });
    expect((await line.admit()).map(({ deployment_id }) => deployment_id)).toEqual(Array(6).fill('tokyo'));
  });

  it('works out the pace of a deployment once, so that sixty cost admission hardly more than one', async () => {
    const plan: { 'QUERY PLAN': string }[] = await line.everything.query(
      'EXPLAIN (VERBOSE) SELECT * FROM pool_room(now())',
    );
    expect(
      plan
        .map((step) => step['QUERY PLAN'])
        .join('\n')
        .match(/pool_pace\(/g),
    ).toHaveLength(1);
  });
});

describe('while nobody waits', () => {
  it('admits what has arrived without putting it in line', async () => {
    await line.configure(tokyo);
    await line.queue(await line.foundCity(), 3);
    expect(await line.admit()).toHaveLength(3);
    expect(await line.query('SELECT * FROM admission_lines')).toEqual([]);
    expect(await line.deployment('tokyo')).toMatchObject({ running: 3, tokens_left: 57_000 });
  });

  it('puts all of it in line when there is not room for all', async () => {
    await line.configure({ ...tokyo, concurrency: 2 });
    const [busy, quiet] = [await line.foundCity(), await line.foundCity()];
    await line.queue(busy, 3);
    const [question] = await line.queue(quiet, 1);
    expect((await line.admit()).map(({ job_id }) => job_id)).toContain(question);
    expect(await line.query('SELECT waiting FROM admission_routes')).toEqual([{ waiting: 2 }]);
  });

  it('banks no credit for a city that comes while another had the pool to itself', async () => {
    await line.configure({ id: 'd', concurrency: 1 });
    const [alone, coming] = [await line.foundCity(), await line.foundCity()];
    for (let turn = 0; turn < 20; turn += 1) {
      await line.queue(alone, 1);
      await line.serve(1, () => 1_000);
    }
    await line.queue(alone, 20);
    await line.queue(coming, 20);
    const served = await line.serve(12, () => 1_000);
    expect(Math.abs(served.filter(({ tenant_id }) => tenant_id === coming).length - 6)).toBeLessThanOrEqual(1);
  });
});

describe('a job that is moved', () => {
  const runningJob = async () => {
    const city = await line.foundCity();
    const [job] = await line.queue(city, 1);
    const [admitted] = await line.admit();
    await line.everything.query('UPDATE admission_entries SET lease_fence = 1');
    return { city, job: job!, at: admitted!.deployment_id };
  };
  const reroute = async (city: string, job: string, fence: number, avoid: string[], owed = false) => {
    const execution = [city, job, fence, avoid, owed];
    return (await line.query<{ to: string | null }>('SELECT pool_reroute($1, $2, $3, $4, $5) AS to', execution))[0]!.to;
  };

  it('takes its room along to another deployment', async () => {
    await line.configure(tokyo, osaka);
    const { city, job, at } = await runningJob();
    const to = await reroute(city, job, 1, [at]);
    expect(new Set([at, to])).toEqual(new Set(['osaka', 'tokyo']));
    expect(await line.deployment(at)).toMatchObject({ running: 0, tokens_left: 60_000 });
    expect(await line.deployment(to!)).toMatchObject({ running: 1, tokens_left: 59_000 });
  });

  it('leaves spent what a call of it may have cost', async () => {
    await line.configure(tokyo, osaka);
    const { city, job, at } = await runningJob();
    const to = await reroute(city, job, 1, [at], true);
    expect(await line.deployment(at)).toMatchObject({ running: 0, tokens_left: 59_000 });
    expect(await line.deployment(to!)).toMatchObject({ running: 1, tokens_left: 59_000 });
  });

  it('stays when there is no other, or when the execution lost the job', async () => {
    await line.configure(tokyo, osaka);
    const { city, job, at } = await runningJob();
    expect(await reroute(city, job, 1, ['tokyo', 'osaka'])).toBeNull();
    expect(await reroute(city, job, 2, [at])).toBeNull();
    expect(await line.deployment(at)).toMatchObject({ running: 1 });
  });

  it('goes back to the head of its own line, with its room given back, when nobody has room for it', async () => {
    await line.configure({ ...tokyo, concurrency: 1 });
    const { city, job } = await runningJob();
    await line.queue(city, 3);
    await line.everything.query('UPDATE admission_entries SET returned_at = now() WHERE job_id = $1', [job]);
    const [again] = await line.admit();
    expect(again).toMatchObject({ job_id: job, delivery: 2 });
    expect(await line.deployment('tokyo')).toMatchObject({ running: 1 });
    expect(await line.query('SELECT running FROM admission_clock')).toEqual([{ running: 1 }]);
  });

  it('holds no room while it rests, and then waits at its old place', async () => {
    await line.configure({ ...tokyo, concurrency: 1 });
    const { city, job } = await runningJob();
    const [next] = await line.queue(city, 2);
    const rest = (until: string) =>
      line.everything.query(`UPDATE admission_entries SET returned_at = ${until} WHERE job_id = $1`, [job]);
    await rest(`now() + interval '1 hour'`);
    expect((await line.admit()).map(({ job_id }) => job_id)).toEqual([next]);
    expect(await line.deployment('tokyo')).toMatchObject({ running: 1, tokens_left: 59_000 });
    expect(await line.positions([job])).toMatchObject([{ stage: 'resting', ahead: 0 }]);
    await rest('now()');
    await line.finish([next!], 1_000);
    expect((await line.admit()).map(({ job_id }) => job_id)).toEqual([job]);
  });
});
