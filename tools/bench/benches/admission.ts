import { randomUUID } from 'node:crypto';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { RedisServer } from '../../services/redis.ts';
import { type Bench, type BenchContext, judged, type Row } from '../bench.ts';
import { AdmissionStand } from '../lines/admission-stand.ts';
import { FairLine } from '../lines/fair-line.ts';
import { openOurs } from '../lines/peers.ts';
import { jobMaker, PlainQueue } from '../lines/plain-queue.ts';
import type { WaitingLine } from '../lines/waiting-line.ts';
import { type Backend, BACKEND_NAMES } from '../load/bench-product.ts';
import { ClosedLoop } from '../load/closed-loop.ts';

const FEW = 10;
const MANY = 2_000;
/** As many as docs/scale.md reckons for the whole country. */
const DEPLOYMENTS = 60;
/** In line in both cases, spread over the cities, so that the cities alone differ. */
const WAITING = 10_000;
/** So many places come free before each admission: one as at little load, several as under much. */
const ROUNDS = { single: 1, batch: 20 } as const;
const ADMISSIONS = 1_000;
const WARM_UP_ADMISSIONS = 200;
/** Few and many take turns, so that what else this machine does falls on both. */
const TURNS = 2;
const GOAL_RATIO = 1.3;

const IN_FLIGHT = 64;
const WARM_UP_MS = 3_000;
const MEASURED_MS = 8_000;
const GOAL_SHARE = 0.8;

/** What one admission costs with two thousand cities in line, and what admission leaves of BullMQ's own throughput. */
export const admission: Bench = { id: 'admission', run: measure };

async function measure({ directory, scope, say }: BenchContext): Promise<Row[]> {
  await using left = scope();
  const redis = await RedisServer.start(join(directory, 'redis'));
  left.defer(() => redis.stop());
  const stand = left.use(await AdmissionStand.open(directory));
  const rows: Row[] = [];
  for (const size of ['single', 'batch'] as const) {
    const costs: Costs = { few: 0, many: 0, spread: 0 };
    for (let turn = 0; turn < TURNS; turn += 1) {
      costs.few += (await costOfAdmission(stand, redis.url, FEW, ROUNDS[size])) / TURNS;
      costs.many += (await costOfAdmission(stand, redis.url, MANY, ROUNDS[size])) / TURNS;
      costs.spread += (await costOfAdmission(stand, redis.url, MANY, ROUNDS[size], DEPLOYMENTS)) / TURNS;
    }
    rows.push(...costRows(size, costs));
    say(
      `${size}: ${FEW} 市 ${costs.few.toFixed(3)} ms、${MANY} 市 ${costs.many.toFixed(3)} ms、` +
        `デプロイメント ${DEPLOYMENTS} 個で ${costs.spread.toFixed(3)} ms`,
    );
  }
  for (const backend of ['redis', 'postgres'] as const) {
    const redisUrl = backend === 'redis' ? redis.url : undefined;
    const city = { id: randomUUID(), weight: 1 };
    const plain = await throughputOf(new PlainQueue(stand, redisUrl), city.id);
    const product = await throughputOf(await openOurs(stand, redis.url, backend, [city]), city.id);
    rows.push(throughputRow(backend, product, plain));
    say(`${backend}: BullMQ だけ ${plain.toFixed(0)} 件/秒、この製品 ${product.toFixed(0)} 件/秒`);
  }
  return rows;
}

/** Milliseconds a job: few cities and many in a pool of one deployment, and many in a pool of sixty. */
interface Costs {
  few: number;
  many: number;
  spread: number;
}

/**
 * @param size places that come free before each admission
 * @returns milliseconds of admit() for each job it admits, its accounting of what has ended included
 */
