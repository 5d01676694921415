import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, createTestDatabase } from '#libs/testing';
import { DATABASE_LAWS, type DatabaseLawName } from './database-laws.ts';

const COLUMNS = 'tenant_id uuid NOT NULL, id uuid NOT NULL';
const WALL = 'USING (tenant_id = app_tenant_id()) WITH CHECK (tenant_id = app_tenant_id())';
const createGood = (name: string, more = 'PRIMARY KEY (tenant_id, id)') => `
  CREATE TABLE ${name} (${COLUMNS}, ${more});
  ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${name} FORCE ROW LEVEL SECURITY;
  CREATE POLICY wall ON ${name} TO moyai_app ${WALL}`;

/** For each law ways to break it, each with a piece of the report it must cause. */
const VIOLATIONS: Record<DatabaseLawName, readonly (readonly [statements: string, reported: string])[]> = {
  tenantColumn: [['CREATE TABLE bad (id uuid PRIMARY KEY)', 'bad']],
  forcedRowSecurity: [
    [`${createGood('bad')}; ALTER TABLE bad NO FORCE ROW LEVEL SECURITY`, 'bad'],
    ['ALTER TABLE jobs DISABLE ROW LEVEL SECURITY', 'jobs'],
    ['ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY', 'tenants'],
  ],
  tenantPolicy: [
    [`${createGood('bad')}; DROP POLICY wall ON bad`, 'bad: no policy'],
    ['CREATE POLICY hole ON departments TO moyai_app USING (true) WITH CHECK (true)', 'departments: hole'],
    ['CREATE POLICY hole ON departments FOR SELECT USING (true)', 'departments: hole'],
    [`CREATE POLICY hole ON jobs TO moyai_app ${WALL}`, 'jobs: hole'],
    [`${createGood('bad')}; ALTER POLICY wall ON bad WITH CHECK (true)`, 'bad: wall'],
  ],
  policyBothWays: [['CREATE POLICY half ON departments TO moyai_ops USING (true)', 'departments: half']],
  tenantFirstKey: [
    [createGood('bad', 'PRIMARY KEY (id, tenant_id)'), 'bad'],
    [createGood('bad', 'x int'), 'bad'],
  ],
  tenantInUniqueIndexes: [['CREATE UNIQUE INDEX bad ON members (login_id_key)', 'bad']],
  tenantInForeignKeys: [
    [
      `CREATE UNIQUE INDEX by_id ON members (id);
       ${createGood('bad', 'PRIMARY KEY (tenant_id, id), CONSTRAINT loose FOREIGN KEY (id) REFERENCES members (id)')}`,
      'bad: loose',
    ],
    [
      createGood(
        'bad',
        'other uuid, PRIMARY KEY (tenant_id, id), CONSTRAINT crossed FOREIGN KEY (id, tenant_id) REFERENCES members (tenant_id, id)',
      ),
      'bad: crossed',
    ],
    [
      createGood('bad', 'PRIMARY KEY (tenant_id, id), CONSTRAINT loose FOREIGN KEY (id) REFERENCES tenants'),
      'bad: loose',
    ],
  ],
  viewsObeyTheReader: [
    ['CREATE VIEW bad AS SELECT id FROM jobs', 'bad'],
    ['CREATE VIEW bad WITH (security_invoker = false) AS SELECT id FROM jobs', 'bad'],
    ['CREATE MATERIALIZED VIEW bad AS SELECT id FROM jobs', 'bad'],
  ],
  powerlessRoles: [
    ['RESET ROLE; ALTER ROLE moyai_app BYPASSRLS', 'moyai_app'],
    ['RESET ROLE; ALTER ROLE moyai_finance CREATEROLE', 'moyai_finance'],
    ['RESET ROLE; ALTER ROLE moyai_owner LOGIN', 'moyai_owner'],
    ['RESET ROLE; GRANT moyai_owner TO moyai_ops', 'moyai_ops is a member of moyai_owner'],
  ],
  ownsNothing: [
    ['RESET ROLE; ALTER TABLE jobs OWNER TO moyai_app', 'jobs belongs to moyai_app'],
    ['RESET ROLE; ALTER FUNCTION app_tenant_id() OWNER TO moyai_ops', 'app_tenant_id belongs to moyai_ops'],
    ['RESET ROLE; GRANT CREATE ON SCHEMA public TO moyai_app', 'moyai_app creates in public'],
  ],
  noTableWidePowers: [
    ['GRANT TRUNCATE ON jobs TO moyai_app', 'moyai_app on jobs'],
    ['GRANT TRIGGER ON jobs TO moyai_admission', 'moyai_admission on jobs'],
  ],
  nothingForEverybody: [
    ['GRANT SELECT ON purposes TO PUBLIC', 'purposes'],
    ['GRANT SELECT (name) ON purposes TO PUBLIC', 'purposes.name'],
  ],
  vendorReadsNoContent: [
    ['GRANT SELECT ON jobs TO moyai_ops', 'jobs.input_sealed to moyai_ops'],
    [
      'GRANT SELECT (title_sealed) ON conversations TO moyai_admission',
      'conversations.title_sealed to moyai_admission',
    ],
    ['GRANT SELECT (password_hash) ON vendor_users TO moyai_finance', 'vendor_users.password_hash to moyai_finance'],
    ['GRANT SELECT (wrapped_key) ON tenant_data_keys TO moyai_ops', 'tenant_data_keys.wrapped_key to moyai_ops'],
  ],
  vendorReachesContentByAccess: [
    [
      `CREATE FUNCTION bad() RETURNS SETOF bytea LANGUAGE sql SECURITY DEFINER AS 'SELECT input_sealed FROM jobs'`,
      'bad to moyai_ops',
    ],
    [
      `CREATE OR REPLACE FUNCTION content_access_read(p_access uuid, p_reader uuid, p_conversation uuid, p_job uuid)
       RETURNS TABLE (id uuid, conversation_id uuid, status text, model text, error_code text, finish_reason text, input_bytes integer,
         output_bytes integer, accepted_at timestamptz, finished_at timestamptz, input_sealed bytea, output_sealed bytea)
       LANGUAGE sql SECURITY DEFINER AS
       'SELECT id, conversation_id, status, model, error_code, finish_reason, input_bytes, output_bytes, accepted_at, finished_at,
          input_sealed, output_sealed FROM jobs'`,
      'content_access_read to moyai_ops',
    ],
  ],
  vendorKnowsNoNames: [
    ['GRANT SELECT ON members TO moyai_ops', 'members.display_name to moyai_ops'],
    ['GRANT SELECT (member_id) ON usage_records TO moyai_finance', 'usage_records.member_id to moyai_finance'],
  ],
  auditIsWrittenByItsFunction: [
    ['GRANT INSERT ON audit_entries TO moyai_app', 'moyai_app on audit_entries'],
    ['GRANT UPDATE (hash) ON audit_heads TO moyai_ops', 'moyai_ops on audit_heads'],
    ['GRANT UPDATE (hash) ON audit_entries TO moyai_exit', 'moyai_exit on audit_entries'],
  ],
  removedOnlyWhenLeaving: [
    ['CREATE POLICY hole ON jobs FOR DELETE TO moyai_exit USING (tenant_id = app_tenant_id())', 'jobs: hole'],
    ['GRANT UPDATE (output_sealed) ON jobs TO moyai_exit', 'jobs.output_sealed to moyai_exit'],
  ],
  definerFunctions: [
    ['GRANT EXECUTE ON FUNCTION tenant_by_code(text) TO PUBLIC', 'tenant_by_code'],
    ['ALTER FUNCTION tenant_by_code(text) RESET search_path', 'tenant_by_code'],
    ['ALTER FUNCTION tenant_by_code(text) SET search_path = pg_catalog, public', 'tenant_by_code'],
    ['RESET ROLE; ALTER FUNCTION tenant_by_code(text) OWNER TO moyai_migrator', 'tenant_by_code'],
  ],
};

