import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Transaction } from '#libs/database';
import { JobAccountingModule, OpenCalls } from '#libs/jobs';
import { type TestBooks, type TestCity, ISSUER, openBooks } from '../../test/books.ts';
import { CloseRunner } from '../close/close-runner.ts';
import { MonthClose } from '../close/month-close.ts';
import { CityInvoices } from './city-invoices.ts';
import { CreditNotes } from './credit-notes.ts';
import { InvoiceBook, isGenuine } from './invoice-book.ts';
import { InvoiceCalls } from './invoice-calls.ts';
import { InvoiceIssue } from './invoice-issue.ts';
import { InvoiceSteps } from './invoice-steps.ts';

const FINAL = 'MI001';
const DENIED = '42501';
const CITIES = 40;

let books: TestBooks;
const cities: TestCity[] = [];
const vendor = (index: 0 | 1) => ({ type: 'vendor' as const, id: books.people[index] });
const idOf = async (city: TestCity): Promise<string> => {
  const [row] = await books.everything.query(`SELECT id FROM invoices WHERE tenant_id = $1 AND kind = 'invoice'`, [
    city.id,
  ]);
  return row.id as string;
};
const review = (id: string, who: 0 | 1 = 0) =>
  books.finance.run((tx) => books.app.get(InvoiceSteps).review(tx, vendor(who), id));
const approve = (id: string, who: 0 | 1 = 1) =>
  books.finance.run((tx) => books.app.get(InvoiceSteps).approve(tx, vendor(who), id));
const issue = (id: string) => books.finance.run((tx) => books.app.get(InvoiceIssue).issue(tx, vendor(0), id));
const asCity = (city: TestCity) => ({ tenantId: city.id, segment: 'lgwan' as const });
const member = (city: TestCity) => ({ type: 'member' as const, id: city.memberId });
const issued = async (city: TestCity) => {
  const id = await idOf(city);
  await review(id);
  await approve(id);
  return issue(id);
};

beforeAll(async () => {
  books = await openBooks({ module: JobAccountingModule, provider: OpenCalls });
  for (let index = 0; index < CITIES; index += 1) {
    const city = await books.addCity({ baseFeeJpy: 10_005 + index });
    await books.addCalls(city, [
      { departmentId: city.departments[0] },
      { departmentId: city.departments[1], model: 'haiku' },
    ]);
    cities.push(city);
  }
  await books.finance.run((tx) => books.app.get(MonthClose).begin(tx, vendor(0), '2026-10'));
  await books.app.get(CloseRunner).run('2026-10');
});
afterAll(() => books[Symbol.asyncDispose]());

