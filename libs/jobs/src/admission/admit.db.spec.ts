import type { QueryRunner } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Admitted, Line, countBy } from '../../test/line.ts';

let line: Line;

beforeAll(async () => {
  line = await Line.open();
});

afterEach(() => line.clear());

afterAll(() => line.close());

const admitInto = async (concurrency: number) => {
  await line.configure({ id: 'd', concurrency });
  return line.admit();
};

/** Counted since a moment that PostgreSQL chooses, by earlier transactions of the connection too: only a difference tells something. */
async function rowsRead(connection: QueryRunner): Promise<number> {
  const [{ rows }] = await connection.query(
    `SELECT (idx_tup_fetch + seq_tup_read)::integer AS rows FROM pg_stat_xact_user_tables
     WHERE relname = 'admission_entries'`,
  );
  return rows as number;
}

describe('admit(), between cities', () => {
  it('gives a quiet city the next place however long the queue of a busy one is', async () => {
    const [busy, quiet] = [await line.foundCity(), await line.foundCity()];
    await line.queue(busy, 200);
    await line.finish([(await admitInto(1))[0]!.job_id], 1_000);
    const [job] = await line.queue(quiet, 1);
    const next = [...(await admitInto(1)), ...(await admitInto(2))].map(({ job_id }) => job_id);
    expect(next).toContain(job);
  });

  it('shares by tokens and not by jobs', async () => {
    const [large, small] = [await line.foundCity(), await line.foundCity()];
    await line.queue(large, 60, { tokens: 4_000 });
    await line.queue(small, 60, { tokens: 1_000 });
    await line.configure({ id: 'd', concurrency: 1 });
    const served = await line.serve(50, ({ tenant_id }) => (tenant_id === large ? 4_000 : 1_000));
    expect(Math.abs(countBy(served, large) * 4_000 - countBy(served, small) * 1_000)).toBeLessThanOrEqual(4_000);
  });

  it('shares in proportion to weight', async () => {
    const [light, heavy] = [await line.foundCity({ weight: 1 }), await line.foundCity({ weight: 3 })];
    await line.queue(light, 60, { tokens: 500 });
    await line.queue(heavy, 60, { tokens: 500 });
    await line.configure({ id: 'd', concurrency: 1 });
    const served = await line.serve(40, () => 500);
    expect([countBy(served, light), countBy(served, heavy)]).toEqual([10, 30]);
  });

  it('charges what was spent and not what was estimated', async () => {
    const [honest, wasteful] = [await line.foundCity(), await line.foundCity()];
    await line.queue(honest, 60);
    await line.queue(wasteful, 60);
    await line.configure({ id: 'd', concurrency: 1 });
    const served = await line.serve(44, ({ tenant_id }) => (tenant_id === wasteful ? 10_000 : 1_000));
    expect(countBy(served, wasteful)).toBeLessThanOrEqual(5);
  });

  it('gives a city that comes back from idleness no credit for it', async () => {
    const [steady, returning] = [await line.foundCity(), await line.foundCity()];
    await line.queue(steady, 100);
    await line.configure({ id: 'd', concurrency: 1 });
    await line.serve(50, () => 1_000);
    await line.queue(returning, 30);
    const served = await line.serve(20, () => 1_000);
    expect(Math.abs(countBy(served, steady) - countBy(served, returning))).toBeLessThanOrEqual(2);
  });

  it('never leaves room unused while a job waits', async () => {
    await line.queue(await line.foundCity(), 10);
    expect(await admitInto(4)).toHaveLength(4);
    expect(await admitInto(4)).toHaveLength(0);
    expect(await admitInto(7)).toHaveLength(3);
  });

  it('keeps a city within its limit and gives the room to others', async () => {
    const [limited, other] = [await line.foundCity({ limit: 2 }), await line.foundCity()];
    await line.queue(limited, 10);
    await line.queue(other, 3);
    const admitted = await admitInto(8);
    expect([countBy(admitted, limited), countBy(admitted, other)]).toEqual([2, 3]);
    await line.finish([admitted.find(({ tenant_id }) => tenant_id === limited)!.job_id], 1_000);
    expect(countBy(await line.admit(), limited)).toBe(1);
  });

  it('serves a city below its floor before those whose turn it is', async () => {
    const [served, floored] = [await line.foundCity(), await line.foundCity({ floor: 2 })];
    await line.configure({ id: 'd', concurrency: 1 });
    await line.queue(floored, 20, { tokens: 4_000 });
    await line.serve(10, () => 4_000);
    await line.queue(served, 20, { tokens: 100 });
    // By virtual time alone the other city, which starts level and asks for little, would get nearly every place.
    const admitted = await admitInto(6);
    expect(countBy(admitted, floored)).toBeGreaterThanOrEqual(2);
    expect(admitted.slice(0, 2).every(({ tenant_id }) => tenant_id === floored)).toBe(true);
  });

  it('admits each job once, however many ask at the same time', async () => {
    await line.queue(await line.foundCity(), 50);
    await line.configure({ id: 'd', concurrency: 30 });
    const rounds = await Promise.all(Array.from({ length: 20 }, () => line.admit()));
    const admitted = rounds.flat().map(({ job_id }) => job_id);
    expect(admitted).toHaveLength(30);
    expect(new Set(admitted).size).toBe(30);
  });

  it('goes on after days in which nobody asked for an admission', async () => {
    await admitInto(1);
    await line.pass(3 * 24 * 3_600);
    await line.queue(await line.foundCity(), 2);
    expect(await admitInto(1)).toHaveLength(1);
  });

  it('looks at few rows however many wait, also by plans of a connection that has known few', async () => {
    const city = await line.foundCity();
    await line.configure({ id: 'd', concurrency: 1 });
    const connection = line.everything.createQueryRunner();
    const admit = (): Promise<Admitted[]> => connection.query('SELECT * FROM admit()');
    try {
      await line.queue(city, 2);
      const [running] = await admit();
      await line.everything.query('ANALYZE admission_entries');
      await admit();
      await line.queue(city, 3_000);
      for (let call = 0; call < 4; call += 1) await admit();
      await line.finish([running!.job_id], 1_000);
      await connection.startTransaction();
      const before = await rowsRead(connection);
      expect(await admit()).toHaveLength(1);
      expect((await rowsRead(connection)) - before).toBeLessThan(50);
      await connection.commitTransaction();
    } finally {
      await connection.release();
    }
  });

  it('reads of a city no more than those before it can leave to it', async () => {
    for (let city = 0; city < 32; city += 1) await line.queue(await line.foundCity(), 32);
    await line.admit();
    await line.configure({ id: 'd', concurrency: 32 });
    const connection = line.everything.createQueryRunner();
    try {
      await connection.startTransaction();
      const before = await rowsRead(connection);
      expect(await connection.query('SELECT * FROM admit()')).toHaveLength(32);
      // 32 of the first, 31 of the second and so on, and those that are handed over.
      expect((await rowsRead(connection)) - before).toBeLessThan(700);
    } finally {
      await connection.rollbackTransaction();
      await connection.release();
    }
  });

  it('takes more than a thousand arrivals over several calls, and a question before a batch', async () => {
    const [city, asking] = [await line.foundCity(), await line.foundCity()];
    await line.queue(city, 1_500, { lane: 'batch' });
    const [question] = await line.queue(asking, 1);
    expect((await admitInto(1)).map(({ job_id }) => job_id)).toEqual([question]);
    await line.admit();
    const [share] = await line.query<{ waiting: number }>('SELECT waiting FROM admission_shares WHERE tenant_id = $1', [
      city,
    ]);
    expect(share).toEqual({ waiting: 1_500 });
  });

  it('counts to zero when all is done, cancelled in line or not', async () => {
    const city = await line.foundCity();
    const jobs = await line.queue(city, 12);
    await admitInto(4);
    await line.finish(jobs.slice(6), 0);
    await line.finish(jobs.slice(0, 6), 80);
    await line.admit();
    expect(
      await line.query('SELECT waiting, waiting_tokens::int, running FROM admission_shares WHERE tenant_id = $1', [
        city,
      ]),
    ).toEqual([{ waiting: 0, waiting_tokens: 0, running: 0 }]);
    for (const table of ['admission_queues', 'admission_lines', 'admission_routes'])
      expect(await line.query(`SELECT waiting FROM ${table} WHERE waiting <> 0`)).toEqual([]);
    expect(await line.query('SELECT running FROM admission_clock')).toEqual([{ running: 0 }]);
    expect(await line.query('SELECT running FROM pool_deployments')).toEqual([{ running: 0 }]);
    expect(await line.query('SELECT 1 FROM admission_entries')).toEqual([]);
  });
});

