import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DataSource } from 'typeorm';
import { FinanceDatabase, TenantDatabase, type TenantScope, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { Metrics } from '#libs/observability';
import { type TestDatabase, createTestDatabase } from '#libs/testing';
import { UsageRecorder } from './usage-recorder.ts';

const USAGE = {
  inputTokens: 30,
  outputTokens: 50,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  inputCharacters: 40,
  outputCharacters: 60,
};
/** 00:00 of 1 July in Japan. */
const JULY = '2026-06-30T15:00:00Z';

let testDatabase: TestDatabase;
let everything: DataSource;
let app: DataSource;
let finance: DataSource;
let scope: TenantScope;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  everything = await createDataSource(testDatabase.urls.superuser, 2).initialize();
  app = await createDataSource(testDatabase.urls.app, 4).initialize();
  finance = await createDataSource(testDatabase.urls.finance, 2).initialize();
  scope = { tenantId: tenantId(newId()), segment: 'lgwan' };
  await everything.query(`INSERT INTO tenants VALUES ($1, '200001', '市', 'active', now(), now())`, [scope.tenantId]);
  await everything.query(
    `INSERT INTO budgets (tenant_id, month, limit_tokens)
    VALUES ($1, '2026-06-01', 1000000), ($1, '2026-07-01', 1000000)`,
    [scope.tenantId],
  );
  for (const [index, id] of PEOPLE.entries())
    await everything.query(
      `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
         created_at, updated_at) VALUES ($1, $2, $2, $2, 'finance', '', now(), now(), now())`,
      [id, `person-${index}`],
    );
});

beforeEach(() =>
  everything.query(
    'DELETE FROM usage_records; DELETE FROM model_prices; DELETE FROM fx_rates; DELETE FROM billing_periods',
  ),
);

afterAll(async () => {
  await Promise.all([everything, app, finance].map((source) => source.destroy()));
  await testDatabase.drop();
});

const PEOPLE = [newId(), newId()] as const;
const price = async (model: string, validFrom: string, currency = 'USD', approved = true): Promise<string> => {
  const id = newId();
  await everything.query(
    `INSERT INTO model_prices VALUES ($1, $2, $3, $4, 1, 2, 0.1, 1.25, '見積', $5, now(), $6, $7)`,
    [id, model, validFrom, currency, PEOPLE[0], ...(approved ? [PEOPLE[1], new Date()] : [null, null])],
  );
  return id;
};
const fxRate = async (validFrom: string): Promise<string> => {
  const id = newId();
  await everything.query(`INSERT INTO fx_rates VALUES ($1, $2, 150, '見積', $3, now(), $4, now())`, [
    id,
    validFrom,
    ...PEOPLE,
  ]);
  return id;
};
const settle = (model: string, acceptedAt: string) =>
  new TenantDatabase(app).run(scope, (tx) =>
    new UsageRecorder(new Metrics()).settle(tx, {
      subject: { type: 'job', id: newId() },
      call: '1',
      usage: USAGE,
      source: 'provider',
      model,
      deploymentId: 'd',
      memberId: null,
      apiKeyId: null,
      departmentId: null,
      purposeId: null,
      acceptedAt: new Date(acceptedAt),
      recordedAt: new Date(acceptedAt),
    }),
  );
const ratings = (): Promise<unknown[]> =>
  everything.query(
    `SELECT billing_month::text AS month, price_id AS price, fx_rate_id AS fx FROM usage_records ORDER BY accepted_at, id`,
  );

describe('usage', () => {
  it('is rated by the prices of the moment in Japan at which the work was accepted', async () => {
    const [old, fx] = [await price('m', '2026-03-31T15:00:00Z'), await fxRate('2026-03-31T15:00:00Z')];
    const succeeding = await price('m', JULY);
    await price('m', '2026-07-01T15:00:00Z', 'USD', false);
    await settle('m', '2026-06-30T14:59:59.999Z');
    await settle('m', JULY);
    await settle('m', '2026-07-05T00:00:00Z');
    expect(await ratings()).toEqual([
      { month: '2026-06-01', price: old, fx },
      { month: '2026-07-01', price: succeeding, fx },
      { month: '2026-07-01', price: succeeding, fx },
    ]);
  });

  it('is never rated at nothing: without a price, or dollars without a rate, it stays unrated', async () => {
    const yen = await price('yen', JULY, 'JPY');
    await price('dollars', JULY);
    await settle('yen', JULY);
    await settle('dollars', '2026-07-01T01:00:00Z');
    await settle('unknown', '2026-07-01T02:00:00Z');
    const unrated = { month: '2026-07-01', price: null, fx: null };
    expect(await ratings()).toEqual([{ month: '2026-07-01', price: yen, fx: null }, unrated, unrated]);
  });

  it('that comes too late for its month is billed by the first open one after it', async () => {
    await everything.query(`INSERT INTO billing_periods (month, state, closing_at, closed_at, phase)
      VALUES ('2026-07-01', 'closed', now(), now(), NULL), ('2026-08-01', 'closing', now(), NULL, 'counting')`);
    await settle('m', JULY);
    expect(await ratings()).toMatchObject([{ month: '2026-09-01' }]);
  });

  it('that is recorded while its month is being frozen waits, and then joins the next', async () => {
    const recorded = await new FinanceDatabase(finance).run(async (tx) => {
      await tx.query(`SELECT pg_advisory_xact_lock(billing_lock('2026-07-01'))`);
      await tx.query(`INSERT INTO billing_periods (month, state, closing_at, phase)
        VALUES ('2026-07-01', 'closing', now(), 'counting')`);
      const waiting = settle('m', JULY);
      const locksWaitedFor = () =>
        everything.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
      await expect.poll(locksWaitedFor).toHaveLength(1);
      return [waiting] as const;
    });
    await recorded[0];
    expect(await ratings()).toMatchObject([{ month: '2026-08-01' }]);
  });
});
