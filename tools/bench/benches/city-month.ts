import { loadavg } from 'node:os';
import { InvoiceBook } from '#libs/billing';
import { FinanceDatabase, TenantDatabase } from '#libs/database';
import { jstDayOf, jstMonthRange, tenantId } from '#libs/kernel';
import { UsageReport } from '#libs/metering';
import type { Bench, BenchContext, Row } from '../bench.ts';
import { BillingStand } from '../lines/billing-stand.ts';
import { CITIES } from '../load/month-of-usage.ts';
import { quantilesOf } from '../measure/quantiles.ts';
import { USAGE_ROWS, judgedByRows } from './close.ts';

/** Looked at: every so many cities from the largest to the smallest. */
const STEP = 8;
const PAGE = 50;
const GOAL_MS = 200;

/** What people wait for who look at a month: a city at its use and its invoice, the vendor at the list of all invoices. */
export const cityMonth: Bench = { id: 'city-month', run: measure };

async function measure({ directory, scope, say }: BenchContext): Promise<Row[]> {
  await using left = scope();
  const books = left.use(await BillingStand.open(directory, USAGE_ROWS));
  await books.close(CITIES);
  await books.issue();
  const { app, month } = books;
  const [tenants, finance] = [app.get(TenantDatabase), app.get(FinanceDatabase)];
  const [report, book] = [new UsageReport(), app.get(InvoiceBook)];
  const { start, end } = jstMonthRange(month);
  const days = { from: jstDayOf(start), to: jstDayOf(new Date(end.getTime() - 1)) };
  const query = { ...days, groupBy: 'department', departmentIds: null } as const;
  const cities: { id: string; invoice: string }[] = await books.everything.query(
    `SELECT t.id, i.id AS invoice FROM tenants t JOIN invoices i ON i.tenant_id = t.id ORDER BY t.code`,
  );
  const looked = cities.filter((_, index) => index % STEP === 0);

  const views = {
    usage: { name: '市の利用（1か月、部署別）', waits: [] as number[] },
    invoice: { name: '市の請求書 1 件', waits: [] as number[] },
    invoices: { name: '事業者の請求一覧（1 ページ）', waits: [] as number[] },
  };
  const [largest] = looked;
  for (const { id, invoice } of [largest!, ...looked]) {
    const scopeOfCity = { tenantId: tenantId(id), segment: 'lgwan' as const };
    await timed(views.usage, () => tenants.run(scopeOfCity, (tx) => report.forCity(tx, query)));
    await timed(views.invoice, () =>
      tenants.run(scopeOfCity, async (tx) => [
        await book.get(tx, invoice),
        await book.document(tx, invoice),
        await book.kept(tx, invoice),
      ]),
    );
    await timed(views.invoices, () => finance.run((tx) => book.list(tx, { month }, { after: null, limit: PAGE + 1 })));
  }
  return Object.entries(views).map(([part, { name, waits }]) => {
    const [, ...warm] = waits;
    const { p50, p95 } = quantilesOf(warm);
    const note =
      `利用 ${USAGE_ROWS.toLocaleString('ja-JP')} 行、${looked.length} 団体、p50 ${p50.toFixed(1)} ms、` +
      `いちばん大きい市 ${warm[0]!.toFixed(1)} ms、load ${loadavg()[0]!.toFixed(1)}`;
    say(`${name} p95 ${p95.toFixed(1)} ms（${note}）`);
    return judgedByRows({ id: `city-month.${part}`, name: `${name} p95`, value: p95, unit: 'ms', note }, '<=', GOAL_MS);
  });
}

async function timed({ waits }: { waits: number[] }, look: () => Promise<unknown>): Promise<void> {
  const beganAt = performance.now();
  await look();
  waits.push(performance.now() - beganAt);
}