describe('admit(), within a city', () => {
  it('lets one member’s hundred jobs not delay a colleague', async () => {
    const city = await line.foundCity();
    const colleague = await line.addActor(city);
    await line.queue(city, 100);
    await line.configure({ id: 'd', concurrency: 1 });
    await line.serve(3, () => 1_000);
    const [question] = await line.queue(city, 1, { actor: colleague });
    const next = await line.serve(2, () => 1_000);
    expect(next.map(({ job_id }) => job_id)).toContain(question);
  });

  it('shares between members by tokens and not by jobs', async () => {
    const city = await line.foundCity();
    const colleague = await line.addActor(city);
    const [large, small] = [
      await line.queue(city, 20, { tokens: 3_000 }),
      await line.queue(city, 60, { tokens: 1_000, actor: colleague }),
    ];
    await line.configure({ id: 'd', concurrency: 1 });
    const served = (await line.serve(40, ({ job_id }) => (large.includes(job_id) ? 3_000 : 1_000))).map(
      (j) => j.job_id,
    );
    const tokens = [large, small].map(
      (jobs, index) => jobs.filter((id) => served.includes(id)).length * [3_000, 1_000][index]!,
    );
    expect(Math.abs(tokens[0]! - tokens[1]!)).toBeLessThanOrEqual(3_000);
  });

  it('keeps the order of one member’s jobs', async () => {
    const city = await line.foundCity();
    const jobs = await line.queue(city, 6);
    expect((await admitInto(6)).map(({ job_id }) => job_id)).toEqual(jobs);
  });
});

