import { randomUUID } from 'node:crypto';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { RedisServer } from '../../services/redis.ts';
import { type Bench, type BenchContext, judged, type Row, unjudged } from '../bench.ts';
import { AdmissionStand } from '../lines/admission-stand.ts';
import { PLACES } from '../lines/busy-city.ts';
import { openOurs, openPeer, PEER_NAMES, PEERS } from '../lines/peers.ts';
import { jainIndex, ServicePool } from '../lines/service-pool.ts';
import type { LineCity, LineJob, WaitingLine } from '../lines/waiting-line.ts';
import { BACKEND_NAMES } from '../load/bench-product.ts';
import { pause } from '../load/closed-loop.ts';
import { Dice } from '../../dice.ts';

const WEIGHTS = [1, 2, 4];
const CITIES = 21;
/** Every city has more in line than it gets in the whole run. */
const JOBS_OF_EACH = 1_500;
/** Half of the cities ask for little at a time, half for much: a share of jobs is not a share of tokens. */
const SIZES = [
  { least: 200, most: 1_200 },
  { least: 2_000, most: 4_000 },
];
/** So that some 170 jobs a second end, small ones as they are: what two cores bear with room to spare. */
const MS_PER_TOKEN = 1;
const SETTLE_MS = 4_000;
const MEASURED_MS = 12_000;
const GOAL_INDEX = 0.98;
const GOAL_BUSY = 98;
const SEED = 20_261_121;

/** How evenly the tokens that cities are served follow their weights, while all of them have jobs in line. */
export const fairnessByWeight: Bench = { id: 'fairness.weights', run: measure };

async function measure({ directory, scope, say }: BenchContext): Promise<Row[]> {
  await using left = scope();
  const redis = await RedisServer.start(join(directory, 'redis'));
  left.defer(() => redis.stop());
  const stand = left.use(await AdmissionStand.open(directory));
  const cities = Array.from({ length: CITIES }, (_, index) => ({
    id: randomUUID(),
    weight: WEIGHTS[index % WEIGHTS.length]!,
  }));
  const jobs = jobsOf(cities);
  const served = async (name: string, line: WaitingLine) => {
    const figures = await serve(line, cities, jobs);
    say(`${name}: ${told(figures)}`);
    return figures;
  };
  const product = {
    redis: await served('この製品（Redis）', await openOurs(stand, redis.url, 'redis', cities)),
    postgres: await served('この製品（PostgreSQL）', await openOurs(stand, redis.url, 'postgres', cities)),
  };
  const peers: string[] = [];
  for (const peer of PEERS) {
    const figures = await served(PEER_NAMES[peer], await openPeer(peer, redis.url, cities));
    peers.push(`${PEER_NAMES[peer]} ${told(figures)}`);
  }
  const note =
    `${CITIES} 市、重み 1:2:4、それぞれ ${JOBS_OF_EACH} 件が待つ。半分の市は ${SIZES[0]!.least}〜${SIZES[0]!.most}、` +
    `半分は ${SIZES[1]!.least}〜${SIZES[1]!.most} トークン。${PLACES} 枠、${MEASURED_MS / 1000} 秒。` +
    `${peers.join('、')}。load ${loadavg()[0]!.toFixed(1)}`;
  return (['redis', 'postgres'] as const).flatMap((backend) => [
    judged(
      {
        id: `fairness.weights.jain.${backend}`,
        name: `重みあたりのトークンの Jain 指数（${BACKEND_NAMES[backend]}）`,
        value: product[backend].index,
        unit: '',
        note,
      },
      '>=',
      GOAL_INDEX,
    ),
    busyRow(backend, product[backend].busy),
  ]);
}

function busyRow(backend: 'redis' | 'postgres', busy: number): Row {
  const row = {
    id: `fairness.weights.busy.${backend}`,
    name: `枠が使われていた割合（どの市も待つ、${BACKEND_NAMES[backend]}）`,
    value: busy * 100,
    unit: '%',
    note: `${PLACES} 枠。1 件が 1 トークン ${MS_PER_TOKEN} ms の間 1 枠を使う。load ${loadavg()[0]!.toFixed(1)}`,
  };
  return backend === 'redis' ? judged(row, '>=', GOAL_BUSY) : unjudged(row);
}

/** In the order of a line in which all asked at random moments. */
function jobsOf(cities: readonly LineCity[]): LineJob[] {
  const dice = new Dice(SEED);
  const jobs = cities.flatMap(({ id }, index) => {
    const { least, most } = SIZES[Math.floor(index / WEIGHTS.length) % SIZES.length]!;
    return Array.from({ length: JOBS_OF_EACH }, () => ({
      id: randomUUID(),
      city: id,
      tokens: Math.round(least + dice.roll() * (most - least)),
      place: dice.roll(),
    }));
  });
  return jobs.toSorted((a, b) => a.place - b.place);
}

interface Figures {
  readonly index: number;
  readonly busy: number;
}

async function serve(line: WaitingLine, cities: readonly LineCity[], jobs: readonly LineJob[]): Promise<Figures> {
  await using closing = new AsyncDisposableStack();
  closing.use(line);
  const pool = new ServicePool(MS_PER_TOKEN);
  for (const job of jobs) pool.arrive(job);
  await line.fill(jobs);
  await line.start(PLACES, (jobId) => pool.serve(jobId));
  await pause(SETTLE_MS);
  const from = performance.now();
  await pause(MEASURED_MS);
  const to = performance.now();
  pool.close();
  const tokens = pool.tokensByCity(from, to);
  return {
    index: jainIndex(cities.map(({ id, weight }) => (tokens.get(id) ?? 0) / weight)),
    busy: pool.busy(PLACES, from, to),
  };
}

const told = ({ index, busy }: Figures): string => `${index.toFixed(3)}（枠 ${(busy * 100).toFixed(1)} %）`;
