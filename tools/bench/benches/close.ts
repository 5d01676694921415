import { loadavg } from 'node:os';
import { type Bench, type BenchContext, type Row, judged, unjudged } from '../bench.ts';
import { BillingStand, type ClosingCost } from '../lines/billing-stand.ts';
import { CITIES, DEPARTMENTS, MODELS } from '../load/month-of-usage.ts';

const GOAL_ROWS = 10_000_000;
/** The environment may ask for as many as the goals are for, which take minutes to make. */
export const USAGE_ROWS = Number(process.env['BENCH_USAGE_ROWS'] ?? GOAL_ROWS / 10);
/** With fewer rows a figure is something to know and no goal reached. */
export const judgedByRows: typeof judged = (row, comparison, limit) =>
  USAGE_ROWS < GOAL_ROWS ? unjudged(row) : judged(row, comparison, limit);
/** Both take turns, and the best of each counts: what else this machine does only ever adds. */
const TURNS = 3;
const WORK_MEM = '64MB';
const GOAL_RATIO = 1.5;
const MEGABYTE = 2 ** 20;

const PLAIN = `
  SELECT tenant_id, department_id, model, sum(input_tokens), sum(output_tokens), sum(cache_read_tokens),
    sum(cache_write_tokens), sum(input_characters), sum(output_characters)
  FROM usage_records GROUP BY tenant_id, department_id, model`;

/** A month of all municipalities closed and every invoice drafted, against the one GROUP BY nobody can do without. */
export const close: Bench = { id: 'close', run: measure };

async function measure({ directory, scope, say }: BenchContext): Promise<Row[]> {
  await using left = scope();
  const books = left.use(await BillingStand.open(directory, USAGE_ROWS));
  const plain: number[] = [];
  const closings: ClosingCost[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    plain.push(await timeOf(books));
    if (turn > 0) await books.reopen();
    closings.push(await books.close(CITIES));
    const { countingMs, draftingMs } = closings.at(-1)!;
    say(`GROUP BY ${inSeconds(plain.at(-1)!)}、集計 ${inSeconds(countingMs)}、下書き ${inSeconds(draftingMs)}`);
  }
  const best = closings.toSorted((a, b) => wholeOf(a) - wholeOf(b))[0]!;
  const bestPlain = Math.min(...plain);
  return [
    judgedByRows(
      {
        id: 'close',
        name: `月締めと全 ${CITIES.toLocaleString('ja-JP')} 団体の請求書の下書き（ただの GROUP BY に対して）`,
        value: wholeOf(best) / bestPlain,
        unit: '倍',
        note:
          `利用 ${USAGE_ROWS.toLocaleString('ja-JP')} 行、部署 ${DEPARTMENTS}、モデル ${MODELS}。GROUP BY ${inSeconds(bestPlain)}、` +
          `締め ${inSeconds(wholeOf(best))}（凍結と集計 ${inSeconds(best.countingMs)}、下書き ${inSeconds(best.draftingMs)}）。` +
          `どちらも ${TURNS} 回の最良、work_mem ${WORK_MEM}、PDF は invoice-pdf。load ${loadavg()[0]!.toFixed(1)}`,
      },
      '<=',
      GOAL_RATIO,
    ),
    unjudged({
      id: 'close.memory',
      name: '月締めをするプロセスのメモリ（最大）',
      value: Math.max(...closings.map(({ peakBytes }) => peakBytes)) / MEGABYTE,
      unit: 'MB',
      note: `計測の道具を含む。PostgreSQL の work_mem ${WORK_MEM}`,
    }),
  ];
}

const wholeOf = ({ countingMs, draftingMs }: ClosingCost): number => countingMs + draftingMs;
const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} 秒`;

/** Without a word to the client: its result is left in the server, as the close leaves its own. */
async function timeOf({ everything }: BillingStand): Promise<number> {
  const runner = everything.createQueryRunner();
  try {
    await runner.query(`SET work_mem = '${WORK_MEM}'`);
    await runner.query(PLAIN);
    const beganAt = performance.now();
    await runner.query(`EXPLAIN (ANALYZE, TIMING OFF, BUFFERS OFF) ${PLAIN}`);
    return performance.now() - beganAt;
  } finally {
    await runner.query('RESET work_mem');
    await runner.release();
  }
}
