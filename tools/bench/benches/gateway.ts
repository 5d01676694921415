import { loadavg } from 'node:os';
import { type Bench, type BenchContext, judged, type Row } from '../bench.ts';
import { withProduct } from '../load/bench-product.ts';
import { ClosedLoop } from '../load/closed-loop.ts';
import { CompletionClient } from '../load/completion-client.ts';
import { openLoop } from '../load/open-loop.ts';
import { HttpConnection } from '../load/http-connection.ts';
import { type Quantiles, quantilesOf } from '../measure/quantiles.ts';
import { PORTKEY_IDLE_MS, PortkeyGateway, portkeyToBedrock } from '../peers/portkey-gateway.ts';
import { formatValue } from '../table.ts';

const READERS = 64;
const WARM_UP_MS = 1_500;
const SATURATED_MS = 4_000;
/** For the latency: a load that every way bears, so that it is not the length of its own line that is measured. */
const PACED_PER_SECOND = 40;
const PACED_MS = 6_000;
/** What is added below this cannot be told from chance, and must not be divided by. */
const DISCERNIBLE_MS = 0.5;
const MAX_TOKENS = 64;
/** A streamed answer comes in pieces, as a model writes; one in a single piece would measure no streaming. */
const PACE = { firstTokenDelayMs: 0, tokenDelayMs: 1, tokensPerDelta: 3, jitter: 0 };
const INSTANT = { ...PACE, tokenDelayMs: 0 };
const BEDROCK_MODEL = 'jp.anthropic.claude-sonnet-4-6';
const MATERIAL = '町内会の清掃活動は春と秋に公園と河川敷で行い、参加者には軍手とごみ袋を配ります。';

const SIZES = { small: 512, large: 50 * 1_024 } as const;
const SIZE_NAMES = { small: '0.5 KB', large: '50 KB' } as const;
type Size = keyof typeof SIZES;
type Mode = 'whole' | 'streamed';
const MODE_NAMES: Readonly<Record<Mode, string>> = { whole: '一括', streamed: 'ストリーム' };

/**
 * The OpenAI-compatible endpoint against @portkey-ai/gateway, each with its whole machinery in front of one Bedrock simulator
 * and asked by one and the same client: the product with guard, budget, queue, meter and audit, the gateway with none of them.
 * One after the other, so that neither takes the other's cores.
 */
export const gateway: Bench = { id: 'gateway', run: measure };

function measure(context: BenchContext): Promise<Row[]> {
  return withProduct(context, { backend: 'redis' }, async ({ product, city }) => {
    await using left = context.scope();
    const portkey = await PortkeyGateway.start();
    left.defer(() => portkey.stop());
    const simulator = `http://127.0.0.1:${product.record.ports.simulator}`;
    const control = left.use(new HttpConnection(simulator));
    const ours = product.demo.cities.map(
      ({ apiKey }) =>
        new CompletionClient(city, '/api/openai/v1', 'claude-sonnet-4.6', { authorization: `Bearer ${apiKey}` }),
    );
    const door = left.use(new HttpConnection(portkey.url, PORTKEY_IDLE_MS));
    const theirs = new CompletionClient(door, '/v1', BEDROCK_MODEL, portkeyToBedrock(simulator));
    const floor = new CompletionClient(control, '/v1', BEDROCK_MODEL, {});

    // The peers would spend a region's minute of tokens within seconds and then measure its refusals. What our own pool holds back
    // by its two regions' quota is not reached here.
    await control.json('PUT', '/_simulator/quotas', {}, {});
    const rows: Row[] = [];
    for (const mode of ['whole', 'streamed'] as const) {
      await control.json('PUT', '/_simulator/behaviour', {}, mode === 'whole' ? INSTANT : PACE);
      for (const size of ['small', 'large'] as const) {
        const body = { ...promptOf(SIZES[size]), stream: mode === 'streamed', max_tokens: MAX_TOKENS };
        const direct = await figuresOf([floor], body);
        const portkeys = await figuresOf([theirs], body);
        rows.push(...rowsOf(mode, size, { direct, portkey: portkeys, product: await figuresOf(ours, body) }));
        context.say(
          rows
            .slice(-2)
            .map(({ id, value }) => `${id} ${formatValue(value)}`)
            .join(', '),
        );
      }
    }
    return rows;
  });
}

