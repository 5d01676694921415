import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { type BulkTransaction, UNIQUE_VIOLATION, refusedWith } from '#libs/database';
import { Clock, SEGMENTS, type TenantId, VENDOR_TENANT_ID } from '#libs/kernel';
import { COLUMN_DEFINITIONS, importInvalid, openUsageFile } from './usage-file.ts';
import { CITIES, FAULTY_ROWS, type FaultyRow, faultOfCopy, faultsOf } from './usage-import-faults.ts';

/** What became of a file. */
export interface UsageImportReceipt {
  readonly rows: number;
  readonly recorded: number;
  /** Calls that were on record before, or stand in the file twice; the same figures, or the file is refused. */
  readonly duplicates: number;
  /** Of the recorded: those that no price rates yet. */
  readonly unrated: number;
}

interface CityShare {
  readonly city: TenantId;
  readonly calls: number;
  readonly unrated: number;
}

/** The memory sorts a file of usual size without a disk. */
const SETTINGS = `
  SELECT set_config('TimeZone', 'Asia/Tokyo', true), set_config('DateStyle', 'ISO, YMD', true),
    set_config('work_mem', '64MB', true)`;

const JST = `AT TIME ZONE 'Asia/Tokyo'`;

/**
 * A call is one call, whoever sends it again and for whom: its id follows from where it ran and what it was called there. What
 * more than one look at the rows needs is worked out once.
 */
const STAGE = `
  CREATE TEMP TABLE usage_import (line bigint GENERATED ALWAYS AS IDENTITY (CACHE 1000), ${COLUMN_DEFINITIONS},
    id uuid GENERATED ALWAYS AS (md5(deployment_id || '/' || call)::uuid) STORED,
    day date GENERATED ALWAYS AS ((accepted_at ${JST})::date) STORED) ON COMMIT DROP`;

/**
 * One statement: rates by model and day (a price begins with a day), records, and raises the budgets. Calls and cities are
 * taken in one order, because each is a lock to whoever sends the same at the same time; the calls in that of the index that
 * has each once.
 */
const recordBut = (onRecord: '' | 'ON CONFLICT DO NOTHING'): string => `
  WITH rated AS MATERIALIZED (
    SELECT d.model, d.day, r.billing_month, r.price_id, r.fx_rate_id
    FROM (SELECT DISTINCT model, day FROM usage_import) d
    CROSS JOIN LATERAL usage_rating(d.model, d.day::timestamp ${JST}) r),
  recorded AS (
    INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, segment, department_id, model, deployment_id,
      input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source,
      accepted_at, recorded_at, call, billing_month, price_id, fx_rate_id)
    SELECT DISTINCT ON (i.id) t.id, i.id, 'external_call', i.id, i.segment, d.id, i.model, i.deployment_id,
      i.input_tokens, i.output_tokens, i.cache_read_tokens, i.cache_write_tokens, i.input_characters,
      i.output_characters, 'provider', i.accepted_at, $1::timestamptz, i.call, r.billing_month, r.price_id, r.fx_rate_id
    FROM usage_import i
    JOIN ${CITIES} t ON t.code = i.city_code
    JOIN rated r ON r.model = i.model AND r.day = i.day
    LEFT JOIN departments d ON d.tenant_id = t.id AND d.code = i.department_code
    ORDER BY i.id, t.id
    ${onRecord}
    RETURNING tenant_id, department_id, accepted_at, price_id,
      input_tokens + output_tokens + cache_read_tokens + cache_write_tokens AS tokens),
  used AS MATERIALIZED (
    SELECT tenant_id, date_trunc('month', accepted_at ${JST})::date AS month, department_id, sum(tokens)::bigint AS tokens,
      count(*) AS calls, count(*) FILTER (WHERE price_id IS NULL) AS unrated
    FROM recorded GROUP BY 1, 2, 3),
  settled AS MATERIALIZED (
    SELECT tenant_id, calls, unrated, usage_import_settle(tenant_id, month, tokens, department_id)
    FROM (SELECT * FROM used ORDER BY tenant_id, month, department_id) u)
  SELECT tenant_id AS city, sum(calls)::integer AS calls, sum(unrated)::integer AS unrated
  FROM settled GROUP BY 1 ORDER BY 1`;

/** Expects that no call is on record, which spares it a look at each before it is written. */
const RECORD_NEW = recordBut('');
const RECORD_THE_REST = recordBut('ON CONFLICT DO NOTHING');

