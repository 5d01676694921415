import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobAccountingModule, OpenCalls } from '#libs/jobs';
import { newId } from '#libs/kernel';
import { type TestBooks, type TestCity, openBooks } from '../../test/books.ts';
import type { InvoiceDocument } from '../invoice-document.ts';
import { CloseChecks } from './close-checks.ts';
import { CloseRunner } from './close-runner.ts';
import { MonthClose } from './month-close.ts';
import { PeriodBook } from './period-book.ts';
import { UsageCorrections } from './usage-corrections.ts';

const OCTOBER = '2026-10';
const KILLS = 100;

let books: TestBooks;
const vendor = (index: 0 | 1 = 0) => ({ type: 'vendor' as const, id: books.people[index] });
const begin = (month: string) => books.finance.run((tx) => books.app.get(MonthClose).begin(tx, vendor(), month));
const faultsOf = (month: string) => books.finance.run((tx) => books.app.get(CloseChecks).faultsOf(tx, month));
const period = (month: string) => books.finance.run((tx) => books.app.get(PeriodBook).get(tx, month));
const months = async () =>
  (await books.finance.run((tx) => books.app.get(PeriodBook).list(tx, 13))).map((one) => one.month);
const run = (month: string) => books.app.get(CloseRunner).run(month);
const drafts = async (month: string): Promise<string[]> =>
  (
    await books.everything.query('SELECT document FROM invoices WHERE month = $1 ORDER BY tenant_id', [`${month}-01`])
  ).map(({ document }: { document: string }) => document);

/** As if the month had never been closed; only what was not issued can be taken away like this. */
async function reopen(month: string): Promise<void> {
  await books.everything.query(`ALTER TABLE invoice_events DISABLE TRIGGER no_change`);
  for (const table of ['invoice_events', 'invoices', 'period_usage', 'billing_periods'])
    await books.everything.query(
      table === 'invoice_events'
        ? `DELETE FROM invoice_events e USING invoices i WHERE i.id = e.invoice_id AND i.month = $1`
        : `DELETE FROM ${table} WHERE month = $1`,
      [`${month}-01`],
    );
  await books.everything.query(`ALTER TABLE invoice_events ENABLE TRIGGER no_change`);
}

beforeAll(async () => {
  books = await openBooks({ module: JobAccountingModule, provider: OpenCalls });
});
afterAll(() => books[Symbol.asyncDispose]());

describe('a month that is not complete', () => {
  it('is not closed before it is over', async () => {
    expect(await faultsOf('2026-11')).toEqual([{ code: 'month-not-over', count: 1, examples: ['2026-11'] }]);
    await expect(begin('2026-11')).rejects.toMatchObject({ code: 'BILLING.MONTH_NOT_READY' });
  });

  it('says everything that is missing at once', async () => {
    const city = await books.addCity(null);
    await books.addCalls(city, [
      { model: 'unpriced' },
      { model: 'unpriced' },
      { billingMonth: '2026-09', acceptedAt: '2026-09-02T00:00:00Z' },
    ]);
    await books.everything.query(
      `INSERT INTO budgets (tenant_id, month, limit_tokens, reserved_tokens) VALUES ($1, '2026-10-01', 10, 5)`,
      [city.id],
    );
    await books.everything.query(
      `INSERT INTO reservations (tenant_id, id, subject_type, subject_id, month, tokens, created_at, expires_at)
       VALUES ($1, $2, 'job', $2, '2026-10-01', 5, now(), now())`,
      [city.id, newId()],
    );
    const name = `試験市${city.code}`;
    expect(await faultsOf(OCTOBER)).toEqual([
      { code: 'earlier-month-open', count: 1, examples: ['2026-09'] },
      { code: 'work-running', count: 1, examples: [name] },
      { code: 'usage-unrated', count: 2, examples: ['unpriced'] },
      { code: 'city-without-contract', count: 1, examples: [name] },
    ]);
    await expect(begin(OCTOBER)).rejects.toMatchObject({ code: 'BILLING.MONTH_NOT_READY' });
    await books.everything.query('DELETE FROM reservations');
    await books.everything.query('DELETE FROM usage_records');
    expect(await faultsOf(OCTOBER)).toEqual([]);
  });
});