function promptOf(bytes: number): object {
  const instruction = '次の文章の手順を一覧にしてください。\n\n';
  const room = bytes - Buffer.byteLength(instruction);
  const content = instruction + MATERIAL.repeat(Math.max(1, Math.floor(room / Buffer.byteLength(MATERIAL))));
  return { messages: [{ role: 'user', content }] };
}

interface Figures {
  readonly perSecond: number;
  /** Milliseconds to the end of the answer, under the paced load and under as much as it bears. */
  readonly paced: Quantiles;
  readonly saturated: Quantiles;
  readonly refusals: number;
}

async function figuresOf(clients: readonly CompletionClient[], body: { readonly stream: boolean }): Promise<Figures> {
  const ask = (turn: number) => clients[turn % clients.length]!.ask(body);
  const loop = new ClosedLoop(READERS, ask);
  await loop.runFor(WARM_UP_MS);
  const { finished, elapsedMs } = await loop.runFor(SATURATED_MS);
  await loop.end();
  const paced = await openLoop(PACED_PER_SECOND, PACED_MS, ask);
  return {
    perSecond: finished.length / (elapsedMs / 1000),
    paced: quantilesOf(paced.map(({ endedMs }) => endedMs)),
    saturated: quantilesOf(finished.map(({ endedMs }) => endedMs)),
    refusals: [...finished, ...paced].reduce((sum, { refusals }) => sum + refusals, 0),
  };
}

type Way = 'direct' | 'portkey' | 'product';
const WAY_NAMES: Readonly<Record<Way, string>> = {
  product: 'この製品',
  portkey: '@portkey-ai/gateway',
  direct: '模擬モデルに直接（OpenAI 形式）',
};

function rowsOf(mode: Mode, size: Size, figures: Readonly<Record<Way, Figures>>): Row[] {
  const { product, portkey, direct } = figures;
  const id = `gateway.${mode}.${size}`;
  const shape = `${MODE_NAMES[mode]}、${SIZE_NAMES[size]}`;
  const told = (tell: (figures: Figures) => string) =>
    (['product', 'portkey', 'direct'] as const).map((way) => `${WAY_NAMES[way]} ${tell(figures[way])}`).join('、');
  const added = ({ paced }: Figures) => paced.p99 - direct.paced.p99;
  const both = `どちらも OpenAI 形式で受け Bedrock 形式（x-portkey-provider: bedrock と custom-host）で同じ模擬モデルに渡す。load ${loadavg()[0]!.toFixed(1)}`;
  return [
    judged(
      {
        id: `${id}.rate`,
        name: `OpenAI 互換 API の件数/秒（${shape}）`,
        value: product.perSecond / portkey.perSecond,
        unit: '倍',
        note:
          `${READERS} 並列の閉ループ ${SATURATED_MS / 1000} 秒。${told(({ perSecond }) => `${perSecond.toFixed(0)} 件/秒`)}。` +
          `断られ送り直したもの ${product.refusals}、${portkey.refusals} 回。${both}`,
      },
      '>=',
      1,
    ),
    judged(
      {
        id: `${id}.p99`,
        name: `OpenAI 互換 API が加える p99（${shape}）`,
        value: Math.max(added(product), DISCERNIBLE_MS) / Math.max(added(portkey), DISCERNIBLE_MS),
        unit: '倍',
        note:
          `毎秒 ${PACED_PER_SECOND} 件を ${PACED_MS / 1000} 秒。回答の終わりまでの p99 は ` +
          `${told(({ paced }) => `${paced.p99.toFixed(1)} ms`)}、直接との差の比。${READERS} 並列では ` +
          `${told(({ saturated }) => `${saturated.p99.toFixed(0)} ms`)}。${both}`,
      },
      '<=',
      1,
    ),
  ];
}
