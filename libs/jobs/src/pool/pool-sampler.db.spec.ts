import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AdmissionDatabase, OpsDatabase, createDataSource } from '#libs/database';
import { createLogger } from '#libs/observability';
import { Line } from '../../test/line.ts';
import { PoolHistory } from './pool-history.ts';
import { type DeploymentState, PoolOverview } from './pool-overview.ts';
import { PoolSampler, SAMPLE_SECONDS } from './pool-sampler.ts';

const QUOTA = { requestsPerMinute: 60, tokensPerMinute: 10_000 };

describe('the pool', () => {
  let line: Line;
  let sources: Awaited<ReturnType<typeof open>>[];
  let samplers: PoolSampler[];
  let ops: OpsDatabase;
  const open = (url: string) => createDataSource(url, 2).initialize();
  beforeAll(async () => {
    line = await Line.open();
    const { admission, ops: opsUrl } = line.database.urls;
    sources = await Promise.all([opsUrl, admission, admission, admission].map(open));
    ops = new OpsDatabase(sources[0]!);
    const log = createLogger('spec', { level: 'silent' });
    samplers = sources.slice(1).map((source) => new PoolSampler(new AdmissionDatabase(source), log));
  });
  afterEach(async () => {
    await line.clear();
    await line.everything.query('TRUNCATE pool_samples, lane_samples');
  });
  afterAll(async () => {
    await Promise.all(sources.map((source) => source.destroy()));
    await line.close();
  });

  const sample = () => samplers[0]!.sample();
  const overview = () => ops.run((tx) => new PoolOverview().read(tx));
  const history = (minutes = 15) => ops.run((tx) => new PoolHistory().read(tx, minutes));
  /** Moves what is sampled so far into the past, by whole spans. */
  const later = (spans: number) =>
    Promise.all(
      ['pool_samples', 'lane_samples'].map((table) =>
        line.everything.query(`UPDATE ${table} SET sampled_at = sampled_at - make_interval(secs => $1)`, [
          spans * SAMPLE_SECONDS,
        ]),
      ),
    );

  it('is sampled once in a span, however many workers sample it', async () => {
    await line.configure({ id: 'tokyo', concurrency: 4 }, { id: 'osaka', concurrency: 2 });
    await Promise.all(samplers.map((sampler) => sampler.sample()));
    const rows: { spans: number; deployments: number }[] = await line.everything.query(
      `SELECT count(DISTINCT sampled_at)::int AS spans, count(*)::int AS deployments FROM pool_samples`,
    );
    expect(rows[0]!.deployments).toBe(rows[0]!.spans * 2);
    expect(rows[0]!.spans).toBeLessThanOrEqual(2);
  });

  it('keeps a day of samples', async () => {
    await line.configure({ id: 'tokyo', concurrency: 4 });
    await sample();
    await later((25 * 3_600) / SAMPLE_SECONDS);
    await sample();
    const [kept] = await line.everything.query(
      `SELECT count(*)::int AS rows, max(now() - sampled_at) < '1 min' AS fresh FROM pool_samples`,
    );
    expect(kept).toEqual({ rows: 1, fresh: true });
  });

  it('tells what each deployment is granted and uses, and how long the lanes wait', async () => {
    await line.configure({ id: 'tokyo', concurrency: 2, ...QUOTA });
    const city = await line.foundCity();
    await line.queue(city, 3, { tokens: 1_000 });
    await line.admit();
    await line.everything.query(
      `UPDATE admission_entries SET accepted_at = now() - interval '90 s' WHERE stage = 'waiting'`,
    );
    await sample();
    const { deployments, lanes } = await overview();
    expect(deployments).toMatchObject([
      { id: 'tokyo', running: 2, concurrency: 2, pace: 1, breaker: 'closed', admittedTotal: 2, throttledTotal: 0 },
    ]);
    const { requests, tokens } = deployments[0]!;
    expect(requests).toMatchObject({ granted: 60 });
    expect(requests!.used).toBeGreaterThan(1);
    expect(requests!.used).toBeLessThanOrEqual(2);
    expect(tokens!.used + tokens!.left).toBeCloseTo(10_000);
    expect(lanes.map(({ lane, waiting }) => [lane, waiting])).toEqual([
      ['urgent', 0],
      ['interactive', 1],
      ['batch', 0],
    ]);
    expect(lanes[1]!.oldestWaitMs).toBeGreaterThanOrEqual(90_000);
    expect(lanes[0]!.oldestWaitMs).toBeNull();
  });

  it('says that no worker samples it, and then knows no wait', async () => {
    await line.configure({ id: 'tokyo', concurrency: 1 });
    const city = await line.foundCity();
    await line.queue(city, 2);
    await line.admit();
    expect(await overview()).toMatchObject({ isSampled: false });
    await sample();
    expect(await overview()).toMatchObject({ isSampled: true, lanes: [{}, { oldestWaitMs: expect.any(Number) }, {}] });
    await later(4);
    expect(await overview()).toMatchObject({ isSampled: false, lanes: [{}, { waiting: 1, oldestWaitMs: null }, {}] });
  });

  it('has all of a quota in use, and a slower pace, right after the provider throttled', async () => {
    await line.configure({ id: 'tokyo', concurrency: 2, ...QUOTA });
    await line.fault('tokyo', 'throttled');
    const [{ tokens, pace, throttledTotal }] = (await overview()).deployments as [DeploymentState];
    expect(tokens!.used).toBeGreaterThan(9_000);
    expect(pace).toBeLessThan(1);
    expect(throttledTotal).toBe(1);
  });

  it('says that a breaker is open, and then on trial', async () => {
    await line.configure({ id: 'tokyo', concurrency: 2 });
    for (let failure = 0; failure < 5; failure += 1) await line.fault('tokyo', 'failed');
    expect((await overview()).deployments).toMatchObject([{ breaker: 'open', failedTotal: 5, requests: null }]);
    await line.everything.query(`UPDATE pool_deployments SET open_until = now() - interval '1 s'`);
    expect((await overview()).deployments).toMatchObject([{ breaker: 'trial' }]);
  });

  it('has a course: rates between samples, and the part of the quota in use', async () => {
    await line.configure({ id: 'tokyo', concurrency: 10, ...QUOTA }, { id: 'local', model: 'other', concurrency: 4 });
    await sample();
    await later(2);
    const city = await line.foundCity();
    const jobs = await line.queue(city, 5, { tokens: 1_000 });
    await line.admit();
    await line.finish(jobs, 500, 500);
    await line.fault('tokyo', 'throttled');
    await line.admit();
    await sample();
    const samples = await history();
    expect(samples).toHaveLength(2);
    const [before, after] = samples;
    expect(before).toMatchObject({ admissionsPerSecond: 0, tokensPerSecond: 0, throttles: 0 });
    const passed = (after!.at.getTime() - before!.at.getTime()) / 1_000;
    expect(after!.admissionsPerSecond).toBeCloseTo(5 / passed);
    expect(after!.tokensPerSecond).toBeCloseTo(2_500 / passed);
    expect(after).toMatchObject({ throttles: 1, failures: 0, running: 0 });
    expect(after!.deployments.map(({ id }) => id)).toEqual(['tokyo', 'local']);
    expect(after!.deployments[0]!.used).toBeGreaterThan(0.1);
    expect(after!.lanes).toMatchObject([{ lane: 'urgent', waiting: 0, oldestWaitMs: null }, {}, {}]);
  });

  it('begins its course with the rate since the sample before it, and not with nothing', async () => {
    await line.configure({ id: 'tokyo', concurrency: 10 });
    await sample();
    await later(60 / SAMPLE_SECONDS);
    await line.queue(await line.foundCity(), 6);
    await line.admit();
    await sample();
    const course = await history(1);
    expect(course).toHaveLength(1);
    expect(course[0]!.admissionsPerSecond).toBeGreaterThan(0);
  });

  it('has one sample of an instant, also where a deployment was away in between', async () => {
    await line.configure({ id: 'tokyo', concurrency: 4 }, { id: 'osaka', concurrency: 2 });
    await sample();
    await later(1);
    await line.configure({ id: 'tokyo', concurrency: 4 });
    await sample();
    await later(1);
    await line.configure({ id: 'tokyo', concurrency: 4 }, { id: 'osaka', concurrency: 2 });
    await sample();
    const course = await history();
    expect(course.map(({ deployments }) => deployments.length)).toEqual([2, 1, 2]);
  });

  it('calls that part of a deployment used which is scarcest', async () => {
    await line.configure({ id: 'tokyo', concurrency: 100, requestsPerMinute: 2, tokensPerMinute: 1_000_000 });
    await line.queue(await line.foundCity(), 2, { tokens: 10 });
    await line.admit();
    await sample();
    expect((await history())[0]!.deployments[0]!.used).toBeGreaterThan(0.4);
  });
});