/** What a city is billed by, and who of it bears that. */
const BILLED_BY = [
  'model',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'input_characters',
  'output_characters',
  'accepted_at',
];

/** A row whose call is on record with something else: which of the two is right is for people to say. */
interface Contradiction {
  readonly line: string;
  /** Null where the figures or the department differ, not the city. */
  readonly otherCity: string | null;
}

const CONTRADICTIONS = `
  SELECT i.line, CASE WHEN o.id <> t.id THEN o.name END AS "otherCity"
  FROM usage_import i JOIN ${CITIES} t ON t.code = i.city_code
  LEFT JOIN departments d ON d.tenant_id = t.id AND d.code = i.department_code
  JOIN usage_records u ON u.subject_type = 'external_call' AND u.id = i.id
  JOIN tenants o ON o.id = u.tenant_id
  WHERE (${BILLED_BY.map((name) => `u.${name}`).join(', ')}) <> (${BILLED_BY.map((name) => `i.${name}`).join(', ')})
    OR u.department_id IS DISTINCT FROM d.id OR o.id <> t.id
  ORDER BY i.line LIMIT 20`;

const wordsFor = ({ otherCity }: Contradiction): string =>
  otherCity === null
    ? 'この呼出しは、別の数量または所属ですでに記録されています。'
    : `この呼出しは、${otherCity}の利用としてすでに記録されています。一つの呼出しは一つの団体にだけ請求できます。`;

/** Takes in usage of models outside the pool, from a file of any length, wholly or not at all. */
@Injectable()
export class UsageImport {
  constructor(
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * Records, rates and counts against the budgets whatever of a CSV file is not on record yet. The columns are those of
   * {@link USAGE_COLUMNS}, in any order; times without an offset are Japan's. Sent again, a file changes nothing.
   * @throws DomainError METERING.IMPORT_INVALID with row and column; METERING.IMPORT_TOO_LARGE
   */
  async take(tx: BulkTransaction, actor: AuditActor, body: AsyncIterable<Uint8Array>): Promise<UsageImportReceipt> {
    const file = await openUsageFile(body);
    await tx.query(SETTINGS);
    await tx.query(STAGE);
    let rows: number;
    try {
      rows = await tx.copyIn(`COPY usage_import (${file.columns.join(', ')}) FROM STDIN (FORMAT csv)`, file.rows);
    } catch (error) {
      throw faultOfCopy(error);
    }
    await tx.query('ANALYZE usage_import (city_code, department_code, model, day)');
    const now = this.clock.now();
    const faulty = await tx.query<FaultyRow>(FAULTY_ROWS, [now, SEGMENTS]);
    if (faulty.length > 0) throw importInvalid(...faulty.flatMap(faultsOf));

    const shares = await this.recordEach(tx, now);
    const recorded = sum(shares, ({ calls }) => calls);
    if (recorded < rows) await this.refuseContradictions(tx);
    const receipt = { rows, recorded, duplicates: rows - recorded, unrated: sum(shares, ({ unrated }) => unrated) };
    for (const { city, calls, unrated } of shares) await this.record(tx, actor, city, { recorded: calls, unrated });
    await this.record(tx, actor, VENDOR_TENANT_ID, receipt);
    return receipt;
  }

  /** Nearly every file is of new calls alone; in the order of ids a file that was sent before is found out by its first row. */
  private async recordEach(tx: BulkTransaction, now: Date): Promise<CityShare[]> {
    await tx.query('SAVEPOINT recording');
    try {
      return await tx.query<CityShare>(RECORD_NEW, [now]);
    } catch (error) {
      if (!refusedWith(error, UNIQUE_VIOLATION)) throw error;
      await tx.query('ROLLBACK TO SAVEPOINT recording');
      return tx.query<CityShare>(RECORD_THE_REST, [now]);
    }
  }

  private async refuseContradictions(tx: BulkTransaction): Promise<void> {
    const found = await tx.query<Contradiction>(CONTRADICTIONS);
    if (found.length === 0) return;
    throw importInvalid(...found.map((one) => ({ pointer: `/${Number(one.line) + 1}/call`, message: wordsFor(one) })));
  }

  private async record(
    tx: BulkTransaction,
    actor: AuditActor,
    chain: TenantId,
    details: Readonly<Record<string, number>>,
  ): Promise<void> {
    await tx.actOn(chain);
    await this.audit.append(tx, { action: 'usage.imported', actor, details });
  }
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
