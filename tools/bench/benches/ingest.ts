import { randomUUID } from 'node:crypto';
import { AuditTrail } from '#libs/audit';
import { BulkDatabase, createDataSource } from '#libs/database';
import { SystemClock } from '#libs/kernel';
import { USAGE_COLUMNS, UsageImport } from '#libs/metering';
import { type Bench, type BenchContext, type Row, judged, unjudged } from '../bench.ts';
import { AdmissionStand } from '../lines/admission-stand.ts';
import { FinishedRows } from '../load/finished-rows.ts';

const CITIES = 50;
const MODELS = 4;
const DAYS = 28;
const DAY_MS = 86_400_000;
const ROWS = 200_000;
/** Both take turns, so that what else this machine does falls on both. */
const TURNS = 3;
const PIECE_BYTES = 64 * 1024;
const GOAL_ROWS_PER_SECOND = 30_000;
const GOAL_RATIO = 0.4;

/**
 * Usage taken in from files, against COPY of the same bytes into a table that has nothing but columns; beside it, not judged,
 * against COPY of the rows as they are in the end into a table like that of usage.
 */
export const ingest: Bench = { id: 'ingest', run: measure };

async function measure({ directory, scope, say }: BenchContext): Promise<Row[]> {
  await using left = scope();
  const stand = left.use(await AdmissionStand.open(directory));
  await found(stand);
  const source = await createDataSource(stand.urls.finance, 1, { bulk: true }).initialize();
  left.defer(() => source.destroy());
  const database = new BulkDatabase(source);
  const imports = new UsageImport(new AuditTrail(new SystemClock()), new SystemClock());
  const columns = USAGE_COLUMNS.join(', ');
  const finished = left.use(await FinishedRows.open(stand.everything));

  const spent = { plain: 0, ours: 0, again: 0, finished: 0 };
  // The first turn finds nothing warm and is not counted.
  for (let turn = 0; turn <= TURNS; turn += 1) {
    const [header, body] = fileOf(turn);
    await stand.everything.query('TRUNCATE bench_usage');
    await stand.everything.query('CHECKPOINT');
    const plain = await timeOf(() =>
      database.run((tx) => tx.copyIn(`COPY bench_usage (${columns}) FROM STDIN (FORMAT csv)`, inPieces(body))),
    );
    await stand.everything.query('CHECKPOINT');
    const take = () =>
      database.run((tx) => imports.take(tx, { type: 'system', id: null }, inPieces(Buffer.concat([header, body]))));
    const ours = await timeOf(async () => expectReceipt(await take(), { recorded: ROWS, unrated: 0 }));
    const again = await timeOf(async () => expectReceipt(await take(), { recorded: 0, duplicates: ROWS }));
    const rows = await finished.ofLastImport();
    await stand.everything.query('CHECKPOINT');
    const same = await timeOf(() => finished.copy(inPieces(rows)));
    say(
      `${turn === 0 ? '慣らし' : `${turn}回目`}: COPY ${rate(plain)} 行/秒、取込み ${rate(ours)} 行/秒、再送 ${rate(again)} 行/秒、` +
        `同じ作りの表への COPY ${rate(same)} 行/秒`,
    );
    if (turn === 0) continue;
    spent.plain += plain / TURNS;
    spent.ours += ours / TURNS;
    spent.again += again / TURNS;
    spent.finished += same / TURNS;
  }
  const note = `${ROWS.toLocaleString('ja-JP')} 行 × ${TURNS} 回、${CITIES} 団体、${MODELS} モデル、${DAYS} 日`;
  return [
    judged(
      { id: 'ingest', name: '利用の取込み（重複除去・評価・予算込み）', value: rate(spent.ours), unit: '行/秒', note },
      '>=',
      GOAL_ROWS_PER_SECOND,
    ),
    judged(
      {
        id: 'ingest.ratio',
        name: '列だけの表への COPY に対する速さ',
        value: Number((spent.plain / spent.ours).toFixed(3)),
        unit: '倍',
        note: `COPY ${rate(spent.plain)} 行/秒`,
      },
      '>=',
      GOAL_RATIO,
    ),
    unjudged({
      id: 'ingest.finished',
      name: '出来上がった行を、同じ鍵・索引・検査の表へ COPY する速さに対して',
      value: Number((spent.finished / spent.ours).toFixed(3)),
      unit: '倍',
      note: `COPY ${rate(spent.finished)} 行/秒。受付順のまま。重複除去・評価・予算・行ごとの権限は COPY の側にない`,
    }),
    unjudged({
      id: 'ingest.again',
      name: '同じファイルの再送',
      value: rate(spent.again),
      unit: '行/秒',
      note: '1行も増えない',
    }),
  ];
}

