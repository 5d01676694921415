import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

describe('a test database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const connected = async <T>(url: string, work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };

  it('lets every role of the product sign in, none of them above row-level security', async () => {
    const { superuser: _, ...urls } = database.urls;
    for (const url of Object.values(urls)) {
      const rows = await connected(url, (client) =>
        client.query('SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user'),
      );
      expect(rows.rows).toEqual([{ rolsuper: false, rolbypassrls: false }]);
    }
  });

  it('is a copy of its own: what one writes another does not see', async () => {
    await using other = await createTestDatabase();
    await connected(database.urls.superuser, (client) => client.query('CREATE TABLE mine (id int)'));
    const found = await connected(other.urls.superuser, (client) => client.query("SELECT to_regclass('mine') AS mine"));
    expect(found.rows).toEqual([{ mine: null }]);
  });
});
