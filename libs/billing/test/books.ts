import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { AuditModule } from '#libs/audit';
import { DatabaseModule, FinanceDatabase, TenantDatabase, createDataSource } from '#libs/database';
import { Clock, type TenantId, newId, tenantId } from '#libs/kernel';
import { ObservabilityModule } from '#libs/observability';
import { QueueModule } from '#libs/queue';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { CloseModule } from '../src/close/close.module.ts';
import { InvoicingModule, type InvoicingOptions } from '../src/invoices/invoicing.module.ts';
import { ReconciliationModule } from '../src/reconciliation/reconciliation.module.ts';

/** A fictional company; the check digit is right. */
export const ISSUER = {
  name: '株式会社もやいサービス',
  registrationNumber: 'T9000000000000',
  postalCode: '100-0001',
  address: '東京都架空区1-1',
  contact: null,
  bankAccount: null,
};

/** One call as the books see it. */
export interface TestCall {
  readonly departmentId?: string | null;
  readonly model?: string;
  readonly acceptedAt?: string;
  readonly billingMonth?: string;
  readonly tokens?: number;
}

export interface TestBooks extends AsyncDisposable {
  readonly app: INestApplicationContext;
  readonly test: TestDatabase;
  readonly clock: FrozenClock;
  readonly finance: FinanceDatabase;
  readonly tenants: TenantDatabase;
  /** Passes every wall: for putting things in place and for looking at what is really there. */
  readonly everything: DataSource;
  /** Two people of finance. */
  readonly people: readonly [string, string];
  /** A city with two departments and, unless told otherwise, a contract for fiscal year 2026. */
  addCity(terms?: Partial<TestTerms> | null): Promise<TestCity>;
  addCalls(city: TestCity, calls: readonly TestCall[]): Promise<void>;
}

export interface TestTerms {
  readonly baseFeeJpy: number;
  readonly includedUnits: number;
  readonly unitPriceJpy: string;
  /** Where terms follow from a later day on: with another base fee. */
  readonly changesOn: string;
}

export interface TestCity {
  readonly id: TenantId;
  readonly code: string;
  readonly departments: readonly [string, string];
  readonly memberId: string;
}

const MODELS = ['opus', 'haiku'] as const;

/** The vendor's books on a database of their own, with prices, an exchange rate and people; late on 5 November 2026 in Japan. */
export async function openBooks(unknownUsage: InvoicingOptions['unknownUsage']): Promise<TestBooks> {
  const test = await createTestDatabase();
  const clock = new FrozenClock('2026-11-05T09:00:00+09:00');
  const folder = await mkdtemp(join(tmpdir(), 'moyai-books-'));
  const app = await startApp(test, clock, join(folder, 'keys'), unknownUsage);
  const everything = await createDataSource(test.urls.superuser, 4).initialize();
  const people: [string, string] = [newId(), newId()];
  for (const [index, id] of people.entries())
    await everything.query(
      `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
         created_at, updated_at) VALUES ($1, $2, $2, $2, 'finance', 'x', now(), now(), now())`,
      [id, `finance-${index}`],
    );
  const prices = await addPrices(everything, people);
  let cities = 100_000;
  return {
    app,
    test,
    clock,
    finance: app.get(FinanceDatabase),
    tenants: app.get(TenantDatabase),
    everything,
    people,
    addCity: (terms = {}) => addCity(everything, people, String((cities += 1)), terms),
    addCalls: (city, calls) => addCalls(everything, prices, city, calls),
    async [Symbol.asyncDispose]() {
      await everything.destroy();
      await app.close();
      await test.drop();
      await rm(folder, { recursive: true });
    },
  };
}

function startApp(
  { urls }: TestDatabase,
  clock: Clock,
  keyDirectory: string,
  unknownUsage: InvoicingOptions['unknownUsage'],
) {
  @Global()
  @Module({ providers: [{ provide: Clock, useValue: clock }], exports: [Clock] })
  class ClockModule {}

  @Module({
    imports: [
      ClockModule,
      ObservabilityModule.forRoot({ level: 'silent' }),
      DatabaseModule.forRoot({
        database: { appUrl: urls.app, admissionUrl: urls.admission, poolSize: 4 },
        vendorDatabase: { financeUrl: urls.finance },
        keyService: { kind: 'local', directory: keyDirectory },
      }),
      QueueModule.forRoot({ backend: 'postgres', url: urls.admission }),
      AuditModule,
      ReconciliationModule.forRoot({ unexplainedUsd: '100', unexplainedPercent: '1' }),
      InvoicingModule.forRoot({ issuer: ISSUER, unknownUsage }),
      CloseModule,
    ],
  })
  class BooksApp {}

  return NestFactory.createApplicationContext(BooksApp, { logger: false, abortOnError: false });
}

