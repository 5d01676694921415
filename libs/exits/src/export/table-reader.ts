import type { TenantDatabase, TenantScope, TenantSeal } from '#libs/database';
import type { TableFacts } from '../plan/catalogue.ts';
import type { SealedColumn, Taken } from '../plan/tables.ts';

/** Rows of one statement: what is in memory at a time. Content may be as long as an answer is. */
const PAGE = 1_000;
const PAGE_WITH_CONTENT = 100;

type TakenTable = Exclude<Taken, { leftOut: string }>;

interface PageRow {
  json: string;
  key: string[];
  [sealed: string]: unknown;
}

/** The columns that leave, in the table's order: what the city's members may read, without the secrets. */
export const columnsOf = ({ columns }: TableFacts, { sealed = [], withheld = [] }: TakenTable): string[] =>
  columns
    .filter(({ name, isReadable }) => isReadable && !withheld.includes(name))
    .map(({ name }) => name)
    .filter((name) => !sealed.some(({ column }) => column === name));

/**
 * The rows of a table as one JSON object each, in order of the key, with content opened. Read page by page with the rights
 * of the city itself: row-level security shows what can be seen from the network of the scope.
 */
export async function* rowsOf(
  database: TenantDatabase,
  scope: TenantScope,
  seal: TenantSeal,
  facts: TableFacts,
  taken: TakenTable,
): AsyncGenerator<string> {
  const page = taken.sealed ? PAGE_WITH_CONTENT : PAGE;
  const statement = statementOf(facts, taken, page);
  let after: string[] | null = null;
  do {
    const from: string[] | null = after;
    const rows: PageRow[] = await database.run(scope, (tx) =>
      tx.query<PageRow>(from ? statement.next : statement.first, [scope.tenantId, ...(from ?? [])]),
    );
    for (const row of rows) yield withContent(row, seal, taken.sealed ?? []);
    after = rows.length === page && facts.key.length > 0 ? rows.at(-1)!.key : null;
  } while (after);
}

function statementOf(facts: TableFacts, taken: TakenTable, page: number): { first: string; next: string } {
  const { name, key, columns } = facts;
  const sealed = taken.sealed ?? [];
  const shown = columnsOf(facts, taken).map((column) => `t.${column}`);
  const places = sealed.map(({ column, rowId = ['id'] }) => [
    `t.${column}`,
    `concat_ws('/', ${rowId.map((part) => `t.${part}`).join(', ')}) AS ${column}_row`,
  ]);
  const select = `
    SELECT row_to_json(v)::text AS json, ARRAY[${key.map((column) => `t.${column}::text`).join(', ')}]::text[] AS key
      ${places
        .flat()
        .map((place) => `, ${place}`)
        .join('')}
    FROM ${name} t CROSS JOIN LATERAL (SELECT ${shown.join(', ')}) v WHERE t.tenant_id = $1`;
  const order = key.length > 0 ? `ORDER BY ${key.map((column) => `t.${column}`).join(', ')} LIMIT ${page}` : '';
  const typeOf = (column: string) => columns.find((candidate) => candidate.name === column)!.type;
  const values = key.map((column, index) => `$${index + 2}::text::${typeOf(column)}`);
  const beyond = `AND (${key.map((column) => `t.${column}`).join(', ')}) > (${values.join(', ')})`;
  return { first: `${select} ${order}`, next: `${select} ${beyond} ${order}` };
}

/** Spliced and not parsed: a number keeps every digit the database has of it. */
function withContent(row: PageRow, seal: TenantSeal, sealed: readonly SealedColumn[]): string {
  let { json } = row;
  for (const { column, as, json: isJson = false } of sealed) {
    const bytes = row[column] as Buffer | null;
    const place = { rowId: row[`${column}_row`] as string, column: as };
    const text = bytes && seal.open(place, bytes);
    json = `${json.slice(0, -1)},${JSON.stringify(as)}:${isJson && text !== null ? text : JSON.stringify(text)}}`;
  }
  return json;
}
