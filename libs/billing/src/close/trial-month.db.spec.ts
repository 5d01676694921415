import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobAccountingModule, OpenCalls } from '#libs/jobs';
import { type TestBooks, type TestCity, openBooks } from '../../test/books.ts';
import type { InvoiceDocument } from '../invoice-document.ts';
import { InvoiceBook } from '../invoices/invoice-book.ts';
import { InvoiceCalls } from '../invoices/invoice-calls.ts';
import { CloseChecks } from './close-checks.ts';
import { CloseRunner } from './close-runner.ts';
import { MonthClose } from './month-close.ts';
import { PeriodBook } from './period-book.ts';

const OCTOBER = '2026-10';
const IN_TRIAL = '2026-10-20T23:59:59+09:00';
const AFTER_TRIAL = '2026-10-21T00:00:00+09:00';

let books: TestBooks;
const vendor = () => ({ type: 'vendor' as const, id: books.people[0] });
const faults = () => books.finance.run((tx) => books.app.get(CloseChecks).faultsOf(tx, OCTOBER));

const draftOf = async ({ id }: TestCity): Promise<InvoiceDocument | undefined> => {
  const [row] = await books.everything.query('SELECT document FROM invoices WHERE tenant_id = $1', [id]);
  return row && (JSON.parse(row.document) as InvoiceDocument);
};

const onTrialUntil = ({ id }: TestCity, day: string) =>
  books.everything.query('UPDATE tenants SET trial_ends_on = $2 WHERE id = $1', [id, day]);

const contractFrom = async ({ id }: TestCity, day: string) => {
  await books.everything.query('UPDATE contracts SET starts_on = $2 WHERE tenant_id = $1', [id, day]);
  await books.everything.query('UPDATE contract_terms SET valid_from = $2 WHERE tenant_id = $1', [id, day]);
};

beforeAll(async () => {
  books = await openBooks({ module: JobAccountingModule, provider: OpenCalls });
  await books.everything.query('ALTER TABLE contract_terms DISABLE TRIGGER USER');
});
afterAll(() => books[Symbol.asyncDispose]());

describe('a month that a city was on trial in', () => {
  it('waits for a contract of the days after the trial', async () => {
    const city = await books.addCity(null);
    await onTrialUntil(city, '2026-10-20');
    await books.addCalls(city, [{ acceptedAt: AFTER_TRIAL }]);
    expect(await faults()).toEqual([{ code: 'city-without-contract', count: 1, examples: [`試験市${city.code}`] }]);
    await books.everything.query('DELETE FROM usage_records');
  });

  it('does not have what a trial that ended in an earlier month left bare counted as trial', async () => {
    const city = await books.addCity(null);
    await onTrialUntil(city, '2026-09-30');
    await books.addCalls(city, [{ acceptedAt: '2026-10-01T00:00:00+09:00' }]);
    expect(await faults()).toMatchObject([{ code: 'city-without-contract' }]);
    await books.everything.query('DELETE FROM usage_records');
  });

  it('is closed, charges the days under the contract alone, and nothing to who was on trial throughout', async () => {
    const [converted, trying, whole] = [await books.addCity(), await books.addCity(null), await books.addCity()];
    await onTrialUntil(converted, '2026-10-31');
    await contractFrom(converted, '2026-10-21');
    await onTrialUntil(trying, '2026-11-30');
    await books.addCalls(converted, [
      { acceptedAt: IN_TRIAL, tokens: 9_000_000 },
      { acceptedAt: AFTER_TRIAL, tokens: 3_000 },
    ]);
    await books.addCalls(trying, [{ tokens: 5_000_000 }]);
    // A trial that is still noted at a city whose contract has long begun changes nothing
    await onTrialUntil(whole, '2026-10-15');
    await books.addCalls(whole, [{ acceptedAt: '2026-10-01T00:00:00+09:00', tokens: 3_000 }]);

    expect(await faults()).toEqual([]);
    await books.finance.run((tx) => books.app.get(MonthClose).begin(tx, vendor(), OCTOBER));
    await books.app.get(CloseRunner).run(OCTOBER);
    expect(await books.finance.run((tx) => books.app.get(PeriodBook).get(tx, OCTOBER))).toMatchObject({
      state: 'closed',
      fault: null,
    });

    const draft = await draftOf(converted);
    expect(draft!.usage).toMatchObject([{ calls: 1, inputTokens: 3_000 }]);
    // 3,000 + 1,000 + 7 + 3 tokens, 1,000 × 11 ÷ 31 = 354 of them included: 3,656 × 1,200.5 ÷ 1,000,000
    expect(draft!.lines.map(({ kind, amountJpy }) => [kind, amountJpy])).toEqual([
      ['base-fee', Math.floor((30_000 * 11) / 31)],
      ['usage', 4],
    ]);
    const [{ id: invoice }] = await books.everything.query('SELECT id FROM invoices WHERE tenant_id = $1', [
      converted.id,
    ]);
    const calls = await books.finance.run(async (tx) =>
      books.app
        .get(InvoiceCalls)
        .list(tx, await books.app.get(InvoiceBook).get(tx, invoice), {}, { after: null, limit: 10 }),
    );
    expect(calls).toMatchObject([{ inputTokens: 3_000 }]);
    expect(await draftOf(trying)).toBeUndefined();
    expect((await draftOf(whole))!.usage).toMatchObject([{ calls: 1, inputTokens: 3_000 }]);
  });
});
