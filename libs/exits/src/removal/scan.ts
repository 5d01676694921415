import { Inject, Injectable } from '@nestjs/common';
import { type CrossTenantTransaction, KEY_SERVICE, type KeyService } from '#libs/database';
import type { TenantId } from '#libs/kernel';
import { QUEUES, QueueHost } from '#libs/queue';
import { tablesOfCities } from '../plan/catalogue.ts';
import { TABLES } from '../plan/tables.ts';
import { type Canaries, digestOfText, hashOfTexts, namesPerson } from './canaries.ts';

/** Something of the city in a place where nothing should be. */
export interface Finding {
  readonly place: string;
  /** Of a name: the column it stands in. What stands there is not repeated. */
  readonly column: string | null;
  /** `rows` are left, a `name` of its people stands there, a `delivery` waits, or a `key` is still there. */
  readonly kind: 'rows' | 'name' | 'delivery' | 'key';
  readonly count: number;
  /** Of a name: which texts it was found in. */
  readonly textsSha256: string | null;
}

/** A finding that two of the vendor's people judged not to be of the city. */
export interface ClearedFinding {
  readonly place: string;
  readonly column: string;
  readonly count: number;
  readonly reason: string;
  readonly judgedAt: Date;
  readonly confirmedAt: Date;
}

export interface ScanReport {
  /** Places looked at: tables, queues, the key store. */
  readonly places: number;
  /** Values read for names. */
  readonly values: number;
  readonly findings: readonly Finding[];
  readonly cleared: readonly ClearedFinding[];
}

const PAGE = 2_000;

/** What the law has written. Accounts of the vendor's own people are not this role's to read. */
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
      if (row!.count > 0) findings.push(left(name, 'rows', row!.count));
    }
    const { values, named, places } = await this.names(tx, tenantId, exitId);
    const { stands, cleared } = await this.judged(tx, tenantId, exitId, named);
    findings.push(...stands);
    for (const contract of QUEUES) {
      const count = await this.queues.countOf(contract, tenantId);
      if (count > 0) findings.push(left(contract.name, 'delivery', count));
    }
    for (const place of await this.keys.traces(tenantId)) findings.push(left(place, 'key', 1));
    return { places: tables.length + places + QUEUES.length + 1, values, findings, cleared };
  }

  private async names(tx: CrossTenantTransaction, tenantId: TenantId, exitId: string) {
    const rows = await tx.query<{ digest: string }>(
      `SELECT encode(digest, 'hex') AS digest FROM exit_canaries WHERE tenant_id = $1`,
      [tenantId],
    );
    const [city] = await tx.query<{ code: string }>('SELECT code FROM tenants WHERE id = $1', [tenantId]);
    const canaries: Canaries = {
      salt: exitId,
      digests: new Set(rows.map(({ digest }) => digest)),
      cityCode: city!.code,
    };
    const named: NamedFinding[] = [];
    let values = 0;
    const tables = (await tx.query<TextColumns>(TEXT_COLUMNS)).filter(({ table }) => !NOT_FOR_NAMES.has(table));
    for (const { table, columns, isOfCities } of tables) {
      const found = new Map<string, string[]>();
      for await (const { column, text } of textsOf(tx, tenantId, { table, columns, isOfCities })) {
        values += 1;
        if (!namesPerson(text, column, canaries)) continue;
        const digests = found.get(column) ?? [];
        found.set(column, digests);
        digests.push(digestOfText(exitId, text));
      }
      for (const [column, digests] of found)
        named.push({
          place: table,
          column,
          kind: 'name',
          count: digests.length,
          textsSha256: hashOfTexts(digests),
        });
    }
    return { values, named, places: tables.length };
  }

  /** What two people judged is cleared as long as the very same texts are found. */
  private async judged(tx: CrossTenantTransaction, tenantId: TenantId, exitId: string, named: readonly NamedFinding[]) {
    const judgements = await tx.query<ClearedFinding & { textsSha256: string }>(
      `SELECT place, column_name AS column, count::float8 AS count, encode(texts_sha256, 'hex') AS "textsSha256", reason,
         judged_at AS "judgedAt", confirmed_at AS "confirmedAt"
       FROM exit_judgements WHERE tenant_id = $1 AND exit_id = $2 AND confirmed_at IS NOT NULL ORDER BY place, column_name`,
      [tenantId, exitId],
    );
    const isOf = (one: NamedFinding) => (judgement: (typeof judgements)[number]) =>
      judgement.place === one.place && judgement.column === one.column && judgement.textsSha256 === one.textsSha256;
    return {
      stands: named.filter((one) => !judgements.some(isOf(one))),
      cleared: judgements
        .filter((judgement) => named.some((one) => isOf(one)(judgement)))
        .map(({ place, column, count, reason, judgedAt, confirmedAt }) => ({
          place,
          column,
          count,
          reason,
          judgedAt,
          confirmedAt,
        })),
    };
  }
}

type NamedFinding = Finding & { readonly column: string };

const left = (place: string, kind: 'rows' | 'delivery' | 'key', count: number): Finding => ({
  place,
  column: null,
  kind,
  count,
  textsSha256: null,
});

async function* textsOf(
  tx: CrossTenantTransaction,
  tenantId: TenantId,
  { table, columns, isOfCities }: TextColumns,
): AsyncGenerator<{ column: string; text: string }> {
  const values = columns.map((column) => `t.${column}::text`).join(', ');
  const own = isOfCities ? 'WHERE t.tenant_id = $1' : 'WHERE $1::uuid IS NOT NULL';
  await tx.query(`DECLARE texts NO SCROLL CURSOR FOR SELECT ARRAY[${values}]::text[] AS texts FROM ${table} t ${own}`, [
    tenantId,
  ]);
  let rows: { texts: (string | null)[] }[];
  do {
    rows = await tx.query(`FETCH ${PAGE} FROM texts`);
    for (const { texts } of rows)
      for (const [index, text] of texts.entries())
        if (text !== null) yield { column: columns[index]!, text: readable(text) };
  } while (rows.length === PAGE);
  await tx.query('CLOSE texts');
}

/** Bytes are shown as hexadecimal: what they say is looked at. */
const readable = (text: string): string =>
  /^\\x(?:[0-9a-f]{2})+$/.test(text) ? Buffer.from(text.slice(2), 'hex').toString('utf8') : text;
