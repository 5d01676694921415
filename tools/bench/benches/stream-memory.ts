import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { poll } from '../../services/processes.ts';
import { SimulatorProcess } from '../../services/simulator.ts';
import type { RunningProduct } from '../../services/running-product.ts';
import { type Bench, type BenchContext, judged, type Row } from '../bench.ts';
import { withProduct } from '../load/bench-product.ts';
import { CityClient } from '../load/city-client.ts';
import { deploymentEnvironment } from '../load/deployments.ts';
import { HttpConnection } from '../load/http-connection.ts';
import { inTurn } from '../load/in-turn.ts';
import { INSPECTED, type InspectedProcess, residentBytesAtRest } from '../measure/resident-memory.ts';

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
    const bare = await memoryOfBare();
    const rows: Row[] = [];
    for (const stage of ['waiting', 'running'] as const)
      rows.push(rowOf(stage, await memoryOfApi(context, stage), bare));
    return rows;
  },
};

/** Resident memory: what one stream adds, and what the whole process has with all of them. */
interface Memory {
  readonly perStream: number;
  readonly whole: number;
}

function rowOf(stage: Stage, api: Memory, bare: Memory): Row {
  const told = ({ perStream, whole }: Memory) =>
    `1 本あたり ${(perStream / 1_024).toFixed(1)} KB（全体 ${Math.round(whole / 2 ** 20)} MB）`;
  return judged(
    {
      id: `sse.memory.${stage}`,
      name: `開いた SSE 1 本のメモリー（${stage === 'waiting' ? '順番待ち' : '回答中'}）`,
      value: api.perStream / bare.perStream,
      unit: '倍',
      note: `${STREAMS} 本、api 1 プロセス。api は${told(api)}、素の Node の SSE サーバーは${told(bare)}。どちらもごみ集めの後。load ${loadavg()[0]!.toFixed(1)}`,
    },
    '<=',
    GOAL_RATIO,
  );
}

async function memoryOfBare(): Promise<Memory> {
  const server = fork(new URL('../load/bare-sse-server.ts', import.meta.url), {
    execArgv: [INSPECTED],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let said = '';
  server.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  try {
    const [port] = (await once(server, 'message')) as [number];
    using connection = new HttpConnection(`http://127.0.0.1:${port}`);
    return await memoryWithStreams({ pid: server.pid!, said }, () => connection.send('GET', '/'));
  } finally {
    server.kill();
  }
}

/** Has the jobs accepted by one api process and their streams read from the next, whose memory then holds nothing else. */
async function memoryOfApi({ directory, ...context }: BenchContext, stage: Stage): Promise<Memory> {
  await using left = context.scope();
  const simulator = await SimulatorProcess.start();
  left.defer(() => simulator.stop());
  using control = new HttpConnection(simulator.url);
  await control.json('PUT', '/_simulator/behaviour', {}, { tokenDelayMs: 0, stallAtFrame: SILENT_AFTER_FRAMES });
  const concurrency = stage === 'running' ? STREAMS + WARM_UP_STREAMS : 1;
  const options = { backend: 'postgres', environment: environmentFor(simulator, concurrency) } as const;
  const here = { ...context, directory: join(directory, stage) };
  return await withProduct(here, options, async ({ product, city }) => {
    const cities = product.demo.cities.map(({ apiKey }) => CityClient.withKey(city, apiKey));
    const clientOf = (index: number) => cities[index % cities.length]!;
    const jobs = await inTurn(STREAMS + WARM_UP_STREAMS, OPENED_AT_ONCE, (index) => clientOf(index).submit(QUESTION));
    await poll('the model calls', 60_000, async () => {
      const { inFlight } = await control.json<{ inFlight: number }>('GET', '/_simulator/stats');
      return inFlight >= concurrency ? true : undefined;
    });
    const api = await restartApi(product, city);
    return await memoryWithStreams(api, (index) => clientOf(index).follow(jobs[index]!));
  });
}

async function restartApi(product: RunningProduct, city: HttpConnection): Promise<InspectedProcess> {
  const pidOfApi = () => product.record.processes['api']!.pid;
  const before = pidOfApi();
  process.kill(before, 'SIGTERM');
  const pid = await poll('the next api', 30_000, () => (pidOfApi() === before ? undefined : pidOfApi()));
  await poll('the next api', 30_000, () =>
    city.json('GET', '/api/health/ready').then(
      () => true,
      () => undefined,
    ),
  );
  return { pid, said: readFileSync(join(product.home, 'logs', 'api.log'), 'utf8') };
}

const environmentFor = (simulator: SimulatorProcess, concurrency: number): NodeJS.ProcessEnv => ({
  ...deploymentEnvironment({ endpoint: simulator.url, concurrency }),
  NODE_OPTIONS: INSPECTED,
  WORKER_CONCURRENCY: String(concurrency),
  MODEL_TOKEN_GAP_TIMEOUT_MS: '600000',
});

/** Opens a few streams and lets them go, so that what is loaded once is loaded; then opens all and looks again. */
async function memoryWithStreams(
  server: InspectedProcess,
  open: (index: number) => Promise<IncomingMessage>,
): Promise<Memory> {
  const first = await inTurn(WARM_UP_STREAMS, OPENED_AT_ONCE, (index) => open(STREAMS + index).then(heard));
  for (const stream of first) stream.destroy();
  const before = await residentBytesAtRest(server);
  const streams = await inTurn(STREAMS, OPENED_AT_ONCE, (index) => open(index).then(heard));
  const after = await residentBytesAtRest(server);
  const closed = streams.filter(({ complete }) => complete).length;
  if (closed > 0) throw new Error(`${closed} of ${STREAMS} streams ended while they were to stay open`);
  for (const stream of streams) stream.destroy();
  return { perStream: (after - before) / STREAMS, whole: after };
}

/** Reads on until something was said, and lets the rest flow by. */
async function heard(stream: IncomingMessage): Promise<IncomingMessage> {
  stream.on('error', () => undefined);
  await once(stream, 'data');
  return stream.resume();
}