interface TestPrices {
  readonly fxRateId: string;
  readonly prices: ReadonlyMap<string, string>;
}

async function addPrices(everything: DataSource, [one, other]: readonly [string, string]): Promise<TestPrices> {
  const fxRateId = newId();
  const decided = `'公表資料', $2, now(), $3, now()`;
  await everything.query(
    `INSERT INTO fx_rates (id, valid_from, jpy_per_usd, source, proposed_by, proposed_at, approved_by, approved_at)
     VALUES ($1, '2026-04-01T00:00:00+09:00', 152.37, ${decided})`,
    [fxRateId, one, other],
  );
  const prices = new Map(MODELS.map((model) => [model as string, newId()]));
  for (const [model, id] of prices)
    await everything.query(
      `INSERT INTO model_prices (id, model, valid_from, currency, input_price, output_price, cache_read_price,
         cache_write_price, source, proposed_by, proposed_at, approved_by, approved_at)
       VALUES ($1, $4, '2026-04-01T00:00:00+09:00', 'USD', 5.5, 27.5, 0.55, 6.875, ${decided})`,
      [id, one, other, model],
    );
  return { fxRateId, prices };
}

async function addCity(
  everything: DataSource,
  [one, other]: readonly [string, string],
  code: string,
  terms: Partial<TestTerms> | null,
): Promise<TestCity> {
  const city: TestCity = { id: tenantId(newId()), code, departments: [newId(), newId()], memberId: newId() };
  await everything.query(`INSERT INTO tenants VALUES ($1, $2, $3, 'active', now(), now())`, [
    city.id,
    code,
    `試験市${code}`,
  ]);
  for (const [index, id] of city.departments.entries())
    await everything.query(
      `INSERT INTO departments (tenant_id, id, code, name, created_at, updated_at) VALUES ($1, $2, $3, $4, now(), now())`,
      [city.id, id, `0${index + 1}`, `第${index + 1}課`],
    );
  await everything.query(
    `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, password_hash,
       password_changed_at, created_at, updated_at) VALUES ($1, $2, 'a', 'a', '管理', 'admin', 'lgwan', 'x', now(), now(), now())`,
    [city.id, city.memberId],
  );
  if (!terms) return city;
  const contract = newId();
  await everything.query(
    `INSERT INTO contracts (tenant_id, id, fiscal_year, title, starts_on, ends_on, billing_name, created_by, created_at)
     VALUES ($1, $2, 2026, '生成AIサービス利用', '2026-04-01', '2027-03-31', '試験市長', $3, now())`,
    [city.id, contract, one],
  );
  const { baseFeeJpy = 30_000, includedUnits = 1_000, unitPriceJpy = '1200.5', changesOn } = terms;
  for (const [validFrom, fee] of [
    ['2026-04-01', baseFeeJpy] as const,
    ...(changesOn ? [[changesOn, baseFeeJpy * 2] as const] : []),
  ])
    await everything.query(
      `INSERT INTO contract_terms (tenant_id, contract_id, valid_from, base_fee_jpy, unit, counts_input, counts_output,
         counts_cache, included_units, pricing, unit_price_jpy, proposed_by, proposed_at, approved_by, approved_at)
       VALUES ($1, $2, $3, $4, 'tokens', true, true, true, $5, 'unit_price', $6, $7, now(), $8, now())`,
      [city.id, contract, validFrom, fee, includedUnits, unitPriceJpy, one, other],
    );
  return city;
}

async function addCalls(
  everything: DataSource,
  { fxRateId, prices }: TestPrices,
  city: TestCity,
  calls: readonly TestCall[],
): Promise<void> {
  for (const call of calls) {
    const { departmentId = null, model = 'opus', acceptedAt = '2026-10-10T12:00:00+09:00', tokens = 1_000_000 } = call;
    await everything.query(
      `INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, segment, department_id, model, deployment_id,
         input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source,
         accepted_at, recorded_at, billing_month, price_id, fx_rate_id)
       VALUES ($1, $2, 'job', $2, 'lgwan', $3, $4, 'd', $5, $6, 7, 3, 11, 13, 'provider', $7, $7, $8, $9, $10)`,
      [
        city.id,
        newId(),
        departmentId,
        model,
        tokens,
        Math.floor(tokens / 3),
        acceptedAt,
        `${call.billingMonth ?? '2026-10'}-01`,
        prices.get(model) ?? null,
        prices.has(model) ? fxRateId : null,
      ],
    );
  }
}
