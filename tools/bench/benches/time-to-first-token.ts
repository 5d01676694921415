import { loadavg } from 'node:os';
import { type Bench, type BenchContext, judged, type Row } from '../bench.ts';
import { type Backend, BACKEND_NAMES, type BenchProduct, withProduct } from '../load/bench-product.ts';
import { CityClient } from '../load/city-client.ts';
import { ClosedLoop } from '../load/closed-loop.ts';
import { DirectModel } from '../load/direct-model.ts';
import { HttpConnection } from '../load/http-connection.ts';
import { type Quantiles, quantilesOf } from '../measure/quantiles.ts';

const STREAMS = 50;
/** As a large model paces a short answer: about 2.3 s in 35 pieces. No jitter, so that what differs is the product. */
const PACE = { firstTokenDelayMs: 300, tokenDelayMs: 20, tokensPerDelta: 3, jitter: 0 };
const QUESTION = {
  prompt: '住民票の写しの請求に必要な書類を一覧にして、窓口での案内文の案を作ってください。',
  maxTokens: 100,
};
const TURN_MS = 2_300;
const WARM_UP_MS = 10_000;
/** Product and direct calls take turns, so that what else this machine does falls on both. */
const ROUNDS = 3;
const ROUND_MS = 10_000;
const BURSTS = 6;

const GOALS: Readonly<Record<Backend, Pick<Quantiles, 'p50' | 'p95'>>> = {
  postgres: { p50: 25, p95: 80 },
  redis: { p50: 15, p95: 50 },
};

type Way = (reader: number) => Promise<number>;

/**
 * By how much the product delays the first token against a direct call of the same simulator through the AWS SDK, with 50
 * streams open: from just before POST /api/v1/jobs through ingress, api, queue, worker and back as an event stream. The
 * readers are signed-in members. Once as a steady load (each asks again when its answer has ended), once with all 50
 * asking in the same instant.
 */
export const timeToFirstToken = (backend: Backend): Bench => ({
  id: `ttft.${backend}`,
  run: (context) => measure(context, backend),
});

function measure(context: BenchContext, backend: Backend): Promise<Row[]> {
  return withProduct(context, { backend }, async (started) => {
    const simulator = `http://127.0.0.1:${started.product.record.ports.simulator}`;
    using direct = new DirectModel(simulator);
    using control = new HttpConnection(simulator);
    await control.json('PUT', '/_simulator/behaviour', {}, PACE);
    const ways = { product: await throughProduct(started), direct: () => direct.ask(QUESTION) };
    for (const way of [ways.product, ways.direct]) await steady(way, WARM_UP_MS);

    const rows: Row[] = [];
    for (const [variant, sample, times] of VARIANTS) {
      const samples = { product: [] as number[], direct: [] as number[] };
      for (let round = 0; round < times; round += 1) {
        samples.direct.push(...(await sample(ways.direct)));
        samples.product.push(...(await sample(ways.product)));
      }
      rows.push(...rowsOf(backend, variant, samples));
    }
    return rows;
  });
}

const VARIANTS: readonly (readonly ['' | 'burst', (way: Way) => Promise<number[]>, number])[] = [
  ['', (way) => steady(way, ROUND_MS), ROUNDS],
  ['burst', (way) => Promise.all(Array.from({ length: STREAMS }, (_, reader) => way(reader))), BURSTS],
];

async function throughProduct({ product, city }: BenchProduct): Promise<Way> {
  const clients = await Promise.all(product.demo.cities.map((demoCity) => CityClient.signIn(city, demoCity)));
  return async (reader) => (await clients[reader % clients.length]!.ask(QUESTION)).firstTokenMs;
}

/** A closed loop of 50 readers whose beginnings are spread over one turn; what happens until all have begun does not count. */
async function steady(way: Way, milliseconds: number): Promise<number[]> {
  const loop = new ClosedLoop(STREAMS, way, TURN_MS);
  await loop.runFor(TURN_MS);
  const { finished } = await loop.runFor(milliseconds);
  await loop.end();
  return finished;
}

function rowsOf(backend: Backend, variant: '' | 'burst', samples: Record<'product' | 'direct', number[]>): Row[] {
  const product = quantilesOf(samples.product);
  const direct = quantilesOf(samples.direct);
  const shape = variant === '' ? `${STREAMS} 並列の閉ループ` : `${STREAMS} 件を同じ瞬間に ${BURSTS} 回`;
  return (['p50', 'p95'] as const).map((quantile) =>
    judged(
      {
        id: ['ttft', backend, ...(variant ? [variant] : []), quantile].join('.'),
        name: `最初のトークンまでの上乗せ ${quantile}（${BACKEND_NAMES[backend]}${variant ? '、同時開始' : ''}）`,
        value: product[quantile] - direct[quantile],
        unit: 'ms',
        note:
          `${shape}、${samples.product.length} 件。経由 ${product[quantile].toFixed(1)} ms、` +
          `SDK から直接 ${direct[quantile].toFixed(1)} ms。load ${loadavg()[0]!.toFixed(1)}`,
      },
      '<=',
      GOALS[backend][quantile],
    ),
  );
}
