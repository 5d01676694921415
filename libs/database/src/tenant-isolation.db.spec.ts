import fc from 'fast-check';
import { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEGMENTS, type Segment, type TenantId, newId, tenantId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase, propertyRuns } from '#libs/testing';
import { createDataSource } from './data-sources.ts';
import { TenantDatabase } from './databases.ts';
import type { TenantScope, TenantTransaction } from './transaction.ts';

const CITIES = 20;
// Far fewer connections than work at once, so that every connection serves city after city
const POOL_SIZE = 5;
/** So many transactions wait for these connections at once. */
const AT_ONCE = 125;
const TRANSACTIONS = Math.ceil(propertyRuns(1_000) / AT_ONCE) * AT_ONCE;
/** For each on a machine that is busy; alone one takes 2 ms. */
const PATIENCE_MS = 20;

const NO_CONNECTION = /timeout exceeded when trying to connect|Connection terminated|EPIPE|ECONNRESET/;

type Ending = 'commit' | 'roll back' | 'fail in SQL' | 'time out' | 'connection killed' | 'killed before commit';
interface Work {
  readonly city: number;
  readonly segment: Segment;
  readonly ending: Ending;
  /** Alone, or in a transaction shared with what else arrives for its city. */
  readonly way: 'alone' | 'together';
}

const work: fc.Arbitrary<Work> = fc.record({
  // Some cities are busy, so that their work does meet
  city: fc.oneof(fc.nat(2), fc.nat(CITIES - 1)),
  way: fc.constantFrom('alone', 'together'),
  segment: fc.constantFrom(...SEGMENTS),
  ending: fc.oneof(
    { weight: 12, arbitrary: fc.constant<Ending>('commit') },
    { weight: 6, arbitrary: fc.constantFrom<Ending>('roll back', 'fail in SQL', 'time out') },
    { weight: 2, arbitrary: fc.constantFrom<Ending>('connection killed', 'killed before commit') },
  ),
});

/** Who a row says it was written by, beside the columns that the walls look at. */
const signature = (scope: TenantScope): string => `${scope.tenantId}/${scope.segment}`;

