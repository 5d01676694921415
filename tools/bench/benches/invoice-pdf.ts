import { loadavg } from 'node:os';
import { InvoicePress } from '#libs/billing';
import { type Bench, type BenchContext, type Row, unjudged } from '../bench.ts';
import { invoices } from '../load/invoices.ts';
import { quantilesOf } from '../measure/quantiles.ts';
import { residentBytes } from '../measure/resident-memory.ts';

/** Every municipality of the country, each with one invoice a month. */
const CITIES = 1_741;
/** Printed of them, evenly from the smallest to the largest. */
const PRINTED = 174;
const WARM_UP = 10;
const MEGABYTE = 2 ** 20;

/** How long it takes to print a month's invoices as PDF, one after the other as the archive of a month does, and in how much memory. */
export const invoicePdf: Bench = { id: 'invoice-pdf', run: measure };

async function measure({ scope, say }: BenchContext): Promise<Row[]> {
  await using left = scope();
  const press = new InvoicePress();
  left.defer(() => press.onModuleDestroy());
  for (const document of invoices(WARM_UP)) await press.print(document);

  const before = residentBytes(process.pid);
  const waits: number[] = [];
  let bytes = 0;
  let peak = before;
  for (const document of invoices(PRINTED)) {
    const start = performance.now();
    bytes += (await press.print(document)).length;
    waits.push(performance.now() - start);
    peak = Math.max(peak, residentBytes(process.pid));
  }
  const { p50, p95 } = quantilesOf(waits);
  const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
  const note = `部署 3〜60、1件 ${Math.round(bytes / PRINTED / 1_024)} KB、最大 ${Math.round(Math.max(...waits))} ms、load ${loadavg()[0]!.toFixed(1)}`;
  say(`1件 ${mean.toFixed(0)} ms（p50 ${p50.toFixed(0)}、p95 ${p95.toFixed(0)}）`);
  return [
    unjudged({ id: 'invoice-pdf.rate', name: '請求書 PDF', value: 1_000 / mean, unit: '件/秒', note }),
    unjudged({
      id: 'invoice-pdf.p95',
      name: '請求書 PDF 1件 p95',
      value: p95,
      unit: 'ms',
      note: `p50 ${p50.toFixed(0)} ms`,
    }),
    unjudged({
      id: 'invoice-pdf.month',
      name: `請求書 PDF ${CITIES.toLocaleString('ja-JP')} 団体分`,
      value: (mean * CITIES) / 1_000,
      unit: '秒',
      note: `${PRINTED} 件から換算、1スレッド`,
    }),
    unjudged({
      id: 'invoice-pdf.memory',
      name: '請求書 PDF 印刷中のメモリの増え方（最大）',
      value: (peak - before) / MEGABYTE,
      unit: 'MB',
      note: `開始時 ${Math.round(before / MEGABYTE)} MB（書体を読んだ後）`,
    }),
  ];
}