const NAMES = Object.keys(DATABASE_LAWS) as DatabaseLawName[];

describe('the laws of the database', () => {
  let test: TestDatabase;
  let client: Client;
  beforeAll(async () => {
    test = await createTestDatabase();
    client = new Client({ connectionString: test.urls.superuser });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await test.drop();
  });
  // What breaks a law stays inside a transaction that never commits; roles belong to the whole server.
  beforeEach(() => client.query('BEGIN'));
  afterEach(() => client.query('ROLLBACK'));

  const breaches = async (name: DatabaseLawName): Promise<string[]> => {
    const { rows } = await client.query<string[]>({ text: DATABASE_LAWS[name].breaches, rowMode: 'array' });
    return rows.map(([breach]) => breach!);
  };

  it.each(NAMES.map((name) => [DATABASE_LAWS[name].says, name] as const))('hold: %s', async (_, name) => {
    expect(await breaches(name)).toEqual([]);
  });

  describe.each(NAMES)('%s', (name) => {
    it.each(VIOLATIONS[name])('notices %s', async (statements, reported) => {
      await client.query(`SET LOCAL ROLE moyai_owner; ${statements}; RESET ROLE`);
      expect(await breaches(name)).toContain(reported);
    });
  });

  it('see nothing wrong in a table that obeys them, nor in a policy that narrows its wall', async () => {
    const narrowed = `CREATE POLICY fewer ON good AS RESTRICTIVE TO moyai_app USING (id IS NOT NULL) WITH CHECK (true)`;
    await client.query(`SET LOCAL ROLE moyai_owner; ${createGood('good')}; ${narrowed}; RESET ROLE`);
    for (const name of NAMES) expect(await breaches(name)).toEqual([]);
  });
});
