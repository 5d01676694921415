import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { TenantDatabase, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase } from '#libs/testing';
import { type TableFacts, removalOrder, tablesOfCities } from './catalogue.ts';
import { TABLES } from './tables.ts';

const SECRET = /(_hash|_key|_fingerprint|secret)$/;
/** Not secrets, whatever they are called. */
const OPEN = new Set(['audit_entries.previous_hash', 'audit_entries.hash', 'jobs.idempotency_key', 'audit_heads.hash']);

describe('the plan of a city that leaves', () => {
  let database: TestDatabase;
  let source: DataSource;
  let superuser: DataSource;
  let tables: TableFacts[];
  beforeAll(async () => {
    database = await createTestDatabase();
    source = await createDataSource(database.urls.app, 1).initialize();
    superuser = await createDataSource(database.urls.superuser, 1).initialize();
    tables = await new TenantDatabase(source).run({ tenantId: tenantId(newId()), segment: 'lgwan' }, tablesOfCities);
  });
  afterAll(async () => {
    await Promise.all([source.destroy(), superuser.destroy()]);
    await database.drop();
  });

  it('names every table with rows of a city, for the export and for the removal, and no other', () => {
    expect(Object.keys(TABLES).sort()).toEqual(tables.map(({ name }) => name));
  });

  it('opens every sealed column of what is taken along, and withholds every secret', () => {
    for (const { name, columns } of tables) {
      const { taken } = TABLES[name]!;
      if ('leftOut' in taken) continue;
      const { sealed = [], withheld = [] } = taken;
      const names = columns.map((column) => column.name);
      expect(names.filter((column) => column.endsWith('_sealed'))).toEqual(sealed.map(({ column }) => column));
      const secrets = columns.filter(({ isReadable }) => isReadable).map((column) => column.name);
      const told = secrets.filter(
        (column) => SECRET.test(column) && !OPEN.has(`${name}.${column}`) && !withheld.includes(column),
      );
      expect(told.map((column) => `${name}.${column}`)).toEqual([]);
    }
  });

  it('takes along what the city’s members may read: each table has rows they see', () => {
    const unseen = tables.filter(
      ({ name, columns }) => !('leftOut' in TABLES[name]!.taken) && !columns.some(({ isReadable }) => isReadable),
    );
    expect(unseen.map(({ name }) => name)).toEqual([]);
  });

  it('has an order in which rows can go', () => {
    expect(removalOrder(tables)).toHaveLength(tables.length);
  });

  it('keeps nothing that refers to what is removed, but for what is severed', async () => {
    const references: { here: string; there: string; columns: string[] }[] = await superuser.query(`
      SELECT f.conrelid::regclass::text AS here, f.confrelid::regclass::text AS there,
        array_agg(a.attname::text) FILTER (WHERE a.attname <> 'tenant_id') AS columns
      FROM pg_constraint f JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = ANY (f.conkey)
      WHERE f.contype = 'f' GROUP BY f.oid`);
    const dangling = references.filter(({ here, there, columns }) => {
      const [from, to] = [TABLES[here]?.fate, TABLES[there]?.fate];
      return from && from !== 'removed' && to === 'removed' && !columns?.some((column) => from.severed?.[column]);
    });
    expect(dangling).toEqual([]);
  });

  it('lets the role of leaving cities remove what is to go, and nothing that stays', async () => {
    const rights: { name: string; removes: boolean }[] = await superuser.query(
      `SELECT relname::text AS name, has_table_privilege('moyai_exit', oid, 'DELETE') AS removes FROM pg_class
       WHERE relname = ANY ($1) AND relnamespace = 'public'::regnamespace`,
      [Object.keys(TABLES)],
    );
    const wrong = rights.filter(({ name, removes }) => {
      const { fate } = TABLES[name]!;
      return removes !== (fate === 'removed' || fate.except !== undefined);
    });
    expect(wrong).toEqual([]);
  });
});