describe('a month close', () => {
  const cities: TestCity[] = [];
  let undisturbed: string[];
  beforeAll(async () => {
    for (let index = 0; index < 230; index += 1) {
      const city = await books.addCity({
        baseFeeJpy: 1_000 + index,
        ...(index % 7 === 0 && { changesOn: '2026-10-15' }),
      });
      cities.push(city);
      const [one, other] = city.departments;
      await books.addCalls(city, [
        { departmentId: one, tokens: 1_000 * index + 333 },
        { departmentId: other, tokens: 777 * index, model: 'haiku' },
        { departmentId: null, tokens: 55_555, acceptedAt: '2026-10-31T23:59:59+09:00' },
      ]);
    }
    await begin(OCTOBER);
    await run(OCTOBER);
    undisturbed = await drafts(OCTOBER);
  });

  it('makes a draft for every city and says when it is done', async () => {
    expect(undisturbed).toHaveLength(cities.length);
    expect(await period(OCTOBER)).toMatchObject({ state: 'closed', invoices: cities.length, fault: null });
    // What is before the first closed month can be closed no more
    expect(await months()).toEqual(['2026-11', OCTOBER]);
    await expect(begin(OCTOBER)).rejects.toMatchObject({ code: 'BILLING.MONTH_CLOSED' });
  });

  it('adds up: lines to the subtotal, tax once per rate, the allocation and the usage to the whole', async () => {
    const used = await books.everything.query(
      `SELECT tenant_id, sum(input_tokens)::float8 AS tokens, count(*)::integer AS calls FROM usage_records GROUP BY 1`,
    );
    const usedBy = new Map(used.map((row: { tenant_id: string }) => [row.tenant_id, row]));
    for (const text of undisturbed) {
      const invoice = JSON.parse(text) as InvoiceDocument;
      const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
      expect(sum(invoice.lines.map(({ amountJpy }) => amountJpy))).toBe(invoice.subtotalJpy);
      expect(invoice.taxJpy).toBe(Math.floor(invoice.subtotalJpy / 10));
      expect(sum(invoice.allocations.map(({ subtotalJpy }) => subtotalJpy))).toBe(invoice.subtotalJpy);
      expect(sum(invoice.allocations.map(({ taxJpy }) => taxJpy))).toBe(invoice.taxJpy);
      expect(sum(invoice.allocations.map(({ totalJpy }) => totalJpy))).toBe(invoice.totalJpy);
      expect(usedBy.get(invoice.recipient.tenantId)).toMatchObject({
        tokens: sum(invoice.usage.map(({ inputTokens }) => inputTokens)),
        calls: sum(invoice.usage.map(({ calls }) => calls)),
      });
    }
  });

  it('bills by terms that change within the month', async () => {
    const changed = undisturbed
      .map((text) => JSON.parse(text) as InvoiceDocument)
      .filter(({ lines }) => lines.filter(({ kind }) => kind === 'base-fee').length === 2);
    expect(changed).toHaveLength(Math.ceil(cities.length / 7));
  });

  it('done a second time comes to the same bytes', async () => {
    await reopen(OCTOBER);
    await begin(OCTOBER);
    await run(OCTOBER);
    expect(await drafts(OCTOBER)).toEqual(undisturbed);
  });

  it(`killed ${KILLS} times anywhere comes to the same bytes`, async () => {
    const killer = new Client({ connectionString: books.test.urls.superuser });
    await killer.connect();
    const killWithin = async (seconds: number): Promise<number> => {
      await killer.query('SELECT pg_sleep($1)', [Math.random() * seconds]);
      const { rowCount } = await killer.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE usename = 'moyai_finance' AND datname = current_database() AND xact_start IS NOT NULL`,
      );
      return rowCount ?? 0;
    };
    const stateNow = async () => {
      const [row] = await books.everything.query('SELECT state, fault FROM billing_periods WHERE month = $1', [
        `${OCTOBER}-01`,
      ]);
      return row as { state: string; fault: string | null };
    };
    for (let kills = 0; kills < KILLS;) {
      await reopen(OCTOBER);
      await begin(OCTOBER);
      while ((await stateNow()).state !== 'closed') {
        const ended = run(OCTOBER).catch(() => undefined);
        // Somewhere within what a whole close takes here, until there were enough
        if (kills < KILLS) kills += await killWithin(0.1);
        await ended;
      }
      expect((await stateNow()).fault).toBeNull();
      expect(await drafts(OCTOBER)).toEqual(undisturbed);
    }
    await killer.end();
  }, 280_000);

  it('keeps out what is recorded after it has begun, and bills it next month as a correction', async () => {
    const [city] = cities;
    const [rating] = await books.everything.query(
      `SELECT billing_month::text AS month FROM usage_rating('opus', '2026-10-20T00:00:00Z')`,
    );
    expect(rating).toEqual({ month: '2026-11-01' });
    await books.addCalls(city!, [
      {
        acceptedAt: '2026-10-20T00:00:00Z',
        billingMonth: '2026-11',
        departmentId: city!.departments[0],
        tokens: 9_000_000,
      },
    ]);
    books.clock.set('2026-12-03T09:00:00+09:00');
    await begin('2026-11');
    await run('2026-11');
    const [invoice] = (await drafts('2026-11'))
      .map((text) => JSON.parse(text) as InvoiceDocument)
      .filter(({ recipient }) => recipient.tenantId === city!.id);
    expect(invoice!.lines.map(({ kind, correctsMonth }) => [kind, correctsMonth])).toEqual([
      ['base-fee', null],
      ['correction', OCTOBER],
    ]);
    // 9,000,000 in, 3,000,000 out, 10 of the cache, at 1200.5 yen for a million
    expect(invoice!.lines[1]!.amountJpy).toBeGreaterThanOrEqual(14_406);
    expect(invoice!.lines[1]!.amountJpy).toBeLessThanOrEqual(14_407);
  });

  it('bills a correction that two people made in the next month, once', async () => {
    const city = cities[1]!;
    const corrections = books.app.get(UsageCorrections);
    const [record] = await books.everything.query(
      'SELECT id FROM usage_records WHERE tenant_id = $1 AND department_id = $2',
      [city.id, city.departments[0]],
    );
    const wanted = {
      usageRecordId: record.id as string,
      reason: '二重計上の訂正',
      inputTokens: -1_000,
      outputTokens: 0,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      inputCharacters: 0,
      outputCharacters: 0,
    };
    const propose = (inputTokens: number) =>
      books.finance.run((tx) => corrections.propose(tx, vendor(), { ...wanted, inputTokens }));
    await expect(propose(-1_000_000_000)).rejects.toMatchObject({ code: 'BILLING.CORRECTION_TOO_LARGE' });
    const proposed = await propose(-1_000);
    await expect(books.finance.run((tx) => corrections.approve(tx, vendor(0), proposed.id))).rejects.toMatchObject({
      code: 'BILLING.SAME_PERSON',
    });
    const approved = await books.finance.run((tx) => corrections.approve(tx, vendor(1), proposed.id));
    expect(approved.billingMonth).toBe('2026-12');
    books.clock.set('2027-01-05T09:00:00+09:00');
    await begin('2026-12');
    await run('2026-12');
    const [invoice] = (await drafts('2026-12'))
      .map((text) => JSON.parse(text) as InvoiceDocument)
      .filter(({ recipient }) => recipient.tenantId === city.id);
    const [, correction] = invoice!.lines;
    expect(correction).toMatchObject({ kind: 'correction', correctsMonth: OCTOBER });
    expect([-1, -2]).toContain(correction!.amountJpy);
  });
});
