import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { poll } from '../../services/processes.ts';
import { SimulatorProcess } from '../../services/simulator.ts';
import { type Bench, type BenchContext, judged, type Row, unjudged } from '../bench.ts';
import { withProduct } from '../load/bench-product.ts';
import { CityClient } from '../load/city-client.ts';
import { pause } from '../load/closed-loop.ts';
import { DeltaReader } from '../load/delta-reader.ts';
import { deploymentEnvironment } from '../load/deployments.ts';
import { DirectModel } from '../load/direct-model.ts';
import { HttpConnection } from '../load/http-connection.ts';
import { inTurn } from '../load/in-turn.ts';
import { openLoop } from '../load/open-loop.ts';
import { processorSeconds, processorShares } from '../measure/processor-time.ts';
import { type Quantiles, quantilesOf } from '../measure/quantiles.ts';
import { INSPECTED, residentBytesAtRest } from '../measure/resident-memory.ts';

const STREAMS = 5_000;
/** So many answers are being written meanwhile: what two cores bear with simulator, product and readers on them. */
const ANSWERS = 1_000;
const DIRECT_STREAMS = 100;
const WARM_UP_STREAMS = 50;
const OPENED_AT_ONCE = 50;
const ACCEPTED_PER_SECOND = 100;
const SETTLE_MS = 3_000;
const MEASURED_MS = 15_000;
const GOAL_MS = 10;
/** Of the pieces that come to all readers in that time; with fewer it is no measurement. */
const LEAST_PIECES = 0.95;
/** A piece every second from every answer, at moments of their own. */
const PIECE_EVERY_MS = 1_000;
const PACE = { firstTokenDelayMs: 0, tokenDelayMs: PIECE_EVERY_MS, tokensPerDelta: 1, jitter: 0 };
/** Its answer has some 900 tokens: at this pace it outlasts the measurement. */
const QUESTION = {
  prompt: `次の文章の手順を一覧にしてください。\n\n${'町内会の清掃活動は春と秋に公園と河川敷で行い、参加者には軍手とごみ袋を配ります。'.repeat(30)}`,
  maxTokens: 2_000,
};

/**
 * What the product adds to the time between two pieces of an answer while thousands of event streams are open: the 99th
 * percentile of the gaps a reader sees, less that of the gaps the SDK sees which reads the same simulator directly at the
 * same time. A piece that is late makes one long gap, two that arrive as one make a double one.
 */
export const openStreams: Bench = { id: 'streams.open', run: measure };

async function measure(context: BenchContext): Promise<Row[]> {
  await using left = context.scope();
  const simulator = await SimulatorProcess.start();
  left.defer(() => simulator.stop());
  const control = left.use(new HttpConnection(simulator.url));
  await control.json('PUT', '/_simulator/behaviour', {}, PACE);
  const environment = {
    ...deploymentEnvironment({ endpoint: simulator.url, concurrency: ANSWERS }),
    NODE_OPTIONS: INSPECTED,
    WORKER_CONCURRENCY: String(ANSWERS),
  };
  return await withProduct(context, { backend: 'redis', environment }, async ({ product, city, processes }) => {
    const cities = product.demo.cities.map(({ apiKey }) => CityClient.withKey(city, apiKey));
    const clientOf = (index: number) => cities[index % cities.length]!;
    const acceptingMs = (ANSWERS / ACCEPTED_PER_SECOND) * 1000;
    const jobs = await openLoop(ACCEPTED_PER_SECOND, acceptingMs, (index) => clientOf(index).submit(QUESTION));
    await poll('the model calls', 60_000, async () => {
      const { inFlight } = await control.json<{ inFlight: number }>('GET', '/_simulator/stats');
      return inFlight >= ANSWERS || undefined;
    });
    const open = async (index: number) => {
      const answer = index % ANSWERS;
      return new DeltaReader(await clientOf(answer).follow(jobs[answer]!));
    };
    for (const reader of await inTurn(WARM_UP_STREAMS, OPENED_AT_ONCE, open)) reader.close();
    const api = { pid: processes['api']!, said: readFileSync(join(product.home, 'logs', 'api.log'), 'utf8') };
    const bytesBefore = await residentBytesAtRest(api);
    const direct = left.use(new DirectReaders(simulator.url, DIRECT_STREAMS));

    const own = await inTurn(ANSWERS, OPENED_AT_ONCE, open);
    const alone = await listen(own, direct, processes);
    context.say(`${own.length} 本を測りました`);
    const shared = await inTurn(STREAMS - ANSWERS, OPENED_AT_ONCE, (index) => open(ANSWERS + index));
    const all = await listen([...own, ...shared], direct, processes);
    const bytesAfter = await residentBytesAtRest(api);
    for (const reader of [...own, ...shared]) reader.close();
    return [
      judged(rowOf('streams.open.p99', all), '<=', GOAL_MS),
      judged(rowOf('streams.open.own.p99', alone), '<=', GOAL_MS),
      memoryRow(bytesBefore, bytesAfter),
    ];
  });
}

