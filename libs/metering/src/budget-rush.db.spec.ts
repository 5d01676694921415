import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DataSource } from 'typeorm';
import { TenantDatabase, type TenantScope, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase } from '#libs/testing';
import { BudgetBook } from './budget-book.ts';
import { BudgetKeeper } from './budget-keeper.ts';

const AT = new Date('2026-06-10T01:00:00Z');
const NOBODY = { departmentId: null, memberId: null };

describe('a rush at a budget, by works that share transactions', () => {
  const keeper = new BudgetKeeper();
  let test: TestDatabase;
  let everything: DataSource;
  let scope: TenantScope;
  let cities = 0;
  beforeAll(async () => {
    test = await createTestDatabase();
    everything = await createDataSource(test.urls.superuser, 1).initialize();
  });
  afterAll(async () => {
    await everything.destroy();
    await test.drop();
  });
  beforeEach(async () => {
    scope = { tenantId: tenantId(newId()), segment: 'lgwan' };
    await everything.query(`INSERT INTO tenants VALUES ($1, $2, '市', 'active', now(), now())`, [
      scope.tenantId,
      String(400_000 + (cities += 1)),
    ]);
  });

  /** The connections that did it are at their end then: they have counted all that they did. */
  async function connected<Result>(work: (source: DataSource) => Promise<Result>): Promise<Result> {
    const source = await createDataSource(test.urls.app, 10).initialize();
    const result = await work(source);
    await source.destroy();
    const open = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND usename = 'moyai_app'`;
    await vi.waitUntil(async () => (await everything.query(open)).length === 0, { timeout: 15_000, interval: 10 });
    return result;
  }
  const setLimit = (tokens: number, month = '2026-06') =>
    connected((source) => new TenantDatabase(source).run(scope, (tx) => new BudgetBook().setLimit(tx, month, tokens)));
  const reserve = (database: TenantDatabase, tokens: number) => {
    const held = { subject: { type: 'job', id: newId() }, holder: NOBODY, tokens, acceptedAt: AT };
    return database.together(scope, async (tx) => ({
      result: undefined,
      fits: () => keeper.hasRoom(tx, held),
      budget: () => keeper.reserve(tx, held),
    }));
  };
  /** All at once, given to the processes in turn. */
  const rush = (tokens: readonly number[], processes = 1) =>
    connected((source) => {
      const databases = Array.from({ length: processes }, () => new TenantDatabase(source));
      return Promise.allSettled(tokens.map((each, nth) => reserve(databases[nth % processes]!, each)));
    });
  const accepted = (ends: readonly PromiseSettledResult<unknown>[]) => ends.map(({ status }) => status === 'fulfilled');
  /** What the server has done until now, also what was undone. */
  const done = async (): Promise<{ commits: number; rollbacks: number; reservations: number }> => {
    const [row] = await everything.query(
      `SELECT xact_commit::integer AS commits, xact_rollback::integer AS rollbacks, n_tup_ins::integer AS reservations
       FROM pg_stat_database, pg_stat_user_tables WHERE datname = current_database() AND relname = 'reservations'`,
    );
    return row;
  };
  const reserved = async () =>
    (
      await everything.query('SELECT reserved_tokens::integer AS tokens FROM budgets WHERE tenant_id = $1', [
        scope.tenantId,
      ])
    )[0].tokens;

  it('of 200 accepts the 10 that have room, writes nothing for the others and undoes nothing', async () => {
    await setLimit(1_000);
    const before = await done();
    const ends = await rush(Array.from({ length: 200 }, () => 100));
    expect(accepted(ends).filter(Boolean)).toHaveLength(10);
    expect(await reserved()).toBe(1_000);
    const after = await done();
    expect(after.reservations - before.reservations).toBe(10);
    expect(after.rollbacks - before.rollbacks).toBe(0);
    // Eight of the rush, some of this test; one by one they are more than 200.
    expect(after.commits - before.commits).toBeLessThan(40);
  });

  it('refuses nobody for room that those ahead of it did not take', async () => {
    await setLimit(100);
    // The first goes alone; beside the third the fourth and fifth would not fit, the second fits in no case.
    expect(accepted(await rush([10, 95, 60, 70, 20, 10]))).toEqual([true, false, true, false, true, true]);
    expect(await reserved()).toBe(100);
  });

  it('refuses in the same words as whoever is refused alone', async () => {
    await setLimit(100);
    const [, together] = await rush([10, 95, 10]);
    const [alone] = await rush([95]);
    expect(alone).toMatchObject({ reason: { code: 'METERING.BUDGET_EXHAUSTED', level: 'city' } });
    expect(together).toEqual(alone);
  });

  it('stays within the limit where processes rush at it, of which each sees the same room', async () => {
    await setLimit(1_000);
    expect(
      accepted(
        await rush(
          Array.from({ length: 120 }, () => 100),
          3,
        ),
      ).filter(Boolean),
    ).toHaveLength(10);
    expect(await reserved()).toBe(1_000);
  });

  it('goes on with the latest limit when a month begins, and holds nothing for a city without any', async () => {
    expect(accepted(await rush([10, 10, 10]))).toEqual([false, false, false]);
    await setLimit(30, '2026-05');
    expect(accepted(await rush([10, 10, 10, 10])).filter(Boolean)).toHaveLength(3);
  });
});
