import { Decimal } from 'decimal.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Transaction } from '#libs/database';
import { JobAccountingModule, OpenCalls } from '#libs/jobs';
import { type TestBooks, type TestCity, openBooks } from '../../test/books.ts';
import { CloseRunner } from '../close/close-runner.ts';
import { MonthClose } from '../close/month-close.ts';
import { UsageCorrections } from '../close/usage-corrections.ts';
import type { InvoiceDocument } from '../invoice-document.ts';
import { USAGE_COUNTS } from '../usage-counts.ts';
import { InvoiceBook } from './invoice-book.ts';
import { type BilledCall, type CallFilter, InvoiceCalls } from './invoice-calls.ts';
import { InvoiceIssue } from './invoice-issue.ts';
import { InvoiceSteps } from './invoice-steps.ts';

const COUNTS = USAGE_COUNTS.map(([, name]) => name);
/** Half of the last decimal that a cost is shown with. */
const ROUNDED = new Decimal('0.0000005');

let books: TestBooks;
let city: TestCity;
let invoice: { id: string; document: InvoiceDocument };
const vendor = (index: 0 | 1) => ({ type: 'vendor' as const, id: books.people[index] });

async function close(month: string, now: string): Promise<void> {
  books.clock.set(now);
  await books.finance.run((tx) => books.app.get(MonthClose).begin(tx, vendor(0), month));
  await books.app.get(CloseRunner).run(month);
}

async function correct(acceptedAt: string, inputTokens: number): Promise<void> {
  const corrections = books.app.get(UsageCorrections);
  const [record] = await books.everything.query(
    'SELECT id FROM usage_records WHERE tenant_id = $1 AND accepted_at = $2',
    [city.id, acceptedAt],
  );
  const proposed = await books.finance.run((tx) =>
    corrections.propose(tx, vendor(0), {
      usageRecordId: record.id,
      reason: '二重計上の訂正',
      inputTokens,
      outputTokens: -3,
      cacheReadTokens: 2,
      cacheWriteTokens: 0,
      inputCharacters: -5,
      outputCharacters: 4,
    }),
  );
  await books.finance.run((tx) => corrections.approve(tx, vendor(1), proposed.id));
}

const pagesOf = (tx: Transaction, filter: CallFilter = {}) => {
  const calls = books.app.get(InvoiceCalls);
  return async (limit: number): Promise<BilledCall[]> => {
    const all: BilledCall[] = [];
    const summary = await books.app.get(InvoiceBook).get(tx, invoice.id);
    for (;;) {
      const page = await calls.list(tx, summary, filter, { after: all.at(-1)?.id ?? null, limit });
      all.push(...page);
      if (page.length < limit) return all;
    }
  };
};
const asVendor = (filter?: CallFilter, limit = 100) => books.finance.run((tx) => pagesOf(tx, filter)(limit));
const asCity = ({ id }: TestCity) => books.tenants.run({ tenantId: id, segment: 'lgwan' }, (tx) => pagesOf(tx)(100));

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);
const cost = (rows: readonly { readonly costJpy: string }[]) => Decimal.sum(0, ...rows.map(({ costJpy }) => costJpy));

beforeAll(async () => {
  books = await openBooks({ module: JobAccountingModule, provider: OpenCalls });
  city = await books.addCity();
  const [one, other] = city.departments;
  const october = '2026-10-05T09:00:00+09:00';
  await books.addCalls(city, [
    { acceptedAt: october, departmentId: one },
    { acceptedAt: '2026-10-06T09:00:00+09:00', departmentId: other, model: 'haiku' },
  ]);
  await close('2026-10', '2026-11-05T09:00:00+09:00');
  const inTime = '2026-11-07T09:00:00+09:00';
  await books.addCalls(city, [
    { acceptedAt: inTime, departmentId: one, billingMonth: '2026-11', tokens: 70_001 },
    { acceptedAt: '2026-11-08T09:00:00+09:00', departmentId: null, billingMonth: '2026-11', tokens: 30_007 },
    // Late
    { acceptedAt: '2026-10-20T09:00:00+09:00', departmentId: other, billingMonth: '2026-11', tokens: 5_003 },
  ]);
  await correct(october, -1_000);
  await correct(inTime, 44);
  await correct(inTime, -9);
  await close('2026-11', '2026-12-03T09:00:00+09:00');
  const [row] = await books.everything.query(
    `SELECT id, document FROM invoices WHERE tenant_id = $1 AND month = '2026-11-01'`,
    [city.id],
  );
  invoice = { id: row.id, document: JSON.parse(row.document) };
});
afterAll(() => books[Symbol.asyncDispose]());

