import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Client } from 'pg';
import { AuditModule } from '#libs/audit';
import { InvoiceIssue, InvoiceSteps, InvoicingModule, ReconciliationModule } from '#libs/billing';
import { DatabaseModule, FinanceDatabase } from '#libs/database';
import { JobAccountingModule, OpenCalls } from '#libs/jobs';
import { Clock, type JstMonth, SystemClock, fiscalYearOf, jstMonthOf, jstMonthRange, newId } from '#libs/kernel';
import { ObservabilityModule } from '#libs/observability';
import { QueueModule } from '#libs/queue';
import type { House } from './job-house.ts';

const DAY_MS = 86_400_000;

/** The latest month that may be closed. */
export const LAST_MONTH: JstMonth = jstMonthOf(
  new Date(jstMonthRange(jstMonthOf(new Date())).start.getTime() - DAY_MS),
);
export const FIRST_DAY = `${LAST_MONTH}-01`;
const FISCAL_YEAR = fiscalYearOf(jstMonthRange(LAST_MONTH).start);

/** Two of the vendor's finance. */
export type People = readonly [string, string];

/** A fictional company; the check digit is right. */
const ISSUER = {
  name: '株式会社もやいサービス',
  registrationNumber: 'T9000000000000',
  postalCode: '100-0001',
  address: '東京都架空区1-1',
  contact: null,
  bankAccount: null,
};

/** Cities with a contract and one call each in the month, by the hands of two people. */
export async function addBilledCities(superuser: Client, count: number): Promise<People> {
  const people: People = [newId(), newId()];
  const [one, other] = people;
  const price = newId();
  const rows = (sql: string, parameters: readonly unknown[] = []) => superuser.query(sql, [...parameters]);
  await rows(
    `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
       created_at, updated_at)
     SELECT id, id::text, id::text, '経理', 'finance', 'x', now(), now(), now() FROM unnest($1::uuid[]) AS id`,
    [people],
  );
  await rows(
    `INSERT INTO model_prices (id, model, valid_from, currency, input_price, output_price, cache_read_price,
       cache_write_price, source, proposed_by, proposed_at, approved_by, approved_at)
     VALUES ($1, 'claude', '2026-01-01T00:00+09', 'JPY', 800, 4000, 80, 1000, '試験', $2, now(), $3, now())`,
    [price, one, other],
  );
  await rows(
    `INSERT INTO tenants SELECT gen_random_uuid(), (500000 + n)::text, '試験市' || n, 'active', now(), now()
     FROM generate_series(1, $1::integer) AS n`,
    [count],
  );
  await rows(
    `INSERT INTO contracts (tenant_id, id, fiscal_year, title, starts_on, ends_on, billing_name, created_by, created_at)
     SELECT id, id, $1, '生成AIサービス利用', $2, $3, '市長', $4, now() FROM tenants WHERE name LIKE '試験市%'`,
    [FISCAL_YEAR, `${FISCAL_YEAR}-04-01`, `${FISCAL_YEAR + 1}-03-31`, one],
  );
  await rows(
    `INSERT INTO contract_terms (tenant_id, contract_id, valid_from, base_fee_jpy, unit, counts_input, counts_output,
       counts_cache, included_units, pricing, unit_price_jpy, proposed_by, proposed_at, approved_by, approved_at)
     SELECT tenant_id, id, starts_on, 30000, 'tokens', true, true, true, 1000, 'unit_price', 1200.5, $1, now(), $2, now()
     FROM contracts`,
    [one, other],
  );
  await rows(
    `INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, segment, model, deployment_id, input_tokens,
       output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source, accepted_at,
       recorded_at, billing_month, price_id)
     SELECT tenant_id, id, 'job', id, 'lgwan', 'claude', 'd', 1000000 + row_number() OVER (ORDER BY tenant_id), 500000, 0,
       0, 0, 0, 'provider', $1, $1, $2, $3
     FROM contracts`,
    [jstMonthRange(LAST_MONTH).start, FIRST_DAY, price],
  );
  return people;
}

/** As MonthClose has frozen the month: what follows is a worker's. */
export const beginClose = (superuser: Client) =>
  superuser.query(
    `INSERT INTO billing_periods (month, state, closing_at, closing_by, phase, touched_at, deliveries)
     SELECT $1, 'closing', now(), min(id::text)::uuid, 'counting', now(), 1 FROM vendor_users`,
    [FIRST_DAY],
  );

/** Reviewed by one, approved by the other and issued: the month's drafts get their numbers. */
export async function issueDrafts(house: House, superuser: Client, [one, other]: People): Promise<void> {
  @Global()
  @Module({ providers: [{ provide: Clock, useClass: SystemClock }], exports: [Clock] })
  class ClockModule {}

  @Module({
    imports: [
      ClockModule,
      ObservabilityModule.forRoot(house.config.log, 'books'),
      DatabaseModule.forRoot(house.config),
      QueueModule.forRoot(house.config.queue),
      AuditModule,
      ReconciliationModule.forRoot({ unexplainedUsd: '100', unexplainedPercent: '1' }),
      InvoicingModule.forRoot({ issuer: ISSUER, unknownUsage: { module: JobAccountingModule, provider: OpenCalls } }),
    ],
  })
  class BooksApp {}

  const books = await NestFactory.createApplicationContext(BooksApp, { logger: false, abortOnError: false });
  const [steps, issue, finance] = [books.get(InvoiceSteps), books.get(InvoiceIssue), books.get(FinanceDatabase)];
  const { rows } = await superuser.query<{ id: string }>('SELECT id FROM invoices WHERE month = $1', [FIRST_DAY]);
  for (const { id } of rows)
    await finance.run(async (tx) => {
      await steps.review(tx, { type: 'vendor', id: one }, id);
      await steps.approve(tx, { type: 'vendor', id: other }, id);
      await issue.issue(tx, { type: 'vendor', id: one }, id);
    });
  await books.close();
}