const rate = (ms: number): number => Math.round(ROWS / (ms / 1_000));

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const beganAt = performance.now();
  await work();
  return performance.now() - beganAt;
}

function expectReceipt(receipt: object, expected: Record<string, number>): void {
  for (const [name, value] of Object.entries(expected))
    if ((receipt as Record<string, number>)[name] !== value)
      throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(receipt)}`);
}

/** Cities, prices for every model, and a table that only takes rows. */
async function found(stand: AdmissionStand): Promise<void> {
  await stand.found(Array.from({ length: CITIES }, () => ({ id: randomUUID(), weight: 1 })));
  // What is imported has to be of days that a contract or a trial covers
  await stand.everything.query('UPDATE tenants SET trial_ends_on = current_date + 1');
  const people = [randomUUID(), randomUUID()];
  await stand.everything.query(
    `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
       created_at, updated_at) SELECT id, id::text, id::text, '担当', 'finance', '', now(), now(), now()
     FROM unnest($1::uuid[]) AS id`,
    [people],
  );
  const begin = `(date_trunc('year', now() AT TIME ZONE 'Asia/Tokyo') - interval '1 year')`;
  await stand.everything.query(
    `INSERT INTO model_prices SELECT gen_random_uuid(), 'model-' || n, ${begin} AT TIME ZONE 'Asia/Tokyo', 'USD',
       3.3, 16.5, 0.33, 4.125, '試験', $1, now(), $2, now() FROM generate_series(1, ${MODELS}) AS n`,
    people,
  );
  await stand.everything.query(
    `INSERT INTO fx_rates SELECT gen_random_uuid(), ${begin} AT TIME ZONE 'Asia/Tokyo', 150, '試験', $1, now(), $2, now()`,
    people,
  );
  await stand.everything.query(
    `CREATE TABLE bench_usage (city_code text, department_code text, segment text, model text, deployment_id text,
       call text, accepted_at timestamptz, input_tokens bigint, output_tokens bigint, cache_read_tokens bigint,
       cache_write_tokens bigint, input_characters bigint, output_characters bigint)`,
  );
  await stand.everything.query('GRANT INSERT ON bench_usage TO moyai_finance');
}

/** @returns header and rows, of calls that no other turn has */
function fileOf(turn: number): readonly [header: Buffer, body: Buffer] {
  const from = Date.now() - DAYS * DAY_MS;
  const step = Math.floor((DAYS * DAY_MS) / ROWS);
  const lines = Array.from({ length: ROWS }, (_, index) =>
    [
      100_001 + (index % CITIES),
      '',
      'lgwan',
      `model-${1 + (index % MODELS)}`,
      `box-${index % CITIES}`,
      randomUUID(),
      new Date(from + index * step + turn).toISOString(),
      1_000 + (index % 977),
      200 + (index % 311),
      index % 89,
      index % 53,
      1_500 + (index % 1_013),
      300 + (index % 401),
    ].join(','),
  );
  return [Buffer.from(`${USAGE_COLUMNS.join(',')}\n`), Buffer.from(`${lines.join('\n')}\n`)];
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