describe('the calls of an invoice', () => {
  it('add up to the sums of the invoice, with what came late and what was corrected', async () => {
    const { usage } = invoice.document;
    const calls = await asVendor();
    expect(calls.filter(({ corrects }) => corrects === null)).toHaveLength(sum(usage.map((row) => row.calls)));
    expect(calls.filter(({ corrects }) => corrects !== null)).toHaveLength(3);
    for (const name of COUNTS)
      expect([name, sum(calls.map((call) => call[name]))]).toEqual([name, sum(usage.map((row) => row[name]))]);
    const off = cost(calls).minus(cost(usage)).abs();
    expect(off.lte(ROUNDED.times(calls.length + usage.length))).toBe(true);
  });

  it('come page by page, each line once, and a correction says which call it is of', async () => {
    const calls = await asVendor();
    for (const limit of [1, 2, 5]) expect(await asVendor({}, limit)).toEqual(calls);
    const [october] = await books.everything.query(
      `SELECT id FROM usage_records WHERE tenant_id = $1 AND billing_month = '2026-10-01' AND model = 'opus'`,
      [city.id],
    );
    // The corrected call itself was billed by the invoice before
    expect(calls[0]).toMatchObject({ corrects: october.id, inputTokens: -1_000, model: 'opus' });
    const corrected = calls.find(({ inputTokens }) => inputTokens === 70_001)!;
    expect(calls.filter(({ corrects }) => corrects === corrected.id).map(({ inputTokens }) => inputTokens)).toEqual(
      expect.arrayContaining([44, -9]),
    );
  });

  it('can be narrowed to a department and a model, corrections with them', async () => {
    const [one] = city.departments;
    const own = await asVendor({ departmentId: one });
    expect(own).toHaveLength(4);
    expect(new Set(own.map(({ departmentName }) => departmentName))).toEqual(new Set(['第1課']));
    expect(await asVendor({ model: 'haiku' })).toEqual([]);
  });

  it('are the same for its city, and nothing for another; drafts of corrections are for nobody there', async () => {
    const corrections = books.app.get(UsageCorrections);
    const calls = await asVendor();
    const call = calls.find(({ corrects }) => corrects === null)!;
    await books.finance.run((tx) =>
      corrections.propose(tx, vendor(0), {
        usageRecordId: call.id,
        reason: '確認中',
        inputTokens: -1,
        outputTokens: 0,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        inputCharacters: 0,
        outputCharacters: 0,
      }),
    );
    await books.finance.run((tx) => books.app.get(InvoiceSteps).review(tx, vendor(0), invoice.id));
    await books.finance.run((tx) => books.app.get(InvoiceSteps).approve(tx, vendor(1), invoice.id));
    await books.finance.run((tx) => books.app.get(InvoiceIssue).issue(tx, vendor(0), invoice.id));
    expect(await asCity(city)).toEqual(calls);
    const other = await books.addCity();
    await expect(asCity(other)).rejects.toMatchObject({ code: 'REQUEST.NOT_FOUND' });
    const seenBy = ({ id }: TestCity) =>
      books.tenants.run({ tenantId: id, segment: 'lgwan' }, (tx) => tx.query('SELECT id FROM usage_corrections'));
    expect(await seenBy(city)).toHaveLength(3);
    expect(await seenBy(other)).toEqual([]);
  });
});
