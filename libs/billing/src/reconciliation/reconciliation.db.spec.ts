import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { FinanceDatabase, type Transaction, createDataSource } from '#libs/database';
import { newId } from '#libs/kernel';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { CostComparison } from './cost-comparison.ts';
import { CostReportImporter } from './cost-report-importer.ts';
import { CostReportWaivers } from './cost-report-waivers.ts';
import { Reconciliation } from './reconciliation.ts';
import { ReconciliationReport } from './reconciliation-report.ts';
import { UsageTypeModels } from './usage-type-models.ts';
import { VarianceEntries } from './variance-entries.ts';

const MONTH = '2026-10';
const AFTERWARDS = new Date('2026-11-04T01:00:00Z');
const CITY = newId();
const PRICE = newId();
const ACCOUNTANT = { type: 'vendor', id: newId() } as const;
const BOSS = { type: 'vendor', id: newId() } as const;

const clock = new FrozenClock(AFTERWARDS);

describe('reconciliation', () => {
  let testDatabase: TestDatabase;
  let superuser: Client;
  let source: DataSource;
  let database: FinanceDatabase;
  let importer: CostReportImporter;
  let waivers: CostReportWaivers;
  let entries: VarianceEntries;
  let reconciliation: Reconciliation;
  const report = new ReconciliationReport();
  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    superuser = new Client({ connectionString: testDatabase.urls.superuser });
    await superuser.connect();
    await superuser.query(
      `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
         created_at, updated_at) VALUES ($1, 'keiri', 'keiri', '経理', 'finance', 'x', now(), now(), now()),
         ($2, 'kacho', 'kacho', '課長', 'approver', 'x', now(), now(), now())`,
      [ACCOUNTANT.id, BOSS.id],
    );
    await superuser.query(`INSERT INTO tenants VALUES ($1, '990019', '市', 'active', now(), now())`, [CITY]);
    await superuser.query(
      `INSERT INTO model_prices (id, model, valid_from, currency, input_price, output_price, cache_read_price,
         cache_write_price, source, proposed_by, proposed_at, approved_by, approved_at)
       VALUES ($1, 'sonnet', '2026-01-01T00:00+09', 'USD', 3, 15, 0.3, 3.75, '試験', $2, now(), $3, now())`,
      [PRICE, ACCOUNTANT.id, BOSS.id],
    );
    source = await createDataSource(testDatabase.urls.finance, 4).initialize();
    database = new FinanceDatabase(source);
    const [comparison, audit] = [new CostComparison(clock), new AuditTrail(clock)];
    importer = new CostReportImporter(database, comparison, audit, clock);
    waivers = new CostReportWaivers(database, comparison, audit, clock);
    entries = new VarianceEntries(database, comparison, audit, clock);
    reconciliation = new Reconciliation(report, waivers, { unexplainedUsd: '10', unexplainedPercent: '0.5' });
    await new UsageTypeModels(database, comparison, audit, clock).set(ACCOUNTANT, [
      { usageType: 'APN1-Sonnet-input-tokens', productCode: '', model: 'sonnet', tokenKind: 'input' },
      { usageType: 'APN3-Sonnet-input-tokens', productCode: '', model: 'sonnet', tokenKind: 'input' },
    ]);
  });
  afterAll(async () => {
    await Promise.all([source.destroy(), superuser.end()]);
    await testDatabase.drop();
  });
  beforeEach(async () => {
    clock.set(AFTERWARDS);
    await superuser.query(
      'TRUNCATE cost_report_waivers, variance_entries, variances, reconciled_usage, removed_usage, cost_report_lines, cost_reports, usage_records, pool_deployments CASCADE',
    );
    await deployment('tokyo', 'ap-northeast-1');
  });

  const deployment = (id: string, region: string, { simulated = false, provider = 'bedrock' } = {}) =>
    superuser.query(
      `INSERT INTO pool_deployments (id, position, model, segments, provider, region, simulated, concurrency, output_burn_down)
       VALUES ($1, 1, 'sonnet', '{lgwan}', $4, $2, $3, 1, 1)`,
      [id, region, simulated, provider],
    );
  /** A million input tokens cost three dollars. */
  const used = (deploymentId: string, inputTokens: number, recordedAt: string) =>
    superuser.query(
      `INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, segment, model, deployment_id, input_tokens,
         output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source, accepted_at,
         recorded_at, billing_month, price_id)
       VALUES ($1, $2, 'job', $2, 'lgwan', 'sonnet', $3, $4, 0, 0, 0, 0, 0, 'provider', $5, $5, '2026-10-01', $6)`,
      [CITY, newId(), deploymentId, inputTokens, recordedAt, PRICE],
    );
  /** Its usage goes a few rows at a time, as a removal takes it. */
  const removeCity = async () => {
    const removal = new Client({ connectionString: testDatabase.urls.exit });
    await removal.connect();
    await superuser.query(
      `INSERT INTO city_exits (tenant_id, id, state, phase, reason, waiting_days, planned_by, planned_at, agreed_by, agreed_at,
         frozen_at, exported_at, handed_over_at, delete_from, deletion_started_at)
       VALUES ($1, $2, 'deleting', 'rows', '満了', 90, $3, now(), $3, now(), now(), now(), now(), '2026-11-01', now())`,
      [CITY, newId(), BOSS.id],
    );
    await removal.query(`SELECT set_config('app.tenant_id', $1, false)`, [CITY]);
    for (let gone = 1; gone;)
      gone = (
        await removal.query(
          'DELETE FROM usage_records WHERE ctid = ANY (ARRAY(SELECT ctid FROM usage_records LIMIT 3))',
        )
      ).rowCount!;
    await removal.end();
  };
  let files = 0;
  const bill = (...charges: [prefix: string, day: string, usd: string][]) => {
    files += 1;
    const header =
      'identity_line_item_id,line_item_usage_start_date,line_item_line_item_type,line_item_product_code,line_item_usage_type,line_item_usage_amount,line_item_unblended_cost,line_item_currency_code,product_region_code\n';
    const lines = charges.map(
      ([prefix, day, usd]) =>
        `${files},${day}T00:00:00Z,Usage,AmazonBedrock,${prefix}-Sonnet-input-tokens,1,${usd},USD,${prefix === 'APN1' ? 'ap-northeast-1' : 'ap-northeast-3'}\n`,
    );
    return importer.import(ACCOUNTANT, {
      month: MONTH,
      fileName: 'cur.csv',
      file: (async function* file() {
        yield Buffer.from([header, ...lines].join(''));
      })(),
    });
  };
  const finance = <Result>(work: (tx: Transaction) => Promise<Result>) => database.run(work);
  const variances = () => finance((tx) => report.variances(tx, MONTH));
  const settled = () =>
    finance((tx) => reconciliation.demandSettled(tx, MONTH)).then(
      () => 'settled',
      ({ code }: { code: string }) => code,
    );

  it('does not change for a past month because a city was removed since', async () => {
    await used('tokyo', 5_000_000, '2026-09-30T23:59:59Z');
    await used('tokyo', 1_000_000, '2026-10-01T00:00:00Z');
    await used('tokyo', 1_000_000, '2026-10-01T00:00:00Z');
    await used('tokyo', 1_000_000, '2026-10-31T23:59:59Z');
    await bill(['APN1', '2026-10-01', '9']);
    const [before] = await variances();
    await removeCity();
    await bill(['APN1', '2026-10-01', '10']);
    expect(await variances()).toEqual([{ ...before, providerUsd: '10', differenceUsd: '1', openUsd: '1' }]);
  });

  it('compares by UTC day, model and region, however many deployments stand there', async () => {
    await deployment('tokyo-2', 'ap-northeast-1');
    await deployment('osaka', 'ap-northeast-3');
    await used('tokyo', 1_000_000, '2026-10-01T00:00:00Z');
    await used('tokyo-2', 1_000_000, '2026-10-31T23:59:59Z');
    await used('osaka', 2_000_000, '2026-10-15T00:00:00Z');
    // Of a model outside the pool, taken in from a file: on another bill
    await used('elsewhere', 9_000_000, '2026-10-15T00:00:00Z');
    // In Japan these are of October, in the provider's calendar of September and November
    await used('tokyo', 5_000_000, '2026-09-30T23:59:59Z');
    await used('tokyo', 5_000_000, '2026-11-01T00:00:00Z');
    await bill(['APN1', '2026-10-01', '3'], ['APN1', '2026-10-31', '3.5'], ['APN3', '2026-10-15', '6']);
    expect(await variances()).toMatchObject([
      {
        region: 'ap-northeast-1',
        providerUsd: '6.5',
        ourUsd: '6',
        differenceUsd: '0.5',
        deployments: [
          { id: 'tokyo', calls: 1, usd: '3' },
          { id: 'tokyo-2', calls: 1, usd: '3' },
        ],
      },
      { region: 'ap-northeast-3', differenceUsd: '0' },
    ]);
    const days = await finance((tx) => report.days(tx, MONTH));
    expect(days.map(({ day, providerUsd, ourUsd }) => [day, providerUsd, ourUsd])).toEqual([
      ['2026-10-01', '3', '3'],
      ['2026-10-15', '6', '6'],
      ['2026-10-31', '3.5', '3'],
    ]);
  });

  it('asks a month without real Bedrock use for no report', async () => {
    await deployment('pretended', 'ap-northeast-1', { simulated: true });
    await deployment('own', 'ap-northeast-1', { provider: 'openai-compatible' });
    await used('pretended', 1_000_000, '2026-10-02T00:00:00Z');
    await used('own', 1_000_000, '2026-10-02T00:00:00Z');
    expect(await settled()).toBe('settled');
  });

  it('lets no invoice out without a report of the whole month', async () => {
    await used('tokyo', 1_000_000, '2026-10-02T00:00:00Z');
    expect(await settled()).toBe('RECONCILIATION.REPORT_MISSING');
    clock.set(new Date('2026-10-31T23:00:00Z'));
    await bill(['APN1', '2026-10-02', '3']);
    expect(await settled()).toBe('RECONCILIATION.REPORT_MISSING');
    clock.set(AFTERWARDS);
    await bill(['APN1', '2026-10-02', '3']);
    expect(await settled()).toBe('settled');
  });

  it('lets two people decide to do without one, and not one alone', async () => {
    await used('tokyo', 1_000_000, '2026-10-02T00:00:00Z');
    await waivers.propose(ACCOUNTANT, MONTH, '請求元の障害により取得できない');
    expect(await settled()).toBe('RECONCILIATION.REPORT_MISSING');
    await expect(waivers.approve(ACCOUNTANT, MONTH)).rejects.toMatchObject({ code: 'RECONCILIATION.SAME_PERSON' });
    await waivers.approve(BOSS, MONTH);
    expect(await settled()).toBe('settled');
    await expect(waivers.approve(BOSS, MONTH)).rejects.toMatchObject({ code: 'RECONCILIATION.ALREADY_DECIDED' });
    // A report that comes after all is what counts
    await bill(['APN1', '2026-10-02', '4']);
    expect(await settled()).toBe('RECONCILIATION.NOT_SETTLED');
  });

  it('holds invoices back while more is open than either limit allows, whatever its sign', async () => {
    await deployment('osaka', 'ap-northeast-3');
    await used('tokyo', 1_000_000_000, '2026-10-02T00:00:00Z');
    await used('osaka', 1_000_000_000, '2026-10-02T00:00:00Z');
    // 0.5 % of 6000 is 30: the ten dollars are less
    await bill(['APN1', '2026-10-02', '3005'], ['APN3', '2026-10-02', '2995']);
    expect(await settled()).toBe('settled');
    await bill(['APN1', '2026-10-02', '3005.01'], ['APN3', '2026-10-02', '2995']);
    expect(await settled()).toBe('RECONCILIATION.NOT_SETTLED');
  });

  it('accounts for a variance when one proposes and another approves, and opens it again when the bill moves', async () => {
    await used('tokyo', 1_000_000, '2026-10-02T00:00:00Z');
    await bill(['APN1', '2026-10-02', '5']);
    const { id } = (await variances())[0]!;
    await entries.propose(ACCOUNTANT, id, { kind: 'explained', explanation: '検証環境の呼出し' });
    await expect(entries.propose(BOSS, id, { kind: 'posted', explanation: '二重' })).rejects.toMatchObject({
      code: 'RECONCILIATION.ALREADY_PROPOSED',
    });
    const [proposed] = await variances();
    expect(proposed).toMatchObject({ openUsd: '2', entries: [{ kind: 'explained', usd: '2', approvedBy: null }] });
    const entry = proposed!.entries[0]!.id;
    await expect(entries.approve(ACCOUNTANT, entry)).rejects.toMatchObject({ code: 'RECONCILIATION.SAME_PERSON' });
    await entries.approve(BOSS, entry);
    expect(await variances()).toMatchObject([{ openUsd: '0', entries: [{ approvedBy: '課長', proposedBy: '経理' }] }]);
    expect(await settled()).toBe('settled');
    await expect(entries.withdraw(ACCOUNTANT, entry)).rejects.toMatchObject({ code: 'RECONCILIATION.ALREADY_DECIDED' });
    await expect(entries.propose(ACCOUNTANT, id, { kind: 'posted', explanation: '無' })).rejects.toMatchObject({
      code: 'RECONCILIATION.NOTHING_OPEN',
    });

    await bill(['APN1', '2026-10-02', '5.5']);
    expect(await variances()).toMatchObject([{ differenceUsd: '2.5', openUsd: '0.5', entries: [{ usd: '2' }] }]);
    expect(await settled()).toBe('RECONCILIATION.NOT_SETTLED');
    await entries.propose(ACCOUNTANT, id, { kind: 'posted', explanation: '原価として計上' });
    const [, rest] = (await variances())[0]!.entries;
    await entries.withdraw(ACCOUNTANT, rest!.id);
    expect(await variances()).toMatchObject([{ openUsd: '0.5', entries: [{ usd: '2' }] }]);
    const { rows } = await superuser.query(`SELECT count(*)::int AS count FROM usage_records`);
    expect(rows).toEqual([{ count: 1 }]);
  });

  it('keeps every act in the vendor’s trail', async () => {
    const { rows } = await superuser.query(
      `SELECT DISTINCT action FROM audit_entries WHERE action ~ '^(cost-report|variance|usage-type)' ORDER BY 1`,
    );
    expect(rows.map(({ action }) => action)).toEqual([
      'cost-report-waiver.approved',
      'cost-report-waiver.proposed',
      'cost-report.imported',
      'usage-type.mapped',
      'variance-entry.approved',
      'variance-entry.proposed',
      'variance-entry.withdrawn',
    ]);
  });
});
