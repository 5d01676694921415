import { Global, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditModule } from '#libs/audit';
import { CostReportImporter, ReconciliationModule, ReconciliationReport, UsageTypeModels } from '#libs/billing';
import { DatabaseModule, FinanceDatabase } from '#libs/database';
import { JobFollower, JobIntake } from '#libs/jobs';
import { Clock, SystemClock, newId } from '#libs/kernel';
import { costReport, usageTypeOf } from '../../model-simulator/src/cost-report.ts';
import { type House, openHouse } from '../test/job-house.ts';

const MODEL = 'jp.anthropic.claude';
const PRICE = { input: '3.3', output: '16.5', cacheRead: '0.33', cacheWrite: '4.125' };
/** As the simulator and as reconciliation name them. */
const KINDS = { input: 'input', output: 'output', cacheRead: 'cache_read', cacheWrite: 'cache_write' } as const;
const KIND_NAMES = Object.keys(KINDS) as (keyof typeof KINDS)[];
const ACCOUNTANT = { type: 'vendor', id: newId() } as const;
const month = new Date().toISOString().slice(0, 7);

@Global()
@Module({ providers: [{ provide: Clock, useClass: SystemClock }], exports: [Clock] })
class ClockModule {}

describe('real calls against the bill that the provider writes for them', () => {
  let house: House;
  let finance: INestApplicationContext;
  let superuser: Client;
  beforeAll(async () => {
    house = await openHouse('postgres');
    const { urls } = house.database;
    superuser = new Client({ connectionString: urls.superuser });
    await superuser.connect();
    await superuser.query(
      `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
         created_at, updated_at) VALUES ($1, 'keiri', 'keiri', '経理', 'finance', 'x', now(), now(), now()),
         ($2, 'kacho', 'kacho', '課長', 'approver', 'x', now(), now(), now())`,
      [ACCOUNTANT.id, newId()],
    );
    await superuser.query(
      `INSERT INTO model_prices (id, model, valid_from, currency, input_price, output_price, cache_read_price,
         cache_write_price, source, proposed_by, proposed_at, approved_by, approved_at)
       SELECT $1, 'claude', '2026-01-01T00:00+09', 'USD', $2, $3, $4, $5, '試験', $6, now(), id, now()
       FROM vendor_users WHERE login_id = 'kacho'`,
      [newId(), PRICE.input, PRICE.output, PRICE.cacheRead, PRICE.cacheWrite, ACCOUNTANT.id],
    );
    await superuser.query(
      `INSERT INTO fx_rates (id, valid_from, jpy_per_usd, source, proposed_by, proposed_at, approved_by, approved_at)
       SELECT $1, '2026-01-01T00:00+09', 150, '試験', $2, now(), id, now() FROM vendor_users WHERE login_id = 'kacho'`,
      [newId(), ACCOUNTANT.id],
    );

    @Module({
      imports: [
        ClockModule,
        AuditModule,
        DatabaseModule.forRoot({ ...house.config, vendorDatabase: { opsUrl: urls.ops, financeUrl: urls.finance } }),
        ReconciliationModule.forRoot({ unexplainedUsd: '10', unexplainedPercent: '0.5' }),
      ],
    })
    class FinanceApp {}
    finance = await NestFactory.createApplicationContext(FinanceApp, { logger: false, abortOnError: false });

    house.simulator.behaviour.replace({ cacheReadShare: 0.5, cacheWriteShare: 0.3 });
    await house.startWorker();
    for (const content of ['公園の利用案内の文案', '予算の要点', '避難所の開設手順']) {
      const message = { role: 'user' as const, content: `${content}を作ってください。` };
      const { id } = await house.intake.get(JobIntake).accept(house.requester, { kind: 'chat', messages: [message] });
      const signal = AbortSignal.timeout(15_000);
      for await (const _ of house.intake.get(JobFollower).follow(house.requester, id, { signal }));
    }
  });
  afterAll(async () => {
    await finance.close();
    await superuser.end();
    await house.close();
  });

  const importReport = (csv: string) =>
    finance.get(CostReportImporter).import(ACCOUNTANT, {
      month,
      fileName: 'cur.csv',
      file: (async function* file() {
        yield Buffer.from(csv);
      })(),
    });
  const read = <Result>(
    work: (report: ReconciliationReport, tx: Parameters<ReconciliationReport['days']>[0]) => Promise<Result>,
  ) => finance.get(FinanceDatabase).run((tx) => work(finance.get(ReconciliationReport), tx));
  const bill = () => costReport(house.simulator.ledger.list(), { month, prices: { [MODEL]: PRICE } });

  it('shows lines that nobody has mapped, and compares nothing in silence', async () => {
    await importReport(bill());
    const unmapped = await read((report, tx) => report.unmapped(tx, month));
    expect(unmapped.map(({ usageType }) => usageType).toSorted()).toEqual(
      KIND_NAMES.map((kind) => usageTypeOf('ap-northeast-1', MODEL, kind)).toSorted(),
    );
    // A simulated model that the bill does not name is nobody's variance
    expect(await read((report, tx) => report.variances(tx, month))).toMatchObject([{ model: null, ourUsd: '0' }]);
  });

  it('comes out even to the last digit, by month, deployment and day, once its usage types are mapped', async () => {
    await finance.get(UsageTypeModels).set(
      ACCOUNTANT,
      KIND_NAMES.map((kind) => ({
        usageType: usageTypeOf('ap-northeast-1', MODEL, kind),
        productCode: '',
        model: 'claude',
        tokenKind: KINDS[kind],
      })),
    );
    const ledger = house.simulator.ledger.list();
    expect(ledger.map(({ state }) => state)).toEqual(['completed', 'completed', 'completed']);
    const [variance, ...others] = await read((report, tx) => report.variances(tx, month));
    expect(others).toEqual([]);
    expect(variance).toMatchObject({
      model: 'claude',
      region: 'ap-northeast-1',
      differenceUsd: '0',
      openUsd: '0',
      entries: [],
    });
    expect(variance!.providerUsd).toBe(variance!.ourUsd);
    expect(Number(variance!.ourUsd)).toBeGreaterThan(0);
    expect(variance!.deployments).toMatchObject([
      { id: 'simulated', calls: 3, unratedCalls: 0, usd: variance!.ourUsd },
    ]);
    expect(await read((report, tx) => report.unmapped(tx, month))).toEqual([]);
    for (const day of await read((report, tx) => report.days(tx, month))) expect(day.providerUsd).toBe(day.ourUsd);
  });

  it('finds the very amount that a line taken out of the bill was about', async () => {
    const [header, ...lines] = bill().trim().split('\n');
    const [gone, ...left] = lines;
    await importReport([header, ...left].join('\n'));
    const cost = header!.split(',').indexOf('line_item_unblended_cost');
    const [variance] = await read((report, tx) => report.variances(tx, month));
    expect(Number(variance!.differenceUsd)).toBeCloseTo(-Number(gone!.split(',')[cost]), 12);
    expect(variance!.openUsd).toBe(variance!.differenceUsd);
  });

  it('takes no file twice, and nothing of one that is refused', async () => {
    await expect(importReport(bill())).rejects.toMatchObject({ code: 'RECONCILIATION.REPORT_DUPLICATE' });
    await expect(importReport(`${bill()}x`)).rejects.toMatchObject({ code: 'RECONCILIATION.FILE_UNREADABLE' });
    // The second one still counts
    const reports = await read((report, tx) => report.list(tx, { before: null, limit: 10 }));
    expect(reports.map(({ replacedAt }) => replacedAt === null)).toEqual([true, false]);
    const { rows } = await superuser.query(`SELECT action FROM audit_entries WHERE action = 'cost-report.imported'`);
    expect(rows).toHaveLength(2);
  });
});
