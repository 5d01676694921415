import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Deployment, Line } from '../../test/line.ts';

let line: Line;

beforeAll(async () => {
  line = await Line.open();
});

afterEach(() => line.clear());

afterAll(() => line.close());

const paceAfter = async (level: number, seconds: number): Promise<number> =>
  (
    await line.query<{ pace: number }>(
      `SELECT pool_pace($1, 'epoch'::timestamptz, 'epoch'::timestamptz + make_interval(secs => $2)) AS pace`,
      [level, seconds],
    )
  )[0]!.pace;

const tokyo: Deployment = { id: 'tokyo', concurrency: 100, tokensPerMinute: 60_000 };
const osaka: Deployment = { id: 'osaka', concurrency: 100, tokensPerMinute: 60_000 };

describe('a throttled deployment', () => {
  it('has no tokens left, whatever our own count says', async () => {
    await line.configure(tokyo);
    await line.fault('tokyo', 'throttled');
    await line.queue(await line.foundCity(), 10);
    expect(await line.admit()).toEqual([]);
  });

  it('goes on at nine tenths of its level, and after 2.5 s at more, ever faster', async () => {
    const paces = await Promise.all([0, 2.5, 5, 7.5, 10].map((seconds) => paceAfter(0.5, seconds)));
    const expected = [0.45, 0.45, 0.5125, 0.95, 1];
    for (const [index, pace] of paces.entries()) expect(pace).toBeCloseTo(expected[index]!);
  });

  it('rests for a second, and gives no call what the refused one held', async () => {
    await line.configure(tokyo);
    const city = await line.foundCity();
    const [refused] = await line.queue(city, 1, { tokens: 3_000 });
    await line.admit();
    await line.everything.query('UPDATE admission_entries SET lease_fence = 1');
    await line.fault('tokyo', 'throttled', { city, job: refused! });
    await line.everything.query('UPDATE admission_entries SET returned_at = now()');
    await line.queue(city, 1, { tokens: 100 });
    expect(await line.admit()).toEqual([]);
    const { tokens_left: owed } = await line.deployment('tokyo');
    expect(owed).toBeCloseTo(-0.63 * 1_000, -1);
    await line.pass(1.2);
    expect(await line.admit()).toEqual([]); // the refused one is first in line, and large
    await line.pass(6);
    expect(await line.admit()).toHaveLength(2);
  });

  it('lowers its pace once for all calls that were on their way, and for those of the second after', async () => {
    await line.configure(tokyo);
    await line.fault('tokyo', 'throttled');
    await line.fault('tokyo', 'throttled', { ago: 1 });
    await line.pass(0.9);
    await line.fault('tokyo', 'throttled');
    const [row] = await line.query<{ level: number; throttled_total: string }>(
      'SELECT throttle_level AS level, throttled_total FROM pool_deployments',
    );
    expect(row).toEqual({ level: 0.7, throttled_total: '3' });
  });

  it('learns from the time between two throttlings how much is granted', async () => {
    await line.configure({ ...tokyo, concurrency: 1_000 });
    const city = await line.foundCity();
    await line.queue(city, 60);
    await line.fault('tokyo', 'throttled');
    await line.pass(4.5); // 3.5 s without rest, at 0.63 of 1,000 tokens a second and a little more
    expect(await line.admit()).toHaveLength(2);
    await line.fault('tokyo', 'throttled');
    const [row] = await line.query<{ level: number }>('SELECT throttle_level AS level FROM pool_deployments');
    expect(row!.level).toBeCloseTo(2_000 / 4_500, 1);
  });

  it('falls again by three tenths when the last throttling tells nothing any more', async () => {
    await line.configure(tokyo);
    await line.fault('tokyo', 'throttled');
    await line.pass(3_600);
    await line.fault('tokyo', 'throttled');
    expect(await line.query('SELECT throttle_level AS level FROM pool_deployments')).toEqual([{ level: 0.7 }]);
  });

  it('takes jobs of another deployment until it has recovered', async () => {
    await line.configure(tokyo, osaka);
    await line.fault('tokyo', 'throttled');
    await line.queue(await line.foundCity(), 4);
    expect((await line.admit()).map(({ deployment_id }) => deployment_id)).toEqual(Array(4).fill('osaka'));
  });
});