describe('an invoice', () => {
  it('is approved by another person than who reviewed it', async () => {
    const id = await idOf(cities[0]!);
    await expect(approve(id)).rejects.toMatchObject({ code: 'BILLING.STEP_NOT_POSSIBLE' });
    await review(id);
    await expect(approve(id, 0)).rejects.toMatchObject({ code: 'BILLING.SAME_PERSON' });
    await expect(issue(id)).rejects.toMatchObject({ code: 'BILLING.STEP_NOT_POSSIBLE' });
    expect(await approve(id)).toMatchObject({ state: 'approved', number: null });
  });

  it('goes back to draft with a reason, and its people are asked again', async () => {
    const id = await idOf(cities[0]!);
    const steps = books.app.get(InvoiceSteps);
    await books.finance.run((tx) => steps.giveBack(tx, vendor(1), id, '所属の誤り'));
    expect(await books.finance.run((tx) => steps.redraft(tx, vendor(0), id))).toMatchObject({ state: 'draft' });
    await expect(approve(id)).rejects.toMatchObject({ code: 'BILLING.STEP_NOT_POSSIBLE' });
    const book = books.app.get(InvoiceBook);
    const events = await books.finance.run(async (tx) => book.events(tx, await book.get(tx, id)));
    expect(events.map(({ step, reason }) => [step, reason])).toEqual([
      ['drafted', null],
      ['reviewed', null],
      ['approved', null],
      ['returned', '所属の誤り'],
      ['redrafted', null],
    ]);
  });

  it('is not seen by its city before it is issued, and by no other city ever', async () => {
    const [own, other] = [cities[1]!, cities[2]!];
    const book = books.app.get(InvoiceBook);
    const seenBy = (city: TestCity) =>
      books.tenants.run(asCity(city), (tx) => book.list(tx, {}, { after: null, limit: 9 }));
    expect(await seenBy(own)).toEqual([]);
    const { id } = await issued(own);
    expect(await seenBy(own)).toMatchObject([{ id, state: 'issued', dueOn: '2026-12-05' }]);
    expect(await seenBy(other)).toEqual([]);
    await expect(books.tenants.run(asCity(other), (tx) => book.get(tx, id))).rejects.toMatchObject({
      code: 'REQUEST.NOT_FOUND',
    });
  });

  it('is final once issued: nobody changes or removes it, and its hash proves it', async () => {
    const { id, number } = await issued(cities[2]!);
    const book = books.app.get(InvoiceBook);
    expect(isGenuine(await books.finance.run((tx) => book.kept(tx, id)))).toBe(true);
    expect(await books.finance.run((tx) => book.document(tx, id))).toMatchObject({
      number,
      issuer: ISSUER,
      issuedOn: '2026-11-05',
    });
    for (const change of [
      'document = document || $$ $$',
      'total_jpy = 0, subtotal_jpy = 0, tax_jpy = 0',
      `number = 'M2026-999999'`,
    ])
      await expect(books.finance.query(`UPDATE invoices SET ${change} WHERE id = $1`, [id])).rejects.toMatchObject({
        code: FINAL,
      });
    await expect(books.finance.query('DELETE FROM invoices WHERE id = $1', [id])).rejects.toMatchObject({
      code: DENIED,
    });
    await expect(books.everything.query('DELETE FROM invoices WHERE id = $1', [id])).rejects.toMatchObject({
      driverError: { code: FINAL },
    });
  });

  it('is accepted by its city, also after an objection, and then paid', async () => {
    const city = cities[3]!;
    const { id } = await issued(city);
    const desk = books.app.get(CityInvoices);
    const steps = books.app.get(InvoiceSteps);
    const pay = (paidOn = '2026-11-05') => books.finance.run((tx) => steps.pay(tx, vendor(0), id, paidOn));
    await expect(pay()).rejects.toMatchObject({ code: 'BILLING.STEP_NOT_POSSIBLE' });
    const objected = await books.tenants.run(asCity(city), (tx) => desk.dispute(tx, member(city), id, '利用量が過大'));
    expect(objected).toMatchObject({ state: 'disputed', dispute: '利用量が過大' });
    await books.tenants.run(asCity(city), (tx) => desk.accept(tx, member(city), id));
    await expect(
      books.tenants.run(asCity(city), (tx) => desk.dispute(tx, member(city), id, 'x')),
    ).rejects.toMatchObject({
      code: 'BILLING.STEP_NOT_POSSIBLE',
    });
    for (const never of ['2026-11-04', '2026-11-06'])
      await expect(pay(never)).rejects.toMatchObject({ code: 'REQUEST.INVALID', faults: [{ pointer: '/paidOn' }] });
    expect(await pay()).toMatchObject({ state: 'paid', paidOn: '2026-11-05' });
  });

  it('cannot be marked as paid by the city, nor accepted by the vendor', async () => {
    const city = cities[4]!;
    const { id } = await issued(city);
    await expect(
      books.tenants.run(asCity(city), (tx) => tx.query(`UPDATE invoices SET state = 'paid' WHERE id = $1`, [id])),
    ).rejects.toMatchObject({ code: 'MI002' });
    await expect(
      books.finance.query(`UPDATE invoices SET state = 'accepted' WHERE id = $1`, [id]),
    ).rejects.toMatchObject({ code: 'MI002' });
  });

  it('leads to its calls, page by page, each once, for the vendor and for its city', async () => {
    const city = cities[5]!;
    const book = books.app.get(InvoiceBook);
    const calls = books.app.get(InvoiceCalls);
    const id = await idOf(city);
    const pageOf = async (tx: Transaction, after: string | null) =>
      calls.list(tx, await book.get(tx, id), {}, { after, limit: 1 });
    const page = (after: string | null) => books.finance.run((tx) => pageOf(tx, after));
    const [first] = await page(null);
    const [second] = await page(first!.id);
    expect(await page(second!.id)).toEqual([]);
    expect(new Set([first!.model, second!.model])).toEqual(new Set(['opus', 'haiku']));
    await issued(city);
    const own = (after: string | null) => books.tenants.run(asCity(city), (tx) => pageOf(tx, after));
    expect([...(await own(null)), ...(await own(first!.id))]).toEqual([first, second]);
    await expect(books.tenants.run(asCity(cities[6]!), (tx) => pageOf(tx, null))).rejects.toMatchObject({
      code: 'REQUEST.NOT_FOUND',
    });
  });
});

