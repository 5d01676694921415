import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobAccountingModule, OpenCalls } from '#libs/jobs';
import { type TestBooks, openBooks } from '../../test/books.ts';
import { USAGE_COUNTS } from '../usage-counts.ts';
import { countUsage } from './count-usage.ts';

const MONTH = '2026-10';
/** At the edges of the days on which terms change, and between them. */
const INSTANTS = [
  '2026-10-01T00:00:00+09:00',
  '2026-10-09T23:59:59.999+09:00',
  '2026-10-10T00:00:00+09:00',
  '2026-10-14T23:59:59.999+09:00',
  '2026-10-15T00:00:00+09:00',
  '2026-10-24T12:00:00+09:00',
  '2026-10-25T00:00:00+09:00',
  '2026-10-31T23:59:59.999+09:00',
];
const SUMS = USAGE_COUNTS.map(([column]) => column);

let books: TestBooks;

beforeAll(async () => {
  books = await openBooks({ module: JobAccountingModule, provider: OpenCalls });
  const changes = [[], ['2026-10-15'], ['2026-10-10'], ['2026-10-10', '2026-10-15', '2026-10-25'], ['2026-10-15']];
  for (const [index, days] of changes.entries()) {
    const city = await books.addCity();
    for (const day of days)
      await books.everything.query(
        `INSERT INTO contract_terms SELECT (jsonb_populate_record(t, jsonb_build_object('valid_from', $2::date))).*
         FROM contract_terms t WHERE tenant_id = $1 AND valid_from = '2026-04-01'`,
        [city.id, day],
      );
    await books.addCalls(
      city,
      INSTANTS.flatMap((acceptedAt, nth) =>
        [null, ...city.departments].map((departmentId) => ({
          acceptedAt,
          departmentId,
          tokens: 1_000 * index + nth,
          model: nth % 2 === 0 ? 'opus' : 'haiku',
        })),
      ),
    );
  }
});
afterAll(() => books[Symbol.asyncDispose]());

describe('counting a month', () => {
  it('puts each call into the stretch of terms of its day, whenever and however often terms change', async () => {
    await books.finance.run((tx) => countUsage(tx, MONTH));
    const keys = 'department_id, model, price_id, fx_rate_id';
    const counted = await books.everything.query(
      `SELECT tenant_id, stretch_from::text, ${keys}, calls, ${SUMS.join(', ')} FROM period_usage
       WHERE month = '2026-10-01' AND accepted_month = month ORDER BY tenant_id, stretch_from, ${keys}`,
    );
    const oneByOne = await books.everything.query(
      `SELECT u.tenant_id, s.stretch_from::text, ${keys}, count(*) AS calls,
         ${SUMS.map((column) => `sum(${column})::bigint AS ${column}`).join(', ')}
       FROM usage_records u JOIN contract_stretches('2026-10-01') s ON s.tenant_id = u.tenant_id
         AND (u.accepted_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN s.stretch_from AND s.stretch_to
       GROUP BY u.tenant_id, s.stretch_from, ${keys} ORDER BY u.tenant_id, s.stretch_from, ${keys}`,
    );
    expect(counted).toEqual(oneByOne);
    expect(new Set(counted.map((row: { stretch_from: string }) => row.stretch_from))).toEqual(
      new Set(['2026-10-01', '2026-10-10', '2026-10-15', '2026-10-25']),
    );
  });

  it('refuses a sum that is no longer exact', async () => {
    await books.addCalls(await books.addCity(), [{ tokens: 2 ** 52 }, { tokens: 2 ** 52 }]);
    await expect(books.finance.run((tx) => countUsage(tx, MONTH))).rejects.toMatchObject({
      constraint: 'period_usage_exact',
    });
  });
});
