import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { poll } from '../../services/processes.ts';
import { type Bench, type BenchContext, judged, type Row } from '../bench.ts';
import { withProduct } from '../load/bench-product.ts';
import { CityClient } from '../load/city-client.ts';
import { DeltaReader } from '../load/delta-reader.ts';
import { deploymentEnvironment } from '../load/deployments.ts';
import { inTurn } from '../load/in-turn.ts';
import { TalkativeModel } from '../load/talkative-model.ts';
import { INSPECTED, residentBytes, residentBytesAtRest } from '../measure/resident-memory.ts';

const STALLED_READERS = 200;
const CHARACTERS = 60_000;
const WRITTEN_WITHIN_MS = 120_000;
const OPENED_AT_ONCE = 50;
/** One copy of what is still to be sent, as text and as bytes: bounded by the answer, whatever number of pieces it came in. */
const GOAL_ANSWERS = 2;
const ANSWER_BYTES = CHARACTERS * Buffer.byteLength('海');
const QUESTION = { prompt: '海について書いてください。', maxTokens: CHARACTERS };

/**
 * Readers that open a stream and then read nothing, while an answer is written that is far longer than the buffers between
 * them and the api: what each costs the api, in sizes of the answer.
 */
export const slowReaders: Bench = { id: 'streams.slow', run: async (context) => [await measure(context)] };

async function measure(context: BenchContext): Promise<Row> {
  await using left = context.scope();
  const model = left.use(await TalkativeModel.start(CHARACTERS));
  const environment = {
    ...deploymentEnvironment({
      provider: 'openai-compatible',
      endpoint: model.endpoint,
      concurrency: 2,
      maxOutputTokens: CHARACTERS,
    }),
    NODE_OPTIONS: INSPECTED,
  };
  return await withProduct(context, { backend: 'redis', environment }, async ({ product, city, processes }) => {
    const client = CityClient.withKey(city, product.demo.cities[0]!.apiKey);
    const api = { pid: processes['api']!, said: readFileSync(join(product.home, 'logs', 'api.log'), 'utf8') };
    const ingress = processes['ingress']!;
    await whole(client, await client.submit(QUESTION)); // what is loaded once is loaded
    const before = { api: await residentBytesAtRest(api), ingress: residentBytes(ingress) };
    const job = await client.submit(QUESTION);
    const stalled = await inTurn(STALLED_READERS, OPENED_AT_ONCE, () => client.follow(job).then(holdBack));
    const { bytes } = await whole(client, job);
    const after = { api: await residentBytesAtRest(api), ingress: residentBytes(ingress) };
    for (const stream of stalled) stream.destroy();
    const perReader = (after.api - before.api) / STALLED_READERS;
    const told = (value: number) => `${Math.round(value / 1_024)} KB`;
    return judged(
      {
        id: 'streams.slow',
        name: '読まない読み手 1 人が api に持たせるメモリー（回答の大きさに対して）',
        value: perReader / ANSWER_BYTES,
        unit: '倍',
        note:
          `${STALLED_READERS} 人が開いたまま読まない間に ${CHARACTERS} 文字（${told(ANSWER_BYTES)}）の回答を書き終える。読む読み手が受け取るのは ${told(bytes)}。` +
          `1 人あたり api ${told(perReader)}、ingress ${told((after.ingress - before.ingress) / STALLED_READERS)}` +
          `（ingress はごみを含む）。load ${loadavg()[0]!.toFixed(1)}`,
      },
      '<=',
      GOAL_ANSWERS,
    );
  });
}

/** Reads one stream to its end. */
async function whole(client: CityClient, job: string): Promise<DeltaReader> {
  const reader = new DeltaReader(await client.follow(job));
  return await poll('the end of the answer', WRITTEN_WITHIN_MS, () => (reader.ended ? reader : undefined), 100);
}

/** Open, and never read. */
function holdBack(stream: IncomingMessage): IncomingMessage {
  stream.on('error', () => undefined);
  return stream.pause();
}
