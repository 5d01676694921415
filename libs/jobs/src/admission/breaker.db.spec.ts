import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Deployment, Line } from '../../test/line.ts';

let line: Line;

beforeAll(async () => {
  line = await Line.open();
});

afterEach(() => line.clear());

afterAll(() => line.close());

const tokyo: Deployment = { id: 'tokyo', concurrency: 100, tokensPerMinute: 60_000 };

describe('the breaker', () => {
  const failTimes = async (times: number) => {
    for (let call = 0; call < times; call += 1) await line.fault('tokyo', 'failed');
  };

  it('opens after five failures in a row and takes one job on trial after 5 s', async () => {
    await line.configure(tokyo);
    await line.queue(await line.foundCity(), 10);
    await failTimes(5);
    expect(await line.admit()).toEqual([]);
    await line.pass(5.1);
    const trial = await line.admit();
    expect(trial).toHaveLength(1);
    expect(await line.admit()).toEqual([]);
    await line.finish([trial[0]!.job_id], 1_000);
    expect((await line.admit()).length).toBeGreaterThan(1);
    expect(await line.deployment('tokyo')).toMatchObject({ failures: 0, open_until: null });
  });

  it('takes its trial beside long answers from before it opened', async () => {
    await line.configure({ id: 'tokyo', concurrency: 4 });
    await line.queue(await line.foundCity(), 10);
    const long = await line.admit();
    expect(long).toHaveLength(4);
    await failTimes(5);
    await line.pass(5.1);
    expect(await line.admit()).toEqual([]);
    await line.finish([long[0]!.job_id], 1_000);
    expect(await line.admit()).toHaveLength(1);
    await line.finish([long[1]!.job_id], 1_000);
    expect(await line.admit()).toEqual([]);
  });

  it('stays open for twice as long after a failure on trial, up to a minute', async () => {
    await line.configure(tokyo);
    await failTimes(5);
    const secondsOpen = async () =>
      (
        await line.query<{ s: number }>(
          'SELECT round(extract(epoch FROM open_until - clock_timestamp()))::int AS s FROM pool_deployments',
        )
      )[0]!.s;
    for (const seconds of [5, 10, 20, 40, 60, 60]) {
      expect(await secondsOpen()).toBe(seconds);
      await line.pass(seconds + 0.1);
      await line.fault('tokyo', 'failed');
    }
  });

  it('learns nothing from calls that were under way when it opened, however late they fail', async () => {
    await line.configure(tokyo);
    await line.queue(await line.foundCity(), 1);
    await failTimes(5);
    await line.pass(5.1);
    for (let call = 0; call < 200; call += 1) await line.fault('tokyo', 'failed', { ago: 60 });
    expect(await line.deployment('tokyo')).toMatchObject({ failures: 5 });
    expect(await line.admit()).toHaveLength(1);
    await line.fault('tokyo', 'failed');
    expect(await line.deployment('tokyo')).toMatchObject({ failures: 6 });
  });

  it('is not opened again, once a trial has closed it, by calls that were under way until then', async () => {
    await line.configure(tokyo);
    await line.queue(await line.foundCity(), 10);
    await failTimes(5);
    await line.pass(5.1);
    const [trial] = await line.admit();
    await line.finish([trial!.job_id], 1_000);
    await line.admit();
    await line.pass(30);
    for (let call = 0; call < 200; call += 1) await line.fault('tokyo', 'failed', { ago: 31 });
    expect(await line.deployment('tokyo')).toMatchObject({ failures: 0, open_until: null });
    await failTimes(4);
    await line.fault('tokyo', 'failed', { ago: 29 });
    expect(await line.deployment('tokyo')).toMatchObject({ failures: 5, open_until: expect.any(Date) });
  });

  it('stays open for a minute after thousands of failures in a row, too', async () => {
    await line.configure(tokyo);
    await line.everything.query('UPDATE pool_deployments SET failures = 5000');
    await line.fault('tokyo', 'failed');
    expect(await line.deployment('tokyo')).toMatchObject({ failures: 5_001, open_until: expect.any(Date) });
  });

  it('forgets failures when a call is answered', async () => {
    await line.configure(tokyo);
    const jobs = await line.queue(await line.foundCity(), 1);
    await failTimes(4);
    await line.admit();
    await line.finish(jobs, 1_000);
    await line.admit();
    await failTimes(4);
    expect((await line.deployment('tokyo')).open_until).toBeNull();
  });
});
