import type { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { OpsDatabase, createDataSource } from '#libs/database';
import { SystemClock, newId } from '#libs/kernel';
import { CityRegistry, SegmentPolicies } from '#libs/tenancy';
import { Line, countBy } from '../../test/line.ts';
import { CityShares, type ShareChange } from './city-shares.ts';

let line: Line;
let source: DataSource;
let change: (city: string, share: ShareChange) => Promise<unknown>;

beforeAll(async () => {
  line = await Line.open();
  source = await createDataSource(line.database.urls.ops, 1).initialize();
  const clock = new SystemClock();
  const audit = new AuditTrail(clock);
  const shares = new CityShares(new CityRegistry(new SegmentPolicies(audit, clock), audit, clock));
  const operator = { type: 'vendor', id: newId() } as const;
  const ops = new OpsDatabase(source);
  change = (city, share) => ops.run((tx) => shares.change(tx, operator, city, share));
});

afterEach(() => line.clear());

afterAll(async () => {
  await source.destroy();
  await line.close();
});

describe('a changed share', () => {
  it('lets those who wait go on as soon as the limit is raised, though nothing else happens in the city', async () => {
    await line.configure({ id: 'tokyo', concurrency: 10 });
    const city = await line.foundCity({ limit: 1 });
    await line.queue(city, 5);
    expect(await line.admit()).toHaveLength(1);
    expect(await line.admit()).toHaveLength(0);
    await change(city, { runningLimit: 3 });
    expect(await line.admit()).toHaveLength(2);
    await change(city, { runningLimit: null });
    expect(await line.admit()).toHaveLength(2);
  });

  it('gives no credit for what a city was not served within its limit', async () => {
    await line.configure({ id: 'tokyo', concurrency: 4 });
    const [limited, other] = [await line.foundCity({ limit: 1 }), await line.foundCity()];
    await line.queue(limited, 100);
    await line.queue(other, 100);
    const running = (await line.admit()).map(({ job_id: id }) => id);
    const move = async (turns: number) => {
      const begun = [];
      for (let turn = 0; turn < turns; turn += 1) {
        await line.finish([running.shift()!], 1_000);
        const admitted = await line.admit();
        running.push(...admitted.map(({ job_id: id }) => id));
        begun.push(...admitted);
      }
      return begun;
    };
    await move(60);
    await change(limited, { runningLimit: null });
    expect(countBy(await move(20), limited)).toBeLessThanOrEqual(12);
  });

  it('stops the next one at a limit that is set while many wait', async () => {
    await line.configure({ id: 'tokyo', concurrency: 2 });
    const city = await line.foundCity();
    const jobs = await line.queue(city, 5);
    expect(await line.admit()).toHaveLength(2);
    await change(city, { runningLimit: 1 });
    await line.finish([jobs[0]!], 1_000);
    expect(await line.admit()).toHaveLength(0);
  });

  it('lets a city with a new floor go before cities that were served less', async () => {
    await line.configure({ id: 'tokyo', concurrency: 2 });
    const [served, behind] = [await line.foundCity(), await line.foundCity()];
    const running = await line.queue(served, 2, { tokens: 4_000 });
    await line.admit();
    await line.queue(behind, 2);
    await line.queue(served, 2);
    await line.admit();
    await change(served, { runningFloor: 2 });
    await line.finish(running, 4_000);
    expect(countBy(await line.admit(), served)).toBe(2);
  });

  it('counts by the new weight from then on', async () => {
    await line.configure({ id: 'tokyo', concurrency: 1 });
    const [heavy, light] = [await line.foundCity(), await line.foundCity()];
    await line.queue(heavy, 30);
    await line.queue(light, 30);
    await line.admit();
    await change(heavy, { weight: 2 });
    await line.everything.query(
      `UPDATE admission_entries SET finished_at = now(), spent_tokens = 1000 WHERE stage = 'running'`,
    );
    const served = await line.serve(18, () => 1_000);
    expect(Math.abs(countBy(served, heavy) - 12)).toBeLessThanOrEqual(1);
  });
});
