import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TenantDatabase, createDataSource } from '#libs/database';
import { tenantId } from '#libs/kernel';
import { Line } from '../../test/line.ts';
import { type ClaimedJob, type Ending, FENCE_LOST, RunRepository } from './run-repository.ts';

const ENDING: Ending = {
  status: 'completed',
  outputSealed: Buffer.from('sealed'),
  outputBytes: 6,
  finishReason: 'stop',
  errorCode: null,
  spentTokens: 10,
  burnedTokens: 12,
  served: true,
  finishedAt: new Date('2026-06-10T01:00:00Z'),
};

const WAITING_FOR_LOCKS = `SELECT count(*)::integer AS sessions FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock'`;

describe('jobs that workers take and end together', () => {
  const repository = new RunRepository();
  let line: Line;
  let source: DataSource;
  let database: TenantDatabase;
  let city: string;
  let jobs: string[];
  beforeAll(async () => {
    line = await Line.open();
    source = await createDataSource(line.database.urls.app, 4).initialize();
    database = new TenantDatabase(source);
  });
  afterAll(async () => {
    await source.destroy();
    await line.close();
  });
  beforeEach(async () => {
    await line.clear();
    await line.configure({ id: 'a', concurrency: 10 });
    city = await line.foundCity();
    jobs = await line.queue(city, 3);
    await line.admit();
  });

  const scope = () => ({ tenantId: tenantId(city), segment: 'lgwan' }) as const;
  const claim = (jobId: string, worker = 'w:1') =>
    database.together(
      scope(),
      async (tx) => ({
        result: await repository.claim(tx, { jobId, worker, leaseMs: 60_000, now: new Date('2026-06-10T00:59:59Z') }),
      }),
      'claims',
    );
  const end = (job: ClaimedJob, status: Ending['status'] = 'completed') =>
    database.together(scope(), async (tx) => ({
      result: undefined,
      rows: () => repository.end(tx, job, { id: 'a', simulated: true }, { ...ENDING, status }),
    }));
  const statuses = () =>
    line.everything.query(`SELECT status, fence, served, spent_tokens::integer AS spent FROM jobs
      JOIN admission_entries ON job_id = id ORDER BY id`);

  it('belong to one claim each, also where two copies of a delivery share a statement', async () => {
    // The first goes alone, those behind it together.
    const claims = await Promise.all([claim(jobs[0]!), ...[1, 1, 2, 1, 2].map((job) => claim(jobs[job]!))]);
    expect(claims.map((job) => job?.id ?? null)).toEqual([jobs[0], jobs[1], null, jobs[2], null, null]);
    expect(new Set(claims.flatMap((job) => job?.fence ?? []))).toEqual(new Set([1]));
    expect(await claim(jobs[1]!)).toBeNull();
  });

  it('end each with its own result', async () => {
    const held = (await Promise.all(jobs.map((job) => claim(job)))).flatMap((job) => job ?? []);
    await Promise.all(held.map((job, index) => end(job, (['completed', 'failed', 'cancelled'] as const)[index])));
    expect(await statuses()).toEqual(
      ['completed', 'failed', 'cancelled'].map((status) => ({ status, fence: 1, served: true, spent: 10 })),
    );
  });

  it('end for those who hold them though one among them has lost its fence', async () => {
    const held = (await Promise.all(jobs.map((job) => claim(job)))).flatMap((job) => job ?? []);
    const late = { ...held[1]!, fence: 0 };
    const ends = await Promise.allSettled([held[0]!, late, held[2]!].map((job) => end(job)));
    expect(ends).toMatchObject([{ status: 'fulfilled' }, { reason: { code: FENCE_LOST } }, { status: 'fulfilled' }]);
    expect((await statuses()).map(({ status }: { status: string }) => status)).toEqual([
      'completed',
      'running',
      'completed',
    ]);
  });

  it('go back into line, but not once somebody has asked to cancel them', async () => {
    const held = (await Promise.all(jobs.map((job) => claim(job)))).flatMap((job) => job ?? []);
    const giveBack = (job: ClaimedJob) => database.run(scope(), (tx) => repository.giveBack(tx, job, 1_000));
    expect(await giveBack(held[0]!)).toBe(true);

    // The cancellation holds the job, and the return waits for it.
    const [asking, asked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const cancelling = line.everything.transaction(async (manager) => {
      await manager.query('SELECT FROM jobs WHERE id = $1 FOR UPDATE', [jobs[1]]);
      await manager.query('UPDATE admission_entries SET cancel_requested_at = now() WHERE job_id = $1', [jobs[1]]);
      asking.resolve();
      await asked.promise;
    });
    await asking.promise;
    const returning = giveBack(held[1]!);
    await expect.poll(() => line.everything.query(WAITING_FOR_LOCKS)).toEqual([{ sessions: 1 }]);
    asked.resolve();
    await cancelling;
    expect(await returning).toBe(false);

    // Of another execution, ended, or returned by a try whose answer was lost: nothing to do.
    expect(await giveBack(held[0]!)).toBe(true);
    expect(await giveBack({ ...held[1]!, fence: 0 })).toBe(true);
    expect(await line.everything.query('SELECT id, status FROM jobs WHERE id = ANY ($1) ORDER BY id', [jobs])).toEqual(
      ['queued', 'running', 'running'].map((status, index) => ({ id: jobs[index], status })),
    );
  });

  it('are found by their keys however much their city has in line, also by a statement that a small city used first', async () => {
    const small = await line.foundCity();
    const [first] = await line.queue(small, 1);
    await line.queue(city, 3_000);
    await line.configure({ id: 'a', concurrency: 20 });
    await line.admit();
    await line.everything.query('ANALYZE jobs, admission_entries');
    const one = await createDataSource(line.database.urls.app, 1).initialize();
    try {
      const shared = new TenantDatabase(one);
      expect(await rowsReadBy(shared, small, [first!])).toBeLessThan(50);
      expect(await rowsReadBy(shared, city, jobs)).toBeLessThan(50);
    } finally {
      await one.destroy();
    }
  });

  /** @returns rows of both tables that were looked at to take and end jobs together */
  const rowsReadBy = (shared: TenantDatabase, tenant: string, jobIds: readonly string[]): Promise<number> =>
    shared.run({ tenantId: tenantId(tenant), segment: 'lgwan' }, async (tx) => {
      const now = new Date('2026-06-10T00:59:59Z');
      const held = await Promise.all(
        jobIds.map((jobId) => repository.claim(tx, { jobId, worker: 'w:1', leaseMs: 60_000, now })),
      );
      await Promise.all(held.map((job) => repository.end(tx, job!, { id: 'a', simulated: true }, ENDING)));
      const [read] = await tx.query<{ rows: number }>(
        `SELECT sum(idx_tup_fetch + seq_tup_read)::integer AS rows FROM pg_stat_xact_user_tables
         WHERE relname IN ('jobs', 'admission_entries')`,
      );
      return read!.rows;
    });
});
