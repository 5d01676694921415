import { loadavg } from 'node:os';
import { join } from 'node:path';
import { RedisServer } from '../../services/redis.ts';
import { type Bench, type BenchContext, judged, type Row, unjudged } from '../bench.ts';
import { AdmissionStand } from '../lines/admission-stand.ts';
import {
  ARRIVING_MS,
  BACKLOG,
  COUNTED_AFTER_MS,
  MS_PER_TOKEN,
  PLACES,
  QUIET_LOAD,
  sceneOf,
  TOKENS,
} from '../lines/busy-city.ts';
import { type Figures, observe } from '../lines/observe.ts';
import { openOurs, openPeer, type Peer, PEER_NAMES, PEERS } from '../lines/peers.ts';
import type { WaitingLine } from '../lines/waiting-line.ts';
import { type Backend, BACKEND_NAMES } from '../load/bench-product.ts';
import { quantilesOf } from '../measure/quantiles.ts';
import { formatValue } from '../table.ts';

const COUNTED_MS = ARRIVING_MS - COUNTED_AFTER_MS;

/** What quiet cities wait for while one city has ten thousand jobs in line, against other ways to share the same places. */
export const fairness = (quietCities: number): Bench => ({
  id: `fairness.${quietCities}`,
  run: (context) => measure(context, quietCities),
});

async function measure({ directory, scope, say }: BenchContext, quietCities: number): Promise<Row[]> {
  await using left = scope();
  const redis = await RedisServer.start(join(directory, 'redis'));
  left.defer(() => redis.stop());
  const stand = left.use(await AdmissionStand.open(directory));
  const scene = sceneOf(quietCities);
  const look = async (name: string, line: WaitingLine, backlog = scene.backlog) => {
    const figures = await observe(line, { ...scene, backlog }, { postgres: stand.postgresPid, redis: redis.pid });
    say(`${name}: 待ち p95 ${figures.p95.toFixed(1)} ms、${figures.processors}`);
    return figures;
  };
  const ours = (backend: Backend) => openOurs(stand, redis.url, backend, scene.cities);
  const empty = {
    redis: await look('空いているとき（Redis）', await ours('redis'), []),
    postgres: await look('空いているとき（PostgreSQL）', await ours('postgres'), []),
  };
  const product = {
    redis: await look('この製品（Redis）', await ours('redis')),
    postgres: await look('この製品（PostgreSQL）', await ours('postgres')),
  };
  const peers = {} as Record<Peer, Figures>;
  for (const peer of PEERS) peers[peer] = await look(PEER_NAMES[peer], await openPeer(peer, redis.url, scene.cities));
  return rowsOf(quietCities, empty, product, peers);
}

function rowsOf(
  quietCities: number,
  empty: Readonly<Record<Backend, Figures>>,
  product: Readonly<Record<Backend, Figures>>,
  peers: Readonly<Record<Peer, Figures>>,
): Row[] {
  const { fifo, priorities } = peers;
  const roundRobin = peers['round-robin'];
  const load = `load ${loadavg()[0]!.toFixed(1)}`;
  const shape =
    `1 市が ${BACKLOG} 件を待たせ、他の ${quietCities} 市が ${COUNTED_MS / 1000} 秒に分かれて訊く（容量の ${QUIET_LOAD * 100} %、重み 1:2:4）。` +
    `${TOKENS.least}〜${TOKENS.most} トークン、${PLACES} 枠`;
  const waits = [
    `待ち p50/p95 は この製品 ${told(product.redis)}（PostgreSQL のキュー ${told(product.postgres)}）`,
    `空いているとき ${told(empty.redis)}（${told(empty.postgres)}）`,
    ...PEERS.map((peer) => `${PEER_NAMES[peer]} ${told(peers[peer])}`),
  ].join('、');
  const who = `静かな ${quietCities} 市`;
  const rows = [
    judged(
      {
        id: `fairness.${quietCities}.wait.fifo`,
        name: `${who}の待ち p95（先着順の待ちが何倍か）`,
        value: fifo.p95 / product.redis.p95,
        unit: '倍',
        note: `${shape}。${waits}。${load}`,
      },
      '>=',
      20,
    ),
    ...(['redis', 'postgres'] as const).map((backend) =>
      judged(
        {
          id: `fairness.${quietCities}.wait.empty.${backend}`,
          name: `${who}の待ち p95（空いているときに対して、${BACKEND_NAMES[backend]}）`,
          value: product[backend].p95 / empty[backend].p95,
          unit: '倍',
          note:
            `差は ${formatValue(product[backend].p95 - empty[backend].p95)} ms。満ちた枠は次に空くまで待つ（平均 ` +
            `${formatValue((((TOKENS.least + TOKENS.most) / 2) * MS_PER_TOKEN) / PLACES)} ms に 1 つ空く）。` +
            `回答が終わるまでの p95 は ${formatValue(product[backend].answeredP95 / empty[backend].answeredP95)} 倍。${product[backend].processors}。${load}`,
        },
        '<=',
        1.2,
      ),
    ),
    ...(['redis', 'postgres'] as const).map((backend) =>
      judged(
        {
          id: `fairness.${quietCities}.busy.${backend}`,
          name: `枠が使われていた割合（${BACKEND_NAMES[backend]}）`,
          value: product[backend].busy * 100,
          unit: '%',
          note: `${PLACES} 枠、${COUNTED_MS / 1000} 秒。先着順 ${percent(fifo)}、priority ${percent(priorities)}、round robin ${percent(roundRobin)}。${load}`,
        },
        '>=',
        98,
      ),
    ),
  ];
  const errors = quantilesOf(product.redis.errors.map(({ error }) => error));
  const waited = quantilesOf(product.redis.errors.map(({ waited: ms }) => ms));
  for (const quantile of ['p50', 'p95'] as const)
    rows.push(
      unjudged({
        id: `fairness.${quietCities}.estimate.${quantile}`,
        name: `待ち時間の見込みの誤差 ${quantile}`,
        value: errors[quantile] / 1000,
        unit: '秒',
        note:
          `|見込み - 実際|、待たせている市の ${product.redis.errors.length} 回。実際の残りの待ちは ` +
          `p50 ${formatValue(waited.p50 / 1000)} 秒、p95 ${formatValue(waited.p95 / 1000)} 秒。${load}`,
      }),
    );
  return rows;
}

const told = ({ p50, p95 }: Figures): string => `${formatValue(p50)}/${formatValue(p95)} ms`;
const percent = ({ busy }: Figures): string => `${(busy * 100).toFixed(1)} %`;