describe('a credit note', () => {
  it('gives back at most what was charged, with its tax, by two people and under a number of its own', async () => {
    const city = cities[6]!;
    const invoice = await issued(city);
    const notes = books.app.get(CreditNotes);
    const propose = (amountJpy: number) =>
      books.finance.run((tx) =>
        notes.propose(tx, vendor(0), invoice.id, {
          reason: '基本料の二重請求',
          lines: [{ description: '基本料の返還', amountJpy, departmentId: city.departments[0] }],
        }),
      );
    await expect(propose(invoice.subtotalJpy + 1)).rejects.toMatchObject({ code: 'BILLING.CREDIT_TOO_LARGE' });
    const note = await propose(105);
    expect(note).toMatchObject({ state: 'reviewed', subtotalJpy: -105, taxJpy: -10, totalJpy: -115 });
    await expect(propose(invoice.subtotalJpy - 104)).rejects.toMatchObject({ code: 'BILLING.CREDIT_TOO_LARGE' });
    await expect(approve(note.id, 0)).rejects.toMatchObject({ code: 'BILLING.SAME_PERSON' });
    await approve(note.id);
    const given = await issue(note.id);
    expect(given.number).not.toBe(invoice.number);
    expect(await books.finance.run((tx) => books.app.get(InvoiceBook).document(tx, given.id))).toMatchObject({
      kind: 'credit-note',
      corrects: { number: invoice.number },
      dueOn: null,
      allocations: [{ departmentName: '第1課', totalJpy: -115 }],
    });
  });
});

describe('numbers', () => {
  it('have no gap and no double, however many issue at once and whatever is killed meanwhile', async () => {
    const rest = cities.slice(7);
    const ids = await Promise.all(rest.map(idOf));
    for (const id of ids) {
      await review(id);
      await approve(id);
    }
    const killer = new Client({ connectionString: books.test.urls.superuser });
    await killer.connect();
    let left = ids;
    while (left.length > 0) {
      const outcomes = Promise.allSettled(left.map(issue));
      await killer.query('SELECT pg_sleep($1)', [Math.random() * 0.02]);
      if (left.length > 5)
        await killer.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE usename = 'moyai_finance' AND datname = current_database() AND xact_start IS NOT NULL`);
      await outcomes;
      const open: { id: string }[] = await books.everything.query(
        `SELECT id FROM invoices WHERE state = 'approved' AND id = ANY ($1)`,
        [left],
      );
      left = open.map(({ id }) => id);
    }
    await killer.end();
    const numbers: { number: string }[] = await books.everything.query(
      'SELECT number FROM invoices WHERE number IS NOT NULL ORDER BY number',
    );
    expect(numbers.map(({ number }) => number)).toEqual(
      numbers.map((_, index) => `M2026-${String(index + 1).padStart(6, '0')}`),
    );
  }, 60_000);
});
