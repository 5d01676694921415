import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CloseDeliveries, CloseRunner } from '#libs/billing';
import { fiscalYearOf, jstMonthOf, jstMonthRange, newId } from '#libs/kernel';
import { type House, openHouse } from '../test/job-house.ts';
import { startWorkerProcess } from '../test/worker-process.ts';
import { WorkerModule } from './worker.module.ts';

const PATIENCE = { timeout: 40_000, interval: 20 };
const DAY_MS = 86_400_000;
/** More than are drafted in one transaction, so that a close is killed with some drafts made and some not. */
const CITIES = 250;
const LAST_MONTH = jstMonthOf(new Date(jstMonthRange(jstMonthOf(new Date())).start.getTime() - DAY_MS));
const FIRST_DAY = `${LAST_MONTH}-01`;
const FISCAL_YEAR = fiscalYearOf(jstMonthRange(LAST_MONTH).start);

describe('a close whose worker is killed', () => {
  let house: House;
  /** Takes nothing from the queue by itself. */
  let worker: INestApplicationContext;
  let superuser: Client;
  /** Holds a lock that the close comes to wait for: a place to kill it at. */
  let holder: Client;
  let undisturbed: string[];
  const processes: ChildProcess[] = [];
  beforeAll(async () => {
    house = await openHouse('postgres');
    worker = await NestFactory.createApplicationContext(WorkerModule.forRoot(house.config), {
      logger: false,
      abortOnError: false,
    });
    [superuser, holder] = [0, 1].map(() => new Client({ connectionString: house.database.urls.superuser })) as [
      Client,
      Client,
    ];
    await Promise.all([superuser.connect(), holder.connect()]);
    await addCities();
    await begin();
    await worker.get(CloseRunner).run(LAST_MONTH);
    undisturbed = await drafts();
    await reopen();
  });
  afterEach(async () => {
    await Promise.all(
      processes.splice(0).map(async (child) => {
        const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
        child.kill('SIGKILL');
        await ended;
      }),
    );
  });
  afterAll(async () => {
    await Promise.all([superuser.end(), holder.end()]);
    await worker.close();
    await house.close();
  });

  const rows = async <Row extends object>(sql: string, parameters: readonly unknown[] = []) =>
    (await superuser.query<Row>(sql, [...parameters])).rows;
  const begin = () =>
    rows(
      `INSERT INTO billing_periods (month, state, closing_at, closing_by, phase, touched_at, deliveries)
       SELECT $1, 'closing', now(), min(id::text)::uuid, 'counting', now(), 1 FROM vendor_users`,
      [FIRST_DAY],
    );
  const period = async () =>
    (
      await rows<{ state: string; phase: string | null; done: number; fault: string | null }>(
        'SELECT state, phase, done::integer AS done, fault FROM billing_periods WHERE month = $1',
        [FIRST_DAY],
      )
    )[0];
  const drafts = async () =>
    (
      await rows<{ document: string }>('SELECT document FROM invoices WHERE month = $1 ORDER BY tenant_id', [FIRST_DAY])
    ).map(({ document }) => document);
  const startProcess = async () => {
    const started = await startWorkerProcess(house.config);
    processes.push(started);
    return started;
  };

  /** As if the month had never been closed. */
  async function reopen(): Promise<void> {
    await rows('ALTER TABLE invoice_events DISABLE TRIGGER no_change');
    for (const table of ['invoice_events', 'invoices', 'period_usage', 'billing_periods'])
      await rows(`DELETE FROM ${table}`);
    await rows('ALTER TABLE invoice_events ENABLE TRIGGER no_change');
  }

  /** Cities with a contract and one call each in the month, by the hands of two people. */
  async function addCities(): Promise<void> {
    const [one, other, price] = [newId(), newId(), newId()];
    await rows(
      `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
         created_at, updated_at)
       SELECT id, id::text, id::text, '経理', 'finance', 'x', now(), now(), now() FROM unnest($1::uuid[]) AS id`,
      [[one, other]],
    );
    await rows(
      `INSERT INTO model_prices (id, model, valid_from, currency, input_price, output_price, cache_read_price,
         cache_write_price, source, proposed_by, proposed_at, approved_by, approved_at)
       VALUES ($1, 'claude', '2026-01-01T00:00+09', 'JPY', 800, 4000, 80, 1000, '試験', $2, now(), $3, now())`,
      [price, one, other],
    );
    await rows(
      `INSERT INTO tenants SELECT gen_random_uuid(), (500000 + n)::text, '試験市' || n, 'active', now(), now()
       FROM generate_series(1, ${CITIES}) AS n`,
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
  }

  it.each([
    ['while it counts', 'counting', 0, 'LOCK TABLE period_usage IN SHARE MODE'],
    // An invoice refers to its contract, so it waits for who is about to change that
    ['while it drafts', 'drafting', 200, 'SELECT FROM contracts ORDER BY tenant_id DESC LIMIT 1 FOR UPDATE'],
  ])(
    '%s is delivered again to another and comes to the same bytes',
    async (_when, phase, done, holdUp) => {
      await begin();
      await holder.query('BEGIN');
      await holder.query(holdUp);
      const killed = await startProcess();
      await worker.get(CloseDeliveries).deliver(LAST_MONTH, 1);
      await vi.waitUntil(
        async () =>
          (
            await rows(`SELECT FROM pg_stat_activity
                      WHERE usename = 'moyai_finance' AND datname = current_database() AND wait_event_type = 'Lock'`)
          ).length > 0,
        PATIENCE,
      );
      expect(await period()).toEqual({ state: 'closing', phase, done, fault: null });
      killed.kill('SIGKILL');
      await once(killed, 'exit');
      await holder.query('ROLLBACK');
      expect((await period())?.state).toBe('closing');

      await startProcess();
      await vi.waitUntil(async () => (await period())?.state === 'closed', PATIENCE);
      expect(await drafts()).toEqual(undisturbed);
      expect(undisturbed).toHaveLength(CITIES);
      await reopen();
    },
    90_000,
  );
});
