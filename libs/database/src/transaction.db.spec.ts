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
