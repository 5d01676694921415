import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource, EntityManager } from 'typeorm';
import { createDataSource } from '#libs/database';
import { newId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase } from '#libs/testing';

describe('admission_lane()', () => {
  let database: TestDatabase;
  let everything: DataSource;
  let app: DataSource;
  const [struck, other, operator] = [newId(), newId(), newId()];
  beforeAll(async () => {
    database = await createTestDatabase();
    everything = await createDataSource(database.urls.superuser, 1).initialize();
    app = await createDataSource(database.urls.app, 1).initialize();
    await everything.query(
      `INSERT INTO tenants VALUES ($1, '990019', '被災市', 'active', now(), now()), ($2, '990027', '別の市', 'active', now(), now())`,
      [struck, other],
    );
    await everything.query(
      `INSERT INTO vendor_users VALUES ($1, 'ops', 'ops', '運用', 'ops', 'active', 'x', now(), NULL, now(), now())`,
      [operator],
    );
  });
  afterAll(async () => {
    await Promise.all([everything.destroy(), app.destroy()]);
    await database.drop();
  });

  /** @param begins and @param ends as intervals from now */
  const openFor = async (city: string, begins: string, ends: string): Promise<string> => {
    const id = newId();
    await everything.query(
      `INSERT INTO urgent_openings (id, reason, opened_by, opened_at, ends_at)
       VALUES ($1, '地震', $2, now() + $3::interval, now() + $4::interval)`,
      [id, operator, begins, ends],
    );
    await everything.query(`INSERT INTO urgent_opening_cities VALUES ($1, $2, '被災市')`, [id, city]);
    return id;
  };
  /** As the api's role asks within a transaction of this city. */
  const lane = async (city: string, wanted: string): Promise<string> =>
    app.transaction(async (tx) => {
      await tx.query(`SELECT set_config('app.tenant_id', $1, true)`, [city]);
      const [row] = await tx.query('SELECT admission_lane($1, $2) AS lane', [city, wanted]);
      return row.lane;
    });

  it('sends what people of a covered city ask first, and neither their batches nor another city', async () => {
    const opening = await openFor(struck, '-1 hour', '1 hour');
    expect(await lane(struck, 'interactive')).toBe('urgent');
    expect(await lane(struck, 'batch')).toBe('batch');
    expect(await lane(other, 'interactive')).toBe('interactive');
    await everything.query('UPDATE urgent_openings SET closed_at = now(), closed_by = $2 WHERE id = $1', [
      opening,
      operator,
    ]);
    expect(await lane(struck, 'interactive')).toBe('interactive');
  });

  it('ends an opening at its end by itself', async () => {
    await openFor(struck, '-3 hours', '-1 second');
    expect(await lane(struck, 'interactive')).toBe('interactive');
  });

  it('holds no opening of more than 72 hours', async () => {
    await expect(openFor(struck, '0', '73 hours')).rejects.toThrow(/urgent_openings_end/);
  });

  it('reads next to nothing, however many openings there have been, of this city and of others', async () => {
    await everything.query(
      `INSERT INTO urgent_openings (id, reason, opened_by, opened_at, ends_at)
       SELECT gen_random_uuid(), 'x', $1, now() - interval '2 days', now() - interval '1 day' FROM generate_series(1, 3000)`,
      [operator],
    );
    await everything.query(
      `INSERT INTO urgent_opening_cities
       SELECT o.id, c.id, '別の市' FROM urgent_openings o CROSS JOIN unnest($1::uuid[]) AS c (id) WHERE o.reason = 'x'`,
      [[struck, other]],
    );
    const readFor = (city: string) =>
      app.transaction(async (tx) => {
        await tx.query(`SELECT set_config('app.tenant_id', $1, true)`, [city]);
        const before = await rowsRead(tx);
        await tx.query(`SELECT admission_lane($1, 'interactive')`, [city]);
        return (await rowsRead(tx)) - before;
      });
    expect(await readFor(struck)).toBeLessThan(10);
    await everything.query('ANALYZE urgent_openings, urgent_opening_cities');
    expect(await readFor(struck)).toBeLessThan(10);
    await openFor(struck, '-1 hour', '1 hour');
    for (const city of [struck, other]) expect(await readFor(city)).toBeLessThan(10);
  });
});

/** Of both tables, by this connection. Only a difference tells something. */
async function rowsRead(tx: EntityManager): Promise<number> {
  const [{ rows }] = await tx.query(
    `SELECT sum(idx_tup_fetch + seq_tup_read)::integer AS rows FROM pg_stat_xact_user_tables
     WHERE relname IN ('urgent_openings', 'urgent_opening_cities')`,
  );
  return rows as number;
}
