import { Pool, type PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, tenantId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase } from '#libs/testing';
import { TenantTransaction } from './transaction.ts';

/** A failure that nobody awaits would end the process; the test runner fails on one as well. */
describe('a transaction whose connection was lost', () => {
  let test: TestDatabase;
  let pool: Pool;
  let connection: PoolClient;
  beforeAll(async () => {
    test = await createTestDatabase();
    pool = new Pool({ connectionString: test.urls.app, max: 1 });
    connection = await pool.connect();
    connection.on('error', () => undefined);
    const superuser = new Pool({ connectionString: test.urls.superuser, max: 1 });
    const ended = new Promise((resolve) => connection.once('end', resolve));
    await superuser.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'moyai_app'
      AND datname = current_database()`);
    await Promise.all([ended, superuser.end()]);
  });
  afterAll(async () => {
    connection.release(true);
    await pool.end();
    await test.drop();
  });

  const open = () => new TenantTransaction(connection, { tenantId: tenantId(newId()), segment: 'lgwan' });

  it('tells whoever commits it', async () => {
    await expect(open().commit()).rejects.toThrow();
  });

  it('tells whoever awaits a statement, with the commit sent behind it', async () => {
    const tx = open();
    const statement = tx.query('SELECT 1');
    tx.commitBehind();
    await expect(statement).rejects.toThrow();
    await tx.rollback();
  });

  it('is rolled back without a word', async () => {
    await expect(open().rollback()).resolves.toBeUndefined();
  });
});

describe('a statement that fails', () => {
  let test: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    test = await createTestDatabase();
    pool = new Pool({ connectionString: test.urls.app, max: 1 });
  });
  afterAll(async () => {
    await pool.end();
    await test.drop();
  });

  it('is what those sent behind it fail with too, whoever of them is heard first', async () => {
    const connection = await pool.connect();
    const tx = new TenantTransaction(connection, { tenantId: tenantId(newId()), segment: 'lgwan' });
    const first = tx.query('SELECT 1 / 0').catch(async (error: unknown) => {
      // Handled on its way, as repositories do, and so told later than those behind it.
      await Promise.resolve().then(() => undefined);
      throw error;
    });
    const all = Promise.all([first, tx.query('SELECT 2'), tx.query('SELECT 3')]);
    await expect(all).rejects.toMatchObject({ code: '22012' });
    await tx.rollback();
    connection.release();
  });
});

describe('what is gathered', () => {
  const NUMBERED = `SELECT n, pg_current_xact_id()::text AS id, count(*) OVER ()::integer AS rows FROM unnest($1::integer[]) AS n`;
  let test: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    test = await createTestDatabase();
    pool = new Pool({ connectionString: test.urls.app, max: 1 });
  });
  afterAll(async () => {
    await pool.end();
    await test.drop();
  });

  const within = async <Result>(work: (tx: TenantTransaction) => Promise<Result>): Promise<Result> => {
    const connection = await pool.connect();
    const tx = new TenantTransaction(connection, { tenantId: tenantId(newId()), segment: 'lgwan' });
    try {
      return await work(tx);
    } finally {
      await tx.rollback();
      connection.release();
    }
  };
  const ask = (tx: TenantTransaction, n: number) => tx.gather<{ n: number; rows: number }>(NUMBERED, [n]);

  it('goes as one statement, and a single row in the same way', () =>
    within(async (tx) => {
      const answers = await Promise.all([ask(tx, 1), ask(tx, 2), ask(tx, 3)]);
      for (const answer of answers)
        expect(answer.map(({ n, rows }) => [n, rows])).toEqual([1, 2, 3].map((n) => [n, 3]));
      expect(await ask(tx, 4)).toMatchObject([{ n: 4, rows: 1 }]);
    }));

  it('keeps its place among other statements, and is sent before the commit', () =>
    within(async (tx) => {
      const sent = ["SELECT set_config('moyai.step', 'first', true)", `SELECT current_setting('moyai.step') AS step`];
      const set = `SELECT set_config('moyai.step', step, true) FROM unnest($1::text[]) AS step`;
      await tx.query(sent[0]!);
      const gathered = tx.gather(set, ['second']);
      const [read] = await tx.query(sent[1]!);
      const last = tx.gather<{ step: string }>(`SELECT step FROM unnest($1::text[]) AS step`, ['third']);
      tx.commitBehind();
      await gathered;
      expect(read).toEqual({ step: 'second' });
      expect(await last).toEqual([{ step: 'third' }]);
    }));

  it('fails for all who share it', () =>
    within(async (tx) => {
      const divide = (by: number) => tx.gather('SELECT 1 / n FROM unnest($1::integer[]) AS n', [by]);
      const ends = await Promise.allSettled([divide(1), divide(0)]);
      expect(ends).toMatchObject([{ reason: { code: '22012' } }, { reason: { code: '22012' } }]);
    }));

  it('is not sent once the transaction has been rolled back', () =>
    within(async (tx) => {
      const late = ask(tx, 1);
      const over = tx.rollback();
      await expect(late).rejects.toThrow('ending');
      await over;
    }));
});
