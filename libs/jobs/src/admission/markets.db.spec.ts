import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Admitted, countBy, Line } from '../../test/line.ts';

let line: Line;

beforeAll(async () => {
  line = await Line.open();
});

afterEach(() => line.clear());

afterAll(() => line.close());

const TOKENS = 1_000;

/** A pool at work: its places are always taken, and who has been longest in one leaves it next. */
class PoolAtWork {
  readonly served: Admitted[] = [];
  private readonly running = new Map<string, Admitted[]>();

  /** As many jobs as there is room for begin. */
  async begin(): Promise<void> {
    const admitted = await line.admit();
    for (const job of admitted) {
      this.served.push(job);
      const { deployment_id: id } = job;
      this.running.set(id, [...(this.running.get(id) ?? []), job]);
    }
  }

  /** So many jobs of a deployment end, each before another begins. @returns those that began */
  async move(turns: number, deployment = 'd'): Promise<Admitted[]> {
    const before = this.served.length;
    for (let turn = 0; turn < turns; turn += 1) {
      const ended = this.running.get(deployment)?.shift();
      if (!ended) throw new Error(`nothing runs on ${deployment}`);
      await line.finish([ended.job_id], TOKENS);
      await this.begin();
    }
    return this.served.slice(before);
  }
}

describe('a city that comes to a line', () => {
  it('begins where that line is, however far the line of another model has moved', async () => {
    await line.configure({ id: 'fast', concurrency: 1 }, { id: 'slow', model: 'n', concurrency: 1 });
    const [busy, patient, coming] = [await line.foundCity(), await line.foundCity(), await line.foundCity()];
    await line.queue(busy, 150);
    await line.queue(patient, 20, { model: 'n' });
    const pool = new PoolAtWork();
    await pool.begin();
    await pool.move(100, 'fast');
    await line.queue(coming, 1);
    expect(countBy(await pool.move(2, 'fast'), coming)).toBe(1);
    await line.queue(coming, 1, { model: 'n' });
    expect(countBy(await pool.move(2, 'slow'), coming)).toBe(1);
  });

  it('begins where that lane is, however far questions are ahead of batches', async () => {
    await line.configure({ id: 'd', concurrency: 5 });
    const [asking, counting, coming] = [await line.foundCity(), await line.foundCity(), await line.foundCity()];
    await line.queue(asking, 300);
    await line.queue(counting, 100, { lane: 'batch' });
    const pool = new PoolAtWork();
    await pool.begin();
    await pool.move(150);
    await line.queue(coming, 1);
    await line.queue(coming, 1, { lane: 'batch' });
    expect(countBy(await pool.move(25), coming)).toBe(2);
  });

  it('begins where those are whose turn it is, however far a city with a floor is ahead', async () => {
    await line.configure({ id: 'd', concurrency: 10 });
    const guaranteed = await line.foundCity({ floor: 8 });
    const others = [await line.foundCity(), await line.foundCity()];
    for (const city of [guaranteed, ...others]) await line.queue(city, 250);
    const pool = new PoolAtWork();
    await pool.begin();
    await pool.move(150);
    const coming = await line.foundCity();
    await line.queue(coming, 1);
    expect(countBy(await pool.move(15), coming)).toBe(1);
  });

  it('has no credit from the time in which it was not there', async () => {
    await line.configure({ id: 'd', concurrency: 1 });
    const [busy, coming] = [await line.foundCity(), await line.foundCity()];
    await line.queue(busy, 150);
    const pool = new PoolAtWork();
    await pool.begin();
    await pool.move(100);
    await line.queue(coming, 20);
    expect(countBy(await pool.move(20), coming)).toBeLessThanOrEqual(11);
  });

  it('has none from questions that found room at once', async () => {
    await line.configure({ id: 'd', concurrency: 2 });
    const [asking, coming] = [await line.foundCity(), await line.foundCity()];
    for (let question = 0; question < 30; question += 1) {
      const jobs = await line.queue(asking, 1);
      expect(await line.admit()).toHaveLength(1);
      await line.finish(jobs, TOKENS);
    }
    await line.queue(asking, 20);
    await line.queue(coming, 20);
    const pool = new PoolAtWork();
    await pool.begin();
    await pool.move(16);
    expect(countBy(pool.served, coming)).toBeLessThanOrEqual(10);
    expect(countBy(pool.served, asking)).toBeGreaterThanOrEqual(8);
  });
});

