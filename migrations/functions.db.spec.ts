import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '#libs/testing';

const FOLDER = fileURLToPath(new URL('functions/', import.meta.url));

/** A function of ours and, where one name takes several kinds of arguments, all of them. Extensions bring none. */
const DEFINITIONS = `
  SELECT proname AS name, string_agg(rtrim(pg_get_functiondef(oid), E'\\n') || E';\\n', E'\\n' ORDER BY oid::regprocedure::text) AS definition
  FROM pg_proc WHERE pronamespace = 'public'::regnamespace GROUP BY 1 ORDER BY 1`;

describe('what the functions of the database say after all migrations', () => {
  it('stands in migrations/functions, a file for each (vitest -u writes them)', async () => {
    await using database = await createTestDatabase();
    const client = new Client({ connectionString: database.urls.superuser });
    await client.connect();
    const { rows } = await client.query<{ name: string; definition: string }>(DEFINITIONS);
    await client.end();
    const files = readdirSync(FOLDER).toSorted();
    for (const { name, definition } of rows) await expect(definition).toMatchFileSnapshot(`${FOLDER}${name}.sql`);
    expect(files).toEqual(rows.map(({ name }) => `${name}.sql`));
  });
});
