import { loadavg } from 'node:os';
import { type Bench, type BenchContext, judged, type Row, unjudged } from '../bench.ts';
import { type Backend, BACKEND_NAMES, withProduct } from '../load/bench-product.ts';
import { OpenBooks } from '../load/books.ts';
import { CityClient, type JobTrace } from '../load/city-client.ts';
import { ClosedLoop } from '../load/closed-loop.ts';
import { processorSeconds, type ProcessorShare, processorShares } from '../measure/processor-time.ts';

const READERS = 64;
const WARM_UP_MS = 10_000;
const MEASURED_MS = 20_000;
const GOAL_JOBS_PER_SECOND = 150;
const QUESTION = { prompt: '本日の会議室の予約状況を教えてください。', maxTokens: 32 };
/** A model that costs nothing and keeps nobody waiting, so that what is measured is the product. */
const INSTANT = { SIMULATOR_FIRST_TOKEN_DELAY_MS: '0', SIMULATOR_TOKEN_DELAY_MS: '0' };

/**
 * How many jobs a second are accepted, run, read to their end as an event stream and billed, while the product, its
 * database, its queue, the simulator and the readers share this machine. Asked with the API keys of three cities.
 */
export const throughput = (backend: Backend): Bench => ({
  id: `throughput.${backend}`,
  run: async (context) => [await measure(context, backend)],
});

function measure(context: BenchContext, backend: Backend): Promise<Row> {
  return withProduct(context, { backend, environment: INSTANT }, async ({ product, city, processes }) => {
    using books = await OpenBooks.of(product);
    const cities = product.demo.cities.map(({ apiKey }) => CityClient.withKey(city, apiKey));
    const loop = new ClosedLoop(READERS, (reader) => cities[reader % cities.length]!.ask(QUESTION));
    await loop.runFor(WARM_UP_MS);
    const before = processorSeconds(processes);
    const { finished, elapsedMs } = await loop.runFor(MEASURED_MS);
    const shares = processorShares(before, processorSeconds(processes));
    const load = loadavg()[0]!;
    await loop.end();
    await books.demandBalance(loop.total);
    const row = {
      id: `throughput.${backend}`,
      name: `受付から記録まで（${BACKEND_NAMES[backend]}）`,
      value: finished.length / (elapsedMs / 1000),
      unit: '件/秒',
      note: noteOf(shares, elapsedMs, finished, load),
    };
    return backend === 'redis' ? judged(row, '>=', GOAL_JOBS_PER_SECOND) : unjudged(row);
  });
}

/** Where the processors went, so that the bottleneck has a name. */
function noteOf(
  shares: readonly ProcessorShare[],
  elapsedMs: number,
  finished: readonly JobTrace[],
  load: number,
): string {
  const jobs = finished.length;
  const refusals = finished.reduce((sum, trace) => sum + trace.refusals, 0);
  const cores = shares.reduce((sum, { seconds }) => sum + seconds, 0) / (elapsedMs / 1000);
  const parts = shares
    .filter(({ share }) => share >= 0.01)
    .map(
      ({ name, seconds, share }) =>
        `${name} ${Math.round(share * 100)} % (${((seconds / jobs) * 1000).toFixed(2)} ms/件)`,
    );
  return [
    `${READERS} 並列の閉ループ、API キー、SSE を最後まで読む`,
    `CPU ${cores.toFixed(2)} コア: ${parts.join(', ')}`,
    `ボトルネック: ${shares[0]?.name}`,
    ...(refusals > 0 ? [`混雑で断られ送り直したもの ${refusals} 回`] : []),
    `load ${load.toFixed(1)}`,
  ].join('。');
}