describe('admit(), between lanes', () => {
  it('gives batch work a tenth of the tokens while others wait, and all of them when nobody does', async () => {
    const [asking, batching] = [await line.foundCity(), await line.foundCity()];
    await line.queue(asking, 90);
    await line.queue(batching, 60, { lane: 'batch' });
    await line.configure({ id: 'd', concurrency: 1 });
    const served = await line.serve(50, () => 1_000);
    expect(countBy(served, batching)).toBeGreaterThanOrEqual(4);
    expect(countBy(served, batching)).toBeLessThanOrEqual(6);
    const rest = await line.serve(200, () => 1_000);
    expect(rest).toHaveLength(100);
    expect(rest.slice(-40).every(({ tenant_id }) => tenant_id === batching)).toBe(true);
  });

  it('lets urgent work pass everything', async () => {
    const [first, second] = [await line.foundCity(), await line.foundCity()];
    await line.queue(first, 20);
    await line.queue(first, 20, { lane: 'batch' });
    const urgent = await line.queue(second, 3, { lane: 'urgent', tokens: 8_000 });
    expect((await admitInto(3)).map(({ job_id }) => job_id)).toEqual(urgent);
  });

  it('banks no credit for a lane that was empty', async () => {
    const city = await line.foundCity();
    await line.queue(city, 100);
    await line.configure({ id: 'd', concurrency: 1 });
    await line.serve(60, () => 1_000);
    const batch = await line.queue(city, 30, { lane: 'batch' });
    const served = await line.serve(20, () => 1_000);
    expect(served.filter(({ job_id }) => batch.includes(job_id)).length).toBeLessThanOrEqual(3);
  });
});
