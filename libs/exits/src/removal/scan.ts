import { Inject, Injectable } from '@nestjs/common';
import { type CrossTenantTransaction, KEY_SERVICE, type KeyService } from '#libs/database';
import type { TenantId } from '#libs/kernel';
import { QUEUES, QueueHost } from '#libs/queue';
import { tablesOfCities } from '../plan/catalogue.ts';
import { TABLES } from '../plan/tables.ts';
import { holdsName } from './canaries.ts';

/** Something of the city in a place where nothing should be. */
export interface Finding {
  readonly place: string;
  /** `rows` are left, a `name` of its people stands there, a `delivery` waits, or a `key` is still there. */
  readonly kind: 'rows' | 'name' | 'delivery' | 'key';
  readonly count: number;
}

export interface ScanReport {
  /** Places looked at: tables, queues, the key store. */
  readonly places: number;
  /** Values read for names. */
  readonly values: number;
  readonly findings: readonly Finding[];
}

const PAGE = 2_000;

/** Accounts of the vendor's own people, who may share a name with somebody of the city, and what the law has written. */
const NOT_FOR_NAMES = new Set(['invoices']);

interface TextColumns {
  readonly table: string;
  readonly columns: string[];
  readonly isOfCities: boolean;
}

/** Every column that can hold words, of every table that the role may read. */
const TEXT_COLUMNS = `
  SELECT t.relname AS "table", json_agg(a.attname ORDER BY a.attnum) AS columns,
    EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = t.oid AND o.attname = 'tenant_id' AND NOT o.attisdropped) AS "isOfCities"
  FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p')
    AND has_table_privilege(t.oid, 'SELECT')
    AND format_type(a.atttypid, NULL) IN ('text', 'text[]', 'character varying', 'json', 'jsonb', 'bytea', 'name')
  GROUP BY t.oid, t.relname ORDER BY t.relname`;

/** Looks for what is left of a city: rows, names of its people, deliveries, keys. Role moyai_exit, bound to the city. */
@Injectable()
export class ExitScan {
  constructor(
    private readonly queues: QueueHost,
    @Inject(KEY_SERVICE) private readonly keys: KeyService,
  ) {}

  async run(tx: CrossTenantTransaction, tenantId: TenantId, exitId: string): Promise<ScanReport> {
    const findings: Finding[] = [];
    const tables = await tablesOfCities(tx);
    for (const { name } of tables) {
      const fate = TABLES[name]?.fate ?? 'removed';
      if (name === 'exit_canaries' || (fate !== 'removed' && !fate.except)) continue;
      const except = fate === 'removed' ? '' : ` AND (${fate.except})`;
      const [row] = await tx.query<{ count: number }>(
        `SELECT count(*)::float8 AS count FROM ${name} WHERE tenant_id = $1${except}`,
        [tenantId],
      );
      if (row!.count > 0) findings.push({ place: name, kind: 'rows', count: row!.count });
    }
    const { values, named, places } = await this.names(tx, tenantId, exitId);
    findings.push(...named);
    for (const contract of QUEUES) {
      const count = await this.queues.countOf(contract, tenantId);
      if (count > 0) findings.push({ place: contract.name, kind: 'delivery', count });
    }
    for (const place of await this.keys.traces(tenantId)) findings.push({ place, kind: 'key', count: 1 });
    return { places: tables.length + places + QUEUES.length + 1, values, findings };
  }

  private async names(tx: CrossTenantTransaction, tenantId: TenantId, exitId: string) {
    const rows = await tx.query<{ digest: string }>(
      `SELECT encode(digest, 'hex') AS digest FROM exit_canaries WHERE tenant_id = $1`,
      [tenantId],
    );
    const digests = new Set(rows.map(({ digest }) => digest));
    const named: Finding[] = [];
    let values = 0;
    const tables = (await tx.query<TextColumns>(TEXT_COLUMNS)).filter(({ table }) => !NOT_FOR_NAMES.has(table));
    for (const { table, columns, isOfCities } of tables) {
      let count = 0;
      for await (const text of textsOf(tx, tenantId, { table, columns, isOfCities })) {
        values += 1;
        if (holdsName(text, exitId, digests)) count += 1;
      }
      if (count > 0) named.push({ place: table, kind: 'name', count });
    }
    return { values, named, places: tables.length };
  }
}

async function* textsOf(
  tx: CrossTenantTransaction,
  tenantId: TenantId,
  { table, columns, isOfCities }: TextColumns,
): AsyncGenerator<string> {
  const values = columns.map((column) => `t.${column}::text`).join(', ');
  const own = isOfCities ? 'WHERE t.tenant_id = $1' : 'WHERE $1::uuid IS NOT NULL';
  await tx.query(`DECLARE texts NO SCROLL CURSOR FOR SELECT ARRAY[${values}]::text[] AS texts FROM ${table} t ${own}`, [
    tenantId,
  ]);
  let rows: { texts: (string | null)[] }[];
  do {
    rows = await tx.query(`FETCH ${PAGE} FROM texts`);
    for (const { texts } of rows) for (const text of texts) if (text !== null) yield readable(text);
  } while (rows.length === PAGE);
  await tx.query('CLOSE texts');
}

/** Bytes are shown as hexadecimal: what they say is looked at. */
const readable = (text: string): string =>
  /^\\x(?:[0-9a-f]{2})+$/.test(text) ? Buffer.from(text.slice(2), 'hex').toString('utf8') : text;