interface Figures {
  readonly streams: number;
  readonly pieces: number;
  readonly product: Quantiles;
  readonly direct: Quantiles;
  readonly processors: string;
}

/** @throws Error when a stream ends meanwhile, or readers go short of pieces */
async function listen(
  readers: readonly DeltaReader[],
  direct: DirectReaders,
  processes: Readonly<Record<string, number>>,
): Promise<Figures> {
  await pause(SETTLE_MS);
  for (const reader of [...readers, ...direct.readers]) reader.begin();
  const used = processorSeconds(processes);
  await pause(MEASURED_MS);
  const shares = processorShares(used, processorSeconds(processes));
  for (const reader of [...readers, ...direct.readers]) reader.stop();
  const gaps = readers.flatMap((reader) => reader.gaps);
  const lost = readers.filter(({ ended }) => ended).length;
  if (lost > 0) throw new Error(`${lost} of ${readers.length} streams ended while they were to stay open`);
  const expected = readers.length * (MEASURED_MS / PIECE_EVERY_MS);
  if (gaps.length < LEAST_PIECES * expected)
    throw new Error(`${gaps.length} of ${expected} pieces came to the readers`);
  const cores = shares.reduce((sum, { seconds }) => sum + seconds, 0) / (MEASURED_MS / 1000);
  const parts = shares.map(({ name, share }) => `${name} ${Math.round(share * 100)} %`);
  return {
    streams: readers.length,
    pieces: gaps.length,
    product: quantilesOf(gaps),
    direct: quantilesOf(direct.readers.flatMap((reader) => reader.gaps)),
    processors: `CPU ${cores.toFixed(2)} コア（${parts.join('、')}）`,
  };
}

/** A few streams read through the SDK alone. */
class DirectReaders implements Disposable {
  readonly readers: { readonly gaps: number[]; begin(): void; stop(): void }[] = [];
  private readonly model: DirectModel;
  private readonly leave = new AbortController();

  constructor(endpoint: string, count: number) {
    this.model = new DirectModel(endpoint);
    for (let index = 0; index < count; index += 1) {
      const gaps: number[] = [];
      let last: number | undefined;
      const begin = () => {
        gaps.length = 0;
        last = undefined;
      };
      const heard = () => {
        const now = performance.now();
        if (last !== undefined) gaps.push(now - last);
        last = now;
      };
      void this.model.follow(QUESTION, heard, this.leave.signal).catch(() => undefined); // it is cut when we stop
      const stop = () => {
        if (last !== undefined) gaps.push(performance.now() - last);
        last = undefined;
      };
      this.readers.push({ gaps, begin, stop });
    }
  }

  [Symbol.dispose](): void {
    this.leave.abort();
    this.model[Symbol.dispose]();
  }
}

function rowOf(id: string, figures: Figures): Parameters<typeof judged>[0] {
  const { product, direct, pieces, processors } = figures;
  const told = ({ p50, p99 }: Quantiles) => `p50 ${p50.toFixed(1)} ms、p99 ${p99.toFixed(1)} ms`;
  return {
    id,
    name: `断片と断片の間に加わる遅れ p99（SSE ${figures.streams} 本、回答中 ${ANSWERS} 件）`,
    value: product.p99 - direct.p99,
    unit: 'ms',
    note:
      `どの回答も ${PIECE_EVERY_MS} ms に 1 断片、${pieces} 断片。間隔は 経由 ${told(product)}、` +
      `SDK から直接（同時に ${DIRECT_STREAMS} 本）${told(direct)}。${processors}。load ${loadavg()[0]!.toFixed(1)}`,
  };
}

const memoryRow = (before: number, after: number): Row =>
  unjudged({
    id: 'streams.open.memory',
    name: `開いた SSE 1 本のメモリー（${STREAMS} 本）`,
    value: (after - before) / STREAMS / 1_024,
    unit: 'KB',
    note: `api 1 プロセス、回答中 ${ANSWERS} 件、全体で ${Math.round(after / 2 ** 20)} MB。ごみ集めの後。load ${loadavg()[0]!.toFixed(1)}`,
  });