describe('twenty cities on one pool', () => {
  let test: TestDatabase;
  let source: DataSource;
  let database: TenantDatabase;
  let superuser: Pool;
  const cities: TenantId[] = Array.from({ length: CITIES }, () => tenantId(newId()));

  beforeAll(async () => {
    test = await createTestDatabase();
    source = await createDataSource(test.urls.app, POOL_SIZE).initialize();
    database = new TenantDatabase(source);
    superuser = new Pool({ connectionString: test.urls.superuser, max: 2 });
    for (const [index, city] of cities.entries())
      await superuser.query(`INSERT INTO tenants VALUES ($1, $2, 'city', 'active', now(), now())`, [
        city,
        String(100_000 + index),
      ]);
  });
  afterAll(async () => {
    await source.destroy();
    await superuser.end();
    await test.drop();
  });

  /** Rows that someone else wrote, out of all that this transaction can see. */
  const foreign = async (tx: TenantTransaction): Promise<string[]> => {
    const rows = await tx.query<{ name: string }>('SELECT name FROM api_keys');
    return rows.map(({ name }) => name).filter((name) => name !== signature(tx.scope));
  };

  const store = (tx: TenantTransaction, id: string) =>
    tx.query(
      `INSERT INTO api_keys (tenant_id, segment, id, name, secret_hash, scopes, created_at)
       VALUES ($1, $2, $3, $4, sha256('x'), ARRAY['jobs'], now())`,
      [tx.scope.tenantId, tx.scope.segment, id, signature(tx.scope)],
    );

  /** What goes wrong once a row is written. */
  async function fail(tx: TenantTransaction, ending: Ending): Promise<void> {
    if (ending === 'roll back') throw new Error('changed its mind');
    if (ending === 'fail in SQL') await tx.query('SELECT 1 / 0');
    if (ending === 'time out') {
      await tx.query(`SELECT set_config('statement_timeout', '1ms', true)`);
      await tx.query('SELECT pg_sleep(1)');
    }
    if (ending === 'killed before commit') {
      const [backend] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      // It ends before it looks at what comes next. Waiting for that takes PostgreSQL a tenth of a second each time.
      await superuser.query('SELECT pg_terminate_backend($1)', [backend!.pid]);
    }
  }

  /** One piece of work with its ending. Gives the foreign rows it saw, and whether its own row must now be stored. */
  async function perform({ city, segment, ending, way }: Work): Promise<{ wrong: string[]; stored: string | null }> {
    const scope = { tenantId: cities[city]!, segment };
    const id = newId();
    const wrong: string[] = [];
    const write = async (tx: TenantTransaction) => {
      await store(tx, id);
      wrong.push(...(await foreign(tx)));
      await fail(tx, ending);
    };
    const read = async (tx: TenantTransaction) => {
      wrong.push(...(await foreign(tx)));
      if (ending === 'connection killed') await tx.query('SELECT pg_terminate_backend(pg_backend_pid())');
    };
    try {
      if (way === 'alone')
        await database.run(scope, async (tx) => {
          await read(tx);
          await write(tx);
        });
      else
        await database.together(scope, async (tx) => {
          await read(tx);
          if (ending !== 'commit') await write(tx);
          return { result: id, rows: () => store(tx, id) };
        });
      expect(ending).toBe('commit');
      return { wrong, stored: id };
    } catch (error) {
      // Who shares a transaction may lose the connection to a neighbour, and is told so.
      // So may who was given a connection that has just died, or none in time. Both are told; neither has written.
      const mayFail = way === 'together' || NO_CONNECTION.test(String(error));
      if (ending === 'commit' && !mayFail) throw error;
      return { wrong, stored: null };
    }
  }

  it(
    'never see or write a row of another city or segment, whatever fails between them',
    { timeout: 60_000 + TRANSACTIONS * PATIENCE_MS },
    async () => {
      const property = fc.asyncProperty(fc.array(work, { minLength: AT_ONCE, maxLength: AT_ONCE }), async (works) => {
        const outcomes = await Promise.all(works.map(perform));
        expect(outcomes.flatMap(({ wrong }) => wrong)).toEqual([]);
        const stored = outcomes.flatMap(({ stored: id }) => id ?? []);
        expect(stored.length).toBeGreaterThan(0);
        const { rows } = await superuser.query<{ id: string; honest: boolean }>(
          `DELETE FROM api_keys RETURNING id, name = tenant_id || '/' || segment AS honest`,
        );
        expect(rows.filter(({ honest }) => !honest)).toEqual([]);
        expect(rows.map(({ id }) => id).toSorted()).toEqual(stored.toSorted());
        // What is gone would be read past by everybody after it
        await superuser.query('VACUUM api_keys');
      });
      // A race does not shrink; the seed and the works of the failing run say enough.
      const seed = Date.now() % 2 ** 31;
      await fc.assert(property, { seed, numRuns: TRANSACTIONS / AT_ONCE, endOnFailure: true });
      process.stdout.write(
        `${TRANSACTIONS} transactions of ${CITIES} cities on ${POOL_SIZE} connections (seed ${seed}): 0 wrong rows\n`,
      );
    },
  );

  it('leave no tenant behind on a connection that goes back to the pool', async () => {
    await Promise.all(
      cities.map((city) => database.run({ tenantId: city, segment: 'lgwan' }, (tx) => tx.query('SELECT 1'))),
    );
    const left = await Promise.all(
      Array.from({ length: POOL_SIZE * 2 }, () =>
        source.query(`SELECT app_tenant_id() AS tenant, app_segment() AS segment`),
      ),
    );
    expect(new Set(left.flat().map((row) => JSON.stringify(row)))).toEqual(new Set(['{"tenant":null,"segment":null}']));
  });

  it.each([
    [{ tenantId: '' as TenantId, segment: 'lgwan' as const }],
    [{ tenantId: cities[0]!, segment: '' as Segment }],
    [{ tenantId: "x' OR true" as TenantId, segment: 'lgwan' as const }],
  ])('throw before the first query when it is not said who asks: %j', (scope) => {
    expect(() => database.run(scope, () => Promise.resolve())).toThrow(/needs a tenant and a segment/);
  });
});
