import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { createDataSource } from '#libs/database';
import { newId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase } from '#libs/testing';

interface Admitted {
  tenant_id: string;
  job_id: string;
  delivery: number;
}

let database: TestDatabase;
let everything: DataSource;
let admission: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  everything = await createDataSource(database.urls.superuser, 2).initialize();
  admission = await createDataSource(database.urls.admission, 8).initialize();
});

afterEach(async () => {
  await everything.query('TRUNCATE admission_entries, admission_shares, jobs, api_keys CASCADE');
  await everything.query('UPDATE admission_clock SET running = 0, virtual_time = 0, finishes_per_second = 0');
});

afterAll(async () => {
  await Promise.all([everything.destroy(), admission.destroy()]);
  await database.drop();
});

let cities = 0;
async function foundCity(weight = 1): Promise<string> {
  const id = newId();
  await everything.query(`INSERT INTO tenants VALUES ($1, $2, '市', 'active', now(), now())`, [
    id,
    String(100_000 + (cities += 1)),
  ]);
  await everything.query('INSERT INTO admission_shares (tenant_id, weight) VALUES ($1, $2)', [id, weight]);
  await everything.query(
    `INSERT INTO api_keys (tenant_id, id, segment, name, secret_hash, scopes, created_at)
     VALUES ($1, $1, 'lgwan', '鍵', sha256('x'), '{jobs}', now())`,
    [id],
  );
  return id;
}

/** Puts jobs of a city in line. @returns their ids in order */
async function queue(city: string, jobs: number, tokens: number): Promise<string[]> {
  const ids = Array.from({ length: jobs }, newId);
  await everything.query(
    `INSERT INTO jobs (tenant_id, segment, id, kind, status, api_key_id, model, max_tokens, input_bytes, accepted_at)
     SELECT $1, 'lgwan', id, 'chat', 'queued', $1, 'm', 1, 1, now() FROM unnest($2::uuid[]) AS id`,
    [city, ids],
  );
  await everything.query(
    `INSERT INTO admission_entries (tenant_id, job_id, segment, cost_tokens, accepted_at)
     SELECT $1, id, 'lgwan', $3, now() FROM unnest($2::uuid[]) WITH ORDINALITY AS t (id, n) ORDER BY n`,
    [city, ids, tokens],
  );
  return ids;
}

const admit = (capacity: number): Promise<Admitted[]> => admission.query('SELECT * FROM admit($1)', [capacity]);

const finish = (jobs: readonly string[], spent: number) =>
  everything.query('UPDATE admission_entries SET finished_at = now(), spent_tokens = $2 WHERE job_id = ANY ($1)', [
    jobs,
    spent,
  ]);

/** Serves one job at a time, each spending what it was estimated at. @returns how many jobs each city got */
async function serve(jobs: number, tokens: ReadonlyMap<string, number>): Promise<Map<string, number>> {
  const served = new Map<string, number>();
  for (let turn = 0; turn < jobs; turn += 1) {
    const [next] = await admit(1);
    if (!next) break;
    served.set(next.tenant_id, (served.get(next.tenant_id) ?? 0) + 1);
    await finish([next.job_id], tokens.get(next.tenant_id)!);
  }
  return served;
}

