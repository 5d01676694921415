import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { poll } from '../../services/processes.ts';
import { SimulatorProcess } from '../../services/simulator.ts';
import { type Bench, type BenchContext, judged, type Row } from '../bench.ts';
import { withProduct } from '../load/bench-product.ts';
import { CityClient } from '../load/city-client.ts';
import { HttpConnection } from '../load/http-connection.ts';
import { residentBytesAtRest } from '../measure/resident-memory.ts';

const STREAMS = 1_000;
const WARM_UP_STREAMS = 50;
const GOAL_RATIO = 3;
const OPENED_AT_ONCE = 50;
const QUESTION = { prompt: '転入届の手続きの手順を一覧にしてください。', maxTokens: 200 };
/** Streams begin to speak and then fall silent, so that every running one holds a part of an answer. */
const SILENT_AFTER_FRAMES = 12;

type Stage = 'waiting' | 'running';

/** What one open event stream costs the api in resident memory, against the least a Node server can keep one open with. */
export const streamMemory: Bench = {
  id: 'sse.memory',
  async run(context) {
    const bare = await bareBytesPerStream();
    const rows: Row[] = [];
    for (const stage of ['waiting', 'running'] as const)
      rows.push(rowOf(stage, await bytesPerStream(context, stage), bare));
    return rows;
  },
};

function rowOf(stage: Stage, bytes: number, bare: number): Row {
  const kilobytes = (value: number) => `${(value / 1_024).toFixed(1)} KB`;
  return judged(
    {
      id: `sse.memory.${stage}`,
      name: `開いた SSE 1 本のメモリー（${stage === 'waiting' ? '順番待ち' : '回答中'}）`,
      value: bytes / bare,
      unit: '倍',
      note: `${STREAMS} 本、api 1 プロセス。1 本あたり ${kilobytes(bytes)}、素の Node の SSE サーバー ${kilobytes(bare)}。load ${loadavg()[0]!.toFixed(1)}`,
    },
    '<=',
    GOAL_RATIO,
  );
}

async function bareBytesPerStream(): Promise<number> {
  const server = fork(new URL('../load/bare-sse-server.ts', import.meta.url));
  try {
    const [port] = (await once(server, 'message')) as [number];
    using connection = new HttpConnection(`http://127.0.0.1:${port}`);
    return await growthPerStream(server.pid!, () => connection.send('GET', '/'));
  } finally {
    server.kill();
  }
}

/** All jobs are accepted before the first look, so that what grows is the streams and not the accepting. */
async function bytesPerStream({ directory, ...context }: BenchContext, stage: Stage): Promise<number> {
  await using left = new AsyncDisposableStack();
  const simulator = await SimulatorProcess.start();
  left.defer(() => simulator.stop());
  using control = new HttpConnection(simulator.url);
  await control.json('PUT', '/_simulator/behaviour', {}, { tokenDelayMs: 0, stallAtFrame: SILENT_AFTER_FRAMES });
  const concurrency = stage === 'running' ? STREAMS + WARM_UP_STREAMS : 1;
  const options = { backend: 'postgres', environment: environmentFor(simulator, concurrency) } as const;
  const here = { ...context, directory: join(directory, stage) };
  return await withProduct(here, options, async ({ product, city, processes }) => {
    const cities = product.demo.cities.map(({ apiKey }) => CityClient.withKey(city, apiKey));
    const clientOf = (index: number) => cities[index % cities.length]!;
    const jobs = await inTurn(STREAMS + WARM_UP_STREAMS, (index) => clientOf(index).submit(QUESTION));
    await poll('the model calls', 60_000, async () => {
      const { inFlight } = await control.json<{ inFlight: number }>('GET', '/_simulator/stats');
      return inFlight >= concurrency ? true : undefined;
    });
    return await growthPerStream(processes['api']!, (index) => clientOf(index).follow(jobs[index]!));
  });
}

const environmentFor = (simulator: SimulatorProcess, concurrency: number): NodeJS.ProcessEnv => ({
  WORKER_CONCURRENCY: String(concurrency),
  MODEL_TOKEN_GAP_TIMEOUT_MS: '600000',
  BENCH_MODEL_KEY: 'bench',
  MODEL_DEPLOYMENTS: JSON.stringify([
    {
      id: 'bench',
      model: 'bench',
      displayName: 'bench',
      provider: 'bedrock',
      providerModelId: 'bench',
      region: 'ap-northeast-1',
      endpoint: simulator.url,
      apiKeyEnv: 'BENCH_MODEL_KEY',
      simulated: true,
      segments: ['lgwan'],
      concurrency,
      maxOutputTokens: 8192,
    },
  ]),
});

/** Opens a few streams and lets them go, so that what is loaded once is loaded; then opens all and looks again. */
async function growthPerStream(pid: number, open: (index: number) => Promise<IncomingMessage>): Promise<number> {
  const first = await inTurn(WARM_UP_STREAMS, (index) => open(STREAMS + index).then(heard));
  for (const stream of first) stream.destroy();
  const before = await residentBytesAtRest(pid);
  const streams = await inTurn(STREAMS, (index) => open(index).then(heard));
  const after = await residentBytesAtRest(pid);
  const closed = streams.filter(({ complete }) => complete).length;
  if (closed > 0) throw new Error(`${closed} of ${STREAMS} streams ended while they were to stay open`);
  for (const stream of streams) stream.destroy();
  return (after - before) / STREAMS;
}

/** Reads on until something was said, and lets the rest flow by. */
async function heard(stream: IncomingMessage): Promise<IncomingMessage> {
  stream.on('error', () => undefined);
  await once(stream, 'data');
  return stream.resume();
}

/** Does `work` for each number below `count`, a few at once. */
async function inTurn<Result>(count: number, work: (index: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < count; from += OPENED_AT_ONCE) {
    const indices = Array.from({ length: Math.min(OPENED_AT_ONCE, count - from) }, (_, offset) => from + offset);
    results.push(...(await Promise.all(indices.map(work))));
  }
  return results;
}
