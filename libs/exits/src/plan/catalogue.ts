import type { Transaction } from '#libs/database';

export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  /** Whether who asks may read it. */
  readonly isReadable: boolean;
}

export interface TableFacts {
  readonly name: string;
  readonly columns: readonly ColumnFacts[];
  /** Of the primary key, without the tenant it starts with. */
  readonly key: readonly string[];
  /** Other tables whose rows must go first, because they refer to this one. */
  readonly referredBy: readonly string[];
  /** Pairs of columns by which a row refers to another of this table. */
  readonly refersToItself: readonly { readonly here: string; readonly there: string }[];
}

const TABLES_OF_CITIES = `
  SELECT t.relname AS name,
    (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, NULL),
              'isReadable', has_column_privilege(t.oid, a.attnum, 'SELECT')) ORDER BY a.attnum)
     FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
    (SELECT coalesce(json_agg(a.attname ORDER BY k.place), '[]') FROM pg_index i
       CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (attnum, place)
       JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
     WHERE i.indrelid = t.oid AND i.indisprimary AND a.attname <> 'tenant_id') AS key,
    (SELECT coalesce(json_agg(DISTINCT f.conrelid::regclass::text), '[]') FROM pg_constraint f
     WHERE f.contype = 'f' AND f.confrelid = t.oid AND f.conrelid <> t.oid) AS "referredBy",
    (SELECT coalesce(json_agg(json_build_object('here', h.attname, 'there', o.attname)), '[]')
     FROM pg_constraint f CROSS JOIN LATERAL unnest(f.conkey, f.confkey) AS pair (here, there)
     JOIN pg_attribute h ON h.attrelid = t.oid AND h.attnum = pair.here
     JOIN pg_attribute o ON o.attrelid = t.oid AND o.attnum = pair.there
     WHERE f.contype = 'f' AND f.conrelid = t.oid AND f.confrelid = t.oid AND h.attname <> 'tenant_id') AS "refersToItself"
  FROM pg_class t WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p')
    AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
  ORDER BY t.relname`;

/** Every table with rows of cities, as the database itself describes it. */
export const tablesOfCities = (tx: Transaction): Promise<TableFacts[]> => tx.query<TableFacts>(TABLES_OF_CITIES);

/**
 * Such that what refers comes before what is referred to.
 * @throws Error when tables refer to each other in a circle
 */
export function removalOrder(tables: readonly TableFacts[]): TableFacts[] {
  const ordered: TableFacts[] = [];
  const waiting = new Map(tables.map((table) => [table.name, table]));
  while (waiting.size > 0) {
    const free = [...waiting.values()].filter(({ referredBy }) => !referredBy.some((other) => waiting.has(other)));
    if (free.length === 0) throw new Error(`tables refer to each other in a circle: ${[...waiting.keys()].join(', ')}`);
    for (const table of free) waiting.delete(table.name);
    ordered.push(...free);
  }
  return ordered;
}