async function costOfAdmission(
  stand: AdmissionStand,
  redisUrl: string,
  count: number,
  size: number,
  deployments = 1,
): Promise<number> {
  const cities = Array.from({ length: count }, () => ({ id: randomUUID(), weight: 1 }));
  await using closing = new AsyncDisposableStack();
  const line: FairLine = closing.use(await openOurs(stand, redisUrl, 'redis', cities));
  await line.fill(
    Array.from({ length: WAITING }, (_, index) => ({
      id: randomUUID(),
      city: cities[index % count]!.id,
      tokens: 1_000,
    })),
  );
  await line.configure(deployments === 1 ? size : 1, deployments);
  const running: string[] = [];
  for (;;) {
    running.push(...(await line.decide()));
    await line.settleAll(running.splice(0, size));
    const [arrived] = await stand.everything.query(
      `SELECT count(*)::integer AS jobs FROM admission_entries WHERE stage = 'arrived'`,
    );
    if (arrived.jobs === 0) break;
  }
  await stand.everything.query('ANALYZE');
  let spent = 0;
  let admissions = 0;
  for (let total = 0; total < WARM_UP_ADMISSIONS + ADMISSIONS;) {
    const beganAt = performance.now();
    const admitted = await line.decide();
    const elapsed = performance.now() - beganAt;
    if (admitted.length === 0) throw new Error('nothing was admitted');
    running.push(...admitted);
    await line.settleAll(running.splice(0, size));
    total += admitted.length;
    if (total <= WARM_UP_ADMISSIONS) continue;
    spent += elapsed;
    admissions += admitted.length;
  }
  return spent / admissions;
}

/** No-op jobs of one city, so many at once in flight, each asked for when an earlier one has ended. */
async function throughputOf(line: WaitingLine, city: string): Promise<number> {
  await using closing = new AsyncDisposableStack();
  closing.use(line);
  const waiting = new Map<string, () => void>();
  const next = jobMaker(city);
  await line.start(IN_FLIGHT, async (jobId) => waiting.get(jobId)?.());
  const loop = new ClosedLoop(IN_FLIGHT, async () => {
    const job = next();
    const ended = new Promise<void>((resolve) => waiting.set(job.id, resolve));
    await line.add(job);
    await ended;
    waiting.delete(job.id);
  });
  await loop.runFor(WARM_UP_MS);
  const { finished, elapsedMs } = await loop.runFor(MEASURED_MS);
  await loop.end();
  return finished.length / (elapsedMs / 1000);
}

const costRows = (size: keyof typeof ROUNDS, { few, many, spread }: Costs): Row[] => {
  const told = `${WAITING} 件が待つ。往復と終わった分の精算を含む。load ${loadavg()[0]!.toFixed(1)}`;
  return [
    judged(
      {
        id: `admission.cost.${size}`,
        name: `admit() の 1 件あたりの時間（${MANY} 市、${FEW} 市に対して、${ROUNDS[size]} 件ずつ）`,
        value: many / few,
        unit: '倍',
        note: `${FEW} 市 ${few.toFixed(3)} ms/件、${MANY} 市 ${many.toFixed(3)} ms/件。${told}`,
      },
      '<=',
      GOAL_RATIO,
    ),
    judged(
      {
        id: `admission.deployments.${size}`,
        name: `admit() の 1 件あたりの時間（デプロイメント ${DEPLOYMENTS} 個、1 個に対して、${ROUNDS[size]} 件ずつ）`,
        value: spread / many,
        unit: '倍',
        note: `${MANY} 市。1 個 ${many.toFixed(3)} ms/件、${DEPLOYMENTS} 個 ${spread.toFixed(3)} ms/件。${told}`,
      },
      '<=',
      GOAL_RATIO,
    ),
  ];
};

const throughputRow = (backend: Backend, product: number, plain: number): Row =>
  judged(
    {
      id: `admission.throughput.${backend}`,
      name: `受付・入場・終了を含む件数/秒（BullMQ だけに対して、1 市、${BACKEND_NAMES[backend]}）`,
      value: product / plain,
      unit: '倍',
      note:
        `${IN_FLIGHT} 件が途中の閉ループ、空の仕事。BullMQ だけ ${plain.toFixed(0)} 件/秒、この製品 ${product.toFixed(0)} 件/秒` +
        `（受付と終了は PostgreSQL に確定し、同時に来たものは 1 回にまとめる）。load ${loadavg()[0]!.toFixed(1)}`,
    },
    '>=',
    GOAL_SHARE,
  );
