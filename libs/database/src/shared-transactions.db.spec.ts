import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { DomainError, newId, tenantId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase } from '#libs/testing';
import { createDataSource } from './data-sources.ts';
import { TenantDatabase } from './databases.ts';
import { SharedTransactions } from './shared-transactions.ts';
import type { TenantTransaction } from './transaction.ts';

const scope = { tenantId: tenantId(newId()), segment: 'lgwan' } as const;

/** One transaction each has one number. */
const transaction = async (tx: TenantTransaction): Promise<string> =>
  (await tx.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id'))[0]!.id;

describe('work of one city that arrives together', () => {
  let test: TestDatabase;
  let source: DataSource;
  let database: TenantDatabase;
  let written: string[];
  beforeAll(async () => {
    test = await createTestDatabase();
    source = await createDataSource(test.urls.app, 4).initialize();
  });
  afterAll(async () => {
    await source.destroy();
    await test.drop();
  });
  beforeEach(() => {
    written = [];
    // In a city at rest the first to come is alone.
    database = new TenantDatabase(source);
  });

  /** Says in which transaction it was written; `sql` may spoil it. */
  const work = (name: string, sql = 'SELECT 1', fits?: () => Promise<boolean>) =>
    database.together(scope, async (tx) => {
      const id = await transaction(tx);
      const send = (step: string) => async () => {
        written.push(`${name}.${step}`);
        await tx.query(sql);
      };
      return { result: id, ...(fits && { fits }), rows: send('rows'), budget: send('budget'), audit: send('audit') };
    });
  const refused = () => database.together(scope, () => Promise.reject(new DomainError('REQUEST.NOT_FOUND')));

  it('shares the next transaction with what else waits for the one under way', async () => {
    const [first, ...others] = await Promise.all([work('a'), work('b'), work('c')]);
    expect(new Set(others).size).toBe(1);
    expect(others).not.toContain(first);
  });

  it('takes locks in the order in which everybody takes them, whatever each of them writes', async () => {
    const onlyAudited = database.together(scope, async () => ({
      result: undefined,
      audit: async () => written.push('d.audit'),
    }));
    await Promise.all([onlyAudited, ...['a', 'b'].map((name) => work(name))]);
    expect(written).toEqual(['d.audit', 'a.rows', 'b.rows', 'a.budget', 'b.budget', 'a.audit', 'b.audit']);
    written = [];
    const late = () =>
      database.together(scope, async () => ({ result: 1, audit: async () => written.push('d.audit') }));
    await Promise.all([work('a'), late(), work('b')]);
    expect(written).toEqual(['a.rows', 'b.rows', 'a.budget', 'b.budget', 'a.audit', 'd.audit', 'b.audit']);
  });

  it('is refused alone', async () => {
    const ends = await Promise.allSettled([work('a'), work('b'), refused(), work('c')]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(written.filter((step) => step === 'b.rows')).toHaveLength(1);
  });

  it('does not take its neighbours down when the database refuses it', async () => {
    const ends = await Promise.allSettled([work('a'), work('b'), work('spoilt', 'SELECT 1 / 0'), work('c')]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(ends[2]).toMatchObject({ reason: { code: '22012' } });
  });

  it('is refused before anybody writes where it finds that it would not fit', async () => {
    const full = () => Promise.reject(new DomainError('METERING.BUDGET_EXHAUSTED'));
    const ends = await Promise.allSettled([work('a'), work('b'), work('full', 'SELECT 1', full), work('c')]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(ends[2]).toMatchObject({ reason: { code: 'METERING.BUDGET_EXHAUSTED' } });
    expect(written.filter((step) => step.endsWith('rows'))).toEqual(['a.rows', 'b.rows', 'c.rows']);
  });

  it('goes behind those who are in its way, and ahead of who comes later', async () => {
    let asked = 0;
    const notBeside = async () => (asked += 1) > 1;
    const later = async () => false;
    const ends = [work('a'), work('b'), work('c', 'SELECT 1', notBeside), work('d', 'SELECT 1', later)];
    const [a, b, c, d] = await Promise.all([...ends, work('e')]);
    expect(new Set([a, b, c, d]).size).toBe(4);
    expect(written.filter((step) => step.endsWith('rows'))).toEqual(['a', 'b', 'e', 'c', 'd'].map((n) => `${n}.rows`));
  });

  it('is asked for nothing when it is alone: what it writes will tell', async () => {
    await expect(work('a', 'SELECT 1', () => Promise.reject(new Error('was asked')))).resolves.toBeDefined();
  });

  it('is not done again when nobody knows whether it was done', async () => {
    const lost = 'SELECT pg_terminate_backend(pg_backend_pid())';
    const ends = await Promise.allSettled([work('a'), work('b'), work('lost', lost)]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(written.filter((step) => step === 'b.rows')).toHaveLength(1);
    await expect(work('d')).resolves.toEqual(expect.any(String));
  });

  it('gathers for a while after it was shared, and not after it was alone', async () => {
    const resting = Promise.withResolvers<void>();
    const rested = Promise.withResolvers<void>();
    const shared = new SharedTransactions(
      (where, prepared) => database.run(where, prepared),
      () => (resting.resolve(), rested.promise),
    );
    const join = () => shared.join(scope, async (tx) => ({ result: await transaction(tx) }));
    for (const alone of [await join(), await join()]) expect(alone).toEqual(expect.any(String));
    await Promise.all([join(), join(), join()]);
    await resting.promise;
    const early = join();
    // Whoever did not rest would have begun with that one by the next turn of the event loop.
    await new Promise(setImmediate);
    const late = join();
    rested.resolve();
    expect(await late).toBe(await early);
  });

  it('gathers no longer where enough wait already', async () => {
    let rests = 0;
    const shared = new SharedTransactions(
      (where, prepared) => database.run(where, prepared),
      async () => void (rests += 1),
    );
    const join = (meanwhile = () => {}) =>
      shared.join(scope, async (tx) => (meanwhile(), { result: [await transaction(tx), rests] }));
    const behind: Promise<unknown[]>[] = [];
    const crowd = () => void behind.push(...Array.from({ length: 8 }, () => join()));
    await Promise.all([join(), join(crowd), join()]);
    for (const [, restsBefore] of await Promise.all(behind)) expect(restsBefore).toBe(0);
    expect(behind).toHaveLength(8);
  });

  it('of another city or segment waits for nobody', async () => {
    const elsewhere = (segment: 'my_number' | 'lgwan', tenant = scope.tenantId) =>
      database.together({ tenantId: tenant, segment }, async (tx) => ({ result: await transaction(tx) }));
    const ids = await Promise.all([work('a'), elsewhere('my_number'), elsewhere('lgwan', tenantId(newId()))]);
    expect(new Set(ids).size).toBe(3);
  });
});
