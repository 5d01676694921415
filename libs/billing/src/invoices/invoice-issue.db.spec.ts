import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobAccountingModule, OpenCalls } from '#libs/jobs';
import { type TestBooks, type TestCity, openBooks } from '../../test/books.ts';
import { CloseRunner } from '../close/close-runner.ts';
import { MonthClose } from '../close/month-close.ts';
import { CostReportImporter } from '../reconciliation/cost-report-importer.ts';
import { CostReportWaivers } from '../reconciliation/cost-report-waivers.ts';
import { InvoiceIssue } from './invoice-issue.ts';
import { InvoiceSteps } from './invoice-steps.ts';

const MONTH = '2026-10';
const BILL = [
  'line_item_usage_start_date,line_item_line_item_type,line_item_product_code,line_item_usage_type,line_item_usage_amount,line_item_unblended_cost,line_item_currency_code,product_region_code',
  '2026-10-10T03:00:00Z,Usage,AmazonBedrock,APN1-Opus-input-tokens,1,1000,USD,ap-northeast-1',
].join('\n');

describe('issuing against the provider’s bill', () => {
  let books: TestBooks;
  let cities: [TestCity, TestCity];
  let invoices: [string, string];
  const vendor = (index: 0 | 1) => ({ type: 'vendor' as const, id: books.people[index] });
  const issue = (index: 0 | 1) =>
    books.finance.run((tx) => books.app.get(InvoiceIssue).issue(tx, vendor(0), invoices[index]));

  beforeAll(async () => {
    books = await openBooks({ module: JobAccountingModule, provider: OpenCalls });
    cities = [await books.addCity(), await books.addCity()];
    for (const city of cities) await books.addCalls(city, [{}]);
    await books.everything.query(
      `INSERT INTO pool_deployments (id, position, model, segments, provider, region, simulated, concurrency, output_burn_down)
       VALUES ('d', 1, 'opus', '{lgwan}', 'bedrock', 'ap-northeast-1', false, 1, 1)`,
    );
    await books.finance.run((tx) => books.app.get(MonthClose).begin(tx, vendor(0), MONTH));
    await books.app.get(CloseRunner).run(MONTH);
    const steps = books.app.get(InvoiceSteps);
    const ids = await Promise.all(
      cities.map(async ({ id }) => {
        const [row] = await books.everything.query('SELECT id FROM invoices WHERE tenant_id = $1', [id]);
        return row.id as string;
      }),
    );
    for (const id of ids) {
      await books.finance.run((tx) => steps.review(tx, vendor(0), id));
      await books.finance.run((tx) => steps.approve(tx, vendor(1), id));
    }
    invoices = ids as [string, string];
  });
  afterAll(() => books[Symbol.asyncDispose]());

  it('waits for the bill, or for two people who decide to do without, and loses no number over it', async () => {
    await expect(issue(0)).rejects.toMatchObject({ code: 'RECONCILIATION.REPORT_MISSING' });
    const waivers = books.app.get(CostReportWaivers);
    await waivers.propose(vendor(0), MONTH, '提供元の障害');
    await expect(issue(0)).rejects.toMatchObject({ code: 'RECONCILIATION.REPORT_MISSING' });
    await waivers.approve(vendor(1), MONTH);
    expect(await issue(0)).toMatchObject({ state: 'issued', number: 'M2026-000001' });
  });

  it('stops at a bill that differs by more than is allowed', async () => {
    await books.app.get(CostReportImporter).import(vendor(0), {
      month: MONTH,
      fileName: 'cur.csv',
      file: (async function* file() {
        yield Buffer.from(BILL);
      })(),
    });
    await expect(issue(1)).rejects.toMatchObject({ code: 'RECONCILIATION.NOT_SETTLED' });
    const [{ state, number }] = await books.everything.query('SELECT state, number FROM invoices WHERE id = $1', [
      invoices[1],
    ]);
    expect({ state, number }).toEqual({ state: 'approved', number: null });
  });
});
