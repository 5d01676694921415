import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase } from '#libs/testing';

interface Column {
  readonly name: string;
  readonly type: string;
}
interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
}

const SEGMENT = 'lgwan';
/** insufficient_privilege: a grant is missing, or row-level security refuses the row. */
const DENIED = '42501';
const SET_SCOPE = `SELECT set_config('app.tenant_id', $1, true), set_config('app.segment', $2, true)`;
const [CITY, OTHER_CITY] = [newId(), newId()];

/** Every table of ours that belongs to tenants, with the columns a row must be given. */
const TABLES = `
  SELECT t.relname AS name,
    jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, NULL)) ORDER BY a.attnum)
      FILTER (WHERE a.attgenerated = '' AND a.attidentity = '') AS columns
  FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p')
    AND (t.relname = 'tenants' OR EXISTS (SELECT FROM pg_attribute c WHERE c.attrelid = t.oid AND c.attname = 'tenant_id'))
  GROUP BY t.relname ORDER BY t.relname`;

/** The walls alone are under test here: without them any row would fit. */
const DROP_OTHER_CONSTRAINTS = `DO $$ DECLARE c record; BEGIN
  FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
           WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f') LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname);
  END LOOP;
  FOR c IN SELECT DISTINCT tgrelid::regclass AS t FROM pg_trigger JOIN pg_class k ON k.oid = tgrelid
           WHERE NOT tgisinternal AND k.relnamespace = 'public'::regnamespace LOOP
    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', c.t);
  END LOOP; END $$`;

const SAMPLES: Record<string, string> = {
  uuid: 'gen_random_uuid()',
  text: `'x'`,
  bytea: `'\\x00'`,
  boolean: 'true',
  date: 'current_date',
  'timestamp with time zone': 'now()',
  'smallint[]': 'ARRAY[1]::smallint[]',
  'text[]': 'ARRAY[gen_random_uuid()::text]',
  'cidr[]': `'{}'`,
  jsonb: `'{}'`,
};

/** Where a wall is narrowed: what a row must say to be seen from inside. */
const SEEN_FROM_INSIDE: Record<string, string> = { 'invoices.state': `'issued'` };

const ownerColumn = (table: Table): string => (table.name === 'tenants' ? 'id' : 'tenant_id');

function insertion(table: Table, tenantId: string): string {
  const values = table.columns.map(({ name, type }) => {
    if (name === ownerColumn(table)) return `'${tenantId}'`;
    if (name === 'segment') return `'${SEGMENT}'`;
    return SEEN_FROM_INSIDE[`${table.name}.${name}`] ?? SAMPLES[type] ?? '1';
  });
  return `INSERT INTO ${table.name} (${table.columns.map(({ name }) => name).join(', ')}) VALUES (${values.join(', ')})`;
}

describe('the walls between tenants', () => {
  let test: TestDatabase;
  let superuser: Client;
  let app: Client;
  let tables: Table[];

  beforeAll(async () => {
    test = await createTestDatabase();
    superuser = new Client({ connectionString: test.urls.superuser });
    app = new Client({ connectionString: test.urls.app });
    await Promise.all([superuser.connect(), app.connect()]);
    await superuser.query(DROP_OTHER_CONSTRAINTS);
    await superuser.query('DROP INDEX tenants_code_key');
    tables = (await superuser.query<Table>(TABLES)).rows;
    for (const table of tables)
      for (const tenant of [CITY, OTHER_CITY]) await superuser.query(insertion(table, tenant));
  });
  afterAll(async () => {
    await Promise.all([superuser.end(), app.end()]);
    await test.drop();
  });

  /** Runs one statement as the app role in a transaction of that tenant and segment, and undoes it. */
  const attempt = async (
    statement: string,
    tenantId = '',
    segment = '',
  ): Promise<{ owner?: string }[] | typeof DENIED> => {
    await app.query('BEGIN');
    try {
      if (tenantId) await app.query(SET_SCOPE, [tenantId, segment]);
      return (await app.query<{ owner?: string }>(statement)).rows;
    } catch (error) {
      if ((error as { code?: string }).code === DENIED) return DENIED;
      throw error;
    } finally {
      await app.query('ROLLBACK');
    }
  };
  /** Whose rows the app role sees; undefined where it may not read at all. */
  const owners = async (table: Table, tenantId = '', segment = ''): Promise<string[] | undefined> => {
    const seen = await attempt(`SELECT ${ownerColumn(table)} AS owner FROM ${table.name}`, tenantId, segment);
    return seen === DENIED ? undefined : seen.map(({ owner }) => owner!);
  };
  const isOnly = (seen: string[] | undefined, owner: string): boolean =>
    seen === undefined || (seen.length === 1 && seen[0] === owner);

  /** The tables about which the statement is not true. */
  const exceptions = async (holds: (table: Table) => Promise<boolean>): Promise<string[]> => {
    const names: string[] = [];
    for (const table of tables) if (!(await holds(table))) names.push(table.name);
    return names;
  };

  it('stand around every table the migrations made', () => {
    expect(tables.length).toBeGreaterThan(10);
  });

  it('let the app role read its own tenant alone, and nothing without one on the same connection afterwards', async () => {
    expect(await exceptions(async (table) => isOnly(await owners(table, CITY, SEGMENT), CITY))).toEqual([]);
    expect(await exceptions(async (table) => ((await owners(table)) ?? []).length === 0)).toEqual([]);
    expect(await exceptions(async (table) => isOnly(await owners(table, OTHER_CITY, SEGMENT), OTHER_CITY))).toEqual([]);
  });

  it('let it read of rows that live in a segment those of its own segment alone', async () => {
    const hidden = await exceptions(async (table) => ((await owners(table, CITY, 'my_number')) ?? [CITY]).length > 0);
    expect(hidden).toEqual(expect.arrayContaining(['api_keys', 'conversations', 'jobs', 'sessions']));
  });

  it('refuse every insert without a tenant, and every insert for another one', async () => {
    expect(await exceptions(async (table) => (await attempt(insertion(table, CITY))) === DENIED)).toEqual([]);
    expect(
      await exceptions(async (table) => (await attempt(insertion(table, CITY), OTHER_CITY, SEGMENT)) === DENIED),
    ).toEqual([]);
  });

  it('refuse to hand a row over to another tenant, to take one from it, and to delete its rows', async () => {
    const touches = async (statement: string): Promise<boolean> => {
      const outcome = await attempt(`${statement} RETURNING 1`, CITY, SEGMENT);
      return outcome !== DENIED && outcome.length > 0;
    };
    const give = (table: Table) => `UPDATE ${table.name} SET ${ownerColumn(table)} = '${OTHER_CITY}'`;
    const theirs = (table: Table) => `WHERE ${ownerColumn(table)} = '${OTHER_CITY}'`;
    expect(await exceptions(async (table) => !(await touches(give(table))))).toEqual([]);
    const take = (table: Table) => `UPDATE ${table.name} SET ${ownerColumn(table)} = '${CITY}' ${theirs(table)}`;
    expect(await exceptions(async (table) => !(await touches(take(table))))).toEqual([]);
    expect(await exceptions(async (table) => !(await touches(`DELETE FROM ${table.name} ${theirs(table)}`)))).toEqual(
      [],
    );
  });
});
