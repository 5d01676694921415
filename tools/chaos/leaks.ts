import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChaosHouse } from './house.ts';

/** Where the planted word can be read that should be sealed everywhere: tables, files, metrics. Empty when it is nowhere. */
export async function findLeaks(house: ChaosHouse, canary: string): Promise<string[]> {
  return [
    ...(await inTables(house, canary)),
    ...((await house.metrics()).includes(canary) ? ['metrics'] : []),
    ...inFiles(house.logDirectory, canary),
    ...(house.redisFiles ? inFiles(house.redisFiles, canary) : []),
  ];
}

/** As text and, for bytes, as PostgreSQL writes them. */
async function inTables(house: ChaosHouse, canary: string): Promise<string[]> {
  const tables = await house.sql<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await house.sql<{ rows: number }>(
      `SELECT count(*)::integer AS rows FROM ${name} t
       WHERE strpos(t::text, $1) > 0 OR strpos(t::text, encode(convert_to($1, 'UTF8'), 'hex')) > 0`,
      [canary],
    );
    if (row!.rows > 0) found.push(`table ${name}: ${row!.rows} rows`);
  }
  return found;
}

function inFiles(directory: string, canary: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(canary))
    .map((file) => `file ${file}`);
}