describe('the lanes of a market', () => {
  it('share it by their parts, whatever lanes do elsewhere', async () => {
    await line.configure({ id: 'x', concurrency: 2 }, { id: 'y', model: 'n', concurrency: 2 });
    const [asking, counting, elsewhere] = [await line.foundCity(), await line.foundCity(), await line.foundCity()];
    await line.queue(asking, 100);
    await line.queue(counting, 100, { lane: 'batch' });
    await line.queue(elsewhere, 400, { model: 'n' });
    const pool = new PoolAtWork();
    await pool.begin();
    for (let turn = 0; turn < 40; turn += 1) {
      await pool.move(5, 'y');
      await pool.move(1, 'x');
    }
    const here = pool.served.filter(({ deployment_id: id }) => id === 'x');
    expect(countBy(here, counting)).toBeGreaterThanOrEqual(3);
    expect(countBy(here, counting)).toBeLessThanOrEqual(6);
  });

  it('come back level: a batch that had the pool alone gives questions no more than their part, and waits no longer', async () => {
    await line.configure({ id: 'd', concurrency: 2 });
    const [asking, counting] = [await line.foundCity(), await line.foundCity()];
    await line.queue(counting, 200, { lane: 'batch' });
    const pool = new PoolAtWork();
    await pool.begin();
    await pool.move(50);
    await line.queue(asking, 100);
    const served = await pool.move(40);
    expect(countBy(served, counting)).toBeGreaterThanOrEqual(3);
    expect(countBy(served, counting)).toBeLessThanOrEqual(6);
  });
});

describe('a city with lines on several routes', () => {
  it('never runs more than its limit', async () => {
    await line.configure({ id: 'd', concurrency: 10 }, { id: 'e', model: 'n', concurrency: 10 });
    const city = await line.foundCity({ limit: 5 });
    await line.queue(city, 20);
    await line.queue(city, 20, { segment: 'my_number' });
    await line.queue(city, 20, { model: 'n' });
    await line.configure(
      { id: 'd', concurrency: 10, segments: ['lgwan', 'my_number'] },
      { id: 'e', model: 'n', concurrency: 10 },
    );
    expect(await line.admit()).toHaveLength(5);
    expect(await line.admit()).toEqual([]);
  });

  it('has one share where the same deployment serves them', async () => {
    await line.configure({ id: 'd', concurrency: 2, segments: ['lgwan', 'my_number'] });
    const [double, single] = [await line.foundCity(), await line.foundCity()];
    await line.queue(double, 60);
    await line.queue(double, 60, { segment: 'my_number' });
    await line.queue(single, 60);
    const pool = new PoolAtWork();
    await pool.begin();
    await pool.move(58);
    expect(countBy(pool.served, single)).toBeGreaterThanOrEqual(29);
    expect(countBy(pool.served, double)).toBeGreaterThanOrEqual(29);
  });

  it('begins level with the others where routes come to share deployments', async () => {
    const apart = [
      { id: 'd', concurrency: 1 },
      { id: 'e', concurrency: 1, segments: ['my_number'] },
    ];
    await line.configure(...apart);
    const [here, there] = [await line.foundCity(), await line.foundCity()];
    await line.queue(here, 80);
    await line.queue(there, 80, { segment: 'my_number' });
    const pool = new PoolAtWork();
    await pool.begin();
    await pool.move(40, 'd');
    await line.configure({ id: 'd', concurrency: 1, segments: ['lgwan', 'my_number'] }, apart[1]!);
    const served = await pool.move(20, 'd');
    expect(countBy(served, here)).toBeGreaterThanOrEqual(9);
    expect(countBy(served, there)).toBeGreaterThanOrEqual(9);
  });
});

it('a job that is given back is charged to neither its city nor its member', async () => {
  await line.configure({ id: 'd', concurrency: 1 });
  const city = await line.foundCity();
  const [job] = await line.queue(city, 2);
  const charged = () =>
    line.everything.query(
      `SELECT q.virtual_time AS of_city, l.virtual_time AS of_member FROM admission_queues q JOIN admission_lines l USING (tenant_id)`,
    );
  expect((await line.admit()).map(({ job_id }) => job_id)).toEqual([job]);
  expect(await charged()).toEqual([{ of_city: TOKENS, of_member: TOKENS }]);
  await line.everything.query(
    `UPDATE admission_entries SET returned_at = clock_timestamp() + interval '1 hour' WHERE job_id = $1`,
    [job],
  );
  await line.everything.query(`UPDATE admission_entries SET finished_at = now() WHERE stage = 'waiting'`);
  await line.admit();
  expect(await charged()).toEqual([{ of_city: 0, of_member: 0 }]);
});
