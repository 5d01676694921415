import { loadavg } from 'node:os';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type Bench, type BenchContext, type Row, judged, unjudged } from '../bench.ts';
import { LeavingCity } from '../lines/leaving-city.ts';
import { withProduct } from '../load/bench-product.ts';
import { FILLED } from '../load/rows-of-city.ts';
import { peakBytes } from '../measure/resident-memory.ts';

/** The environment may ask for less, to see that it runs. */
const ROWS = Number(process.env['BENCH_EXIT_ROWS'] ?? 1_000_000);
const GOAL_SECONDS = 300;
const MEGABYTE = 2 ** 20;

/** A city leaves with a million rows, beside others with as many: its export, its removal and the scan after it. */
export const exitMillion: Bench = { id: 'exit.million', run: measure };

async function measure(context: BenchContext): Promise<Row[]> {
  return withProduct(context, { backend: 'postgres' }, async ({ product, city, processes }) => {
    await using left = context.scope();
    const leaving = left.use(await LeavingCity.open(product, city));
    await leaving.fill(ROWS);
    const before = await countOthers(leaving);
    const { copyMs, deleteMs } = await floorOf(leaving);
    context.say(`ただの COPY ${inSeconds(copyMs)} 秒、ただの DELETE ${inSeconds(deleteMs)} 秒`);
    const exportMs = await leaving.export();
    const [archive] = (await leaving.everything.query(ARCHIVE, [leaving.id])).rows as [
      Record<'bytes' | 'packed', number>,
    ];
    context.say(`書き出し ${inSeconds(exportMs)} 秒`);
    const { removalMs, scanMs, certificate } = await leaving.remove();
    context.say(`削除 ${inSeconds(removalMs)} 秒、確認 ${inSeconds(scanMs)} 秒`);
    const removed = certificate.removed.reduce((sum, { count }) => sum + count, 0);
    if (removed < ROWS) throw new Error(`${removed} rows were removed`);
    if ((await countOthers(leaving)) !== before) throw new Error('rows of another city are gone');
    const { found, places, values } = certificate.scan;
    const rows = removed.toLocaleString('ja-JP');
    const sizes = `${mega(archive.bytes)} MB（圧縮 ${mega(archive.packed)} MB）`;
    const part = (id: string, name: string, ms: number, note: string): Row =>
      unjudged({ id: `exit.million.${id}`, name, value: inSeconds(ms), unit: '秒', note });
    return [
      judged(
        {
          id: 'exit.million',
          name: `${ROWS.toLocaleString('ja-JP')} 行の団体の退会（書き出し、削除、確認）`,
          value: inSeconds(exportMs + removalMs + scanMs),
          unit: '秒',
          note:
            `削除 ${rows} 行、書き出し ${sizes}、確認で見つかったもの ${found}、他団体に同数の行。` +
            `同じ行のただの COPY ${inSeconds(copyMs)} 秒、ただの DELETE ${inSeconds(deleteMs)} 秒。load ${loadavg()[0]!.toFixed(1)}`,
        },
        '<=',
        GOAL_SECONDS,
      ),
      part('export', '退会：書き出し', exportMs, `${sizes}、凍結から受取可能まで`),
      part('removal', '退会：行・待ち行列・鍵の削除', removalMs, `${rows} 行`),
      part(
        'scan',
        '退会：残りがないことの確認',
        scanMs,
        `${places} か所、値 ${values.toLocaleString('ja-JP')} 件、見つかったもの ${found}`,
      ),
      unjudged({
        id: 'exit.million.memory',
        name: '退会：worker のメモリ（最大）',
        value: Number(mega(peakBytes(processes['worker']!)).replaceAll(',', '')),
        unit: 'MB',
        note: '起動からの最大',
      }),
    ];
  });
}

const ARCHIVE = `
  SELECT sum(bytes)::float8 AS bytes,
    (SELECT sum(packed_bytes)::float8 FROM data_export_chunks WHERE tenant_id = $1) AS packed
  FROM data_export_files WHERE tenant_id = $1`;

const inSeconds = (ms: number): number => Number((ms / 1_000).toFixed(1));
const mega = (bytes: number): string => Math.round(bytes / MEGABYTE).toLocaleString('ja-JP');

async function countOthers({ everything }: LeavingCity): Promise<number> {
  let count = 0;
  for (const table of FILLED) {
    const { rows } = await everything.query<{ n: number }>(
      `SELECT count(*)::integer AS n FROM ${table} WHERE tenant_id IN (SELECT id FROM tenants WHERE name LIKE '計測市%')`,
    );
    count += rows[0]!.n;
  }
  return count;
}

/** What nobody can do without: the same rows read once as they are, and deleted once, without a look at what refers to them. */
async function floorOf({ everything, id }: LeavingCity): Promise<{ copyMs: number; deleteMs: number }> {
  const copyMs = await timeOf(async () => {
    for (const table of FILLED) await read(everything, `SELECT * FROM ${table} WHERE tenant_id = '${id}'`);
  });
  await everything.query('BEGIN');
  await everything.query('SET LOCAL session_replication_role = replica');
  const deleteMs = await timeOf(async () => {
    for (const table of FILLED) await everything.query(`DELETE FROM ${table} WHERE tenant_id = $1`, [id]);
  });
  await everything.query('ROLLBACK');
  return { copyMs, deleteMs };
}

const read = (everything: Client, query: string): Promise<void> =>
  pipeline(
    everything.query(copyTo(`COPY (${query}) TO STDOUT`)),
    new Writable({ write: (_chunk, _encoding, done) => done() }),
  );

async function timeOf(work: () => Promise<void>): Promise<number> {
  const beganAt = performance.now();
  await work();
  return performance.now() - beganAt;
}