describe('admit()', () => {
  it('gives a quiet city the next place however long the queue of a busy one is', async () => {
    const [busy, quiet] = [await foundCity(), await foundCity()];
    await queue(busy, 200, 1_000);
    await finish([(await admit(1))[0]!.job_id], 1_000);
    const [job] = await queue(quiet, 1, 1_000);
    const next = [...(await admit(1)), ...(await admit(2))].map(({ job_id }) => job_id);
    expect(next).toContain(job);
  });

  it('shares by tokens and not by jobs', async () => {
    const [large, small] = [await foundCity(), await foundCity()];
    await queue(large, 60, 4_000);
    await queue(small, 60, 1_000);
    const served = await serve(
      50,
      new Map([
        [large, 4_000],
        [small, 1_000],
      ]),
    );
    expect(served.get(large)! * 4_000).toBeGreaterThan(served.get(small)! * 1_000 - 4_001);
    expect(served.get(large)! * 4_000).toBeLessThan(served.get(small)! * 1_000 + 4_001);
  });

  it('shares in proportion to weight', async () => {
    const [light, heavy] = [await foundCity(1), await foundCity(3)];
    await queue(light, 60, 500);
    await queue(heavy, 60, 500);
    const served = await serve(
      40,
      new Map([
        [light, 500],
        [heavy, 500],
      ]),
    );
    expect(served).toEqual(
      new Map([
        [light, 10],
        [heavy, 30],
      ]),
    );
  });

  it('charges what was spent and not what was estimated', async () => {
    const [honest, wasteful] = [await foundCity(), await foundCity()];
    await queue(honest, 60, 1_000);
    await queue(wasteful, 60, 1_000);
    const served = await serve(
      44,
      new Map([
        [honest, 1_000],
        [wasteful, 10_000],
      ]),
    );
    expect(served.get(wasteful)).toBeLessThanOrEqual(5);
  });

  it('gives a city that comes back from idleness no credit for it', async () => {
    const [steady, returning] = [await foundCity(), await foundCity()];
    await queue(steady, 100, 1_000);
    await serve(50, new Map([[steady, 1_000]]));
    await queue(returning, 30, 1_000);
    const served = await serve(
      20,
      new Map([
        [steady, 1_000],
        [returning, 1_000],
      ]),
    );
    expect(Math.abs(served.get(steady)! - served.get(returning)!)).toBeLessThanOrEqual(2);
  });

  it('never leaves room unused while a job waits', async () => {
    const city = await foundCity();
    await queue(city, 10, 100);
    expect(await admit(4)).toHaveLength(4);
    expect(await admit(4)).toHaveLength(0);
    expect(await admit(7)).toHaveLength(3);
  });

  it('keeps a city within its limit and gives the room to others', async () => {
    const [limited, other] = [await foundCity(), await foundCity()];
    await everything.query('UPDATE admission_shares SET running_limit = 2 WHERE tenant_id = $1', [limited]);
    await queue(limited, 10, 100);
    await queue(other, 3, 100);
    const admitted = await admit(8);
    expect(admitted.filter(({ tenant_id }) => tenant_id === limited)).toHaveLength(2);
    expect(admitted.filter(({ tenant_id }) => tenant_id === other)).toHaveLength(3);
  });

  it('admits each job once, however many ask at the same time', async () => {
    const city = await foundCity();
    await queue(city, 50, 100);
    const rounds = await Promise.all(Array.from({ length: 20 }, () => admit(30)));
    const admitted = rounds.flat().map(({ job_id }) => job_id);
    expect(admitted).toHaveLength(30);
    expect(new Set(admitted).size).toBe(30);
  });

  it('counts to zero when all is done, cancelled in line or not', async () => {
    const city = await foundCity();
    const jobs = await queue(city, 12, 100);
    await admit(4);
    await finish(jobs.slice(6), 0);
    await finish(jobs.slice(0, 6), 80);
    await admit(4);
    const [share] = await everything.query(
      'SELECT waiting, waiting_tokens::int, running FROM admission_shares WHERE tenant_id = $1',
      [city],
    );
    const [clock] = await everything.query('SELECT running FROM admission_clock');
    expect(share).toEqual({ waiting: 0, waiting_tokens: 0, running: 0 });
    expect(clock).toEqual({ running: 0 });
    expect(await everything.query('SELECT 1 FROM admission_entries')).toEqual([]);
  });

  it('tells every waiting job how many go before it', async () => {
    const [first, second] = [await foundCity(), await foundCity()];
    await queue(first, 1, 1_000);
    await admit(1);
    const mine = await queue(first, 4, 1_000);
    await queue(second, 4, 1_000);
    await admit(1);
    const positions: { job_id: string; ahead: number }[] = await admission.query(
      'SELECT job_id, ahead FROM admission_positions($1)',
      [mine],
    );
    const order = mine.map((job) => positions.find(({ job_id }) => job_id === job)!.ahead);
    // The second city starts level with the clock; the first has had one job already.
    const really: string[] = [];
    for (let turn = 0; turn < 8; turn += 1) really.push((await admit(turn + 2))[0]!.job_id);
    const actual = mine.map((job) => really.indexOf(job));
    order.forEach((ahead, index) => expect(Math.abs(ahead - actual[index]!)).toBeLessThanOrEqual(1));
  });
});
