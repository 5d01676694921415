import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobAccountingModule, OpenCalls } from '#libs/jobs';
import { type TestBooks, openBooks } from '../../test/books.ts';
import { PeriodBook } from './period-book.ts';

describe('the months of the books', () => {
  let books: TestBooks;
  beforeAll(async () => {
    books = await openBooks({ module: JobAccountingModule, provider: OpenCalls });
  });
  afterAll(() => books[Symbol.asyncDispose]());

  const months = async () =>
    (await books.finance.run((tx) => books.app.get(PeriodBook).list(tx, 13))).map(({ month }) => month);

  it('begin with the first contract, or with use ahead of it: nothing is open before', async () => {
    expect(await months()).toEqual([]);
    const trial = await books.addCity(null);
    await books.addCalls(trial, [{ billingMonth: '2026-10', acceptedAt: '2026-10-02T00:00:00Z' }]);
    expect(await months()).toEqual(['2026-11', '2026-10']);
    await books.addCity();
    expect((await months()).at(-1)).toBe('2026-04');
    await books.addCalls(trial, [{ billingMonth: '2026-03', acceptedAt: '2026-03-02T00:00:00Z' }]);
    expect((await months()).at(-1)).toBe('2026-03');
  });
});
