import { loadavg } from 'node:os';
import { join } from 'node:path';
import { RedisServer } from '../../services/redis.ts';
import { SimulatorProcess } from '../../services/simulator.ts';
import { type Bench, type BenchContext, judged, type Row, unjudged } from '../bench.ts';
import { withProduct } from '../load/bench-product.ts';
import { pause } from '../load/closed-loop.ts';
import { callers, type Goodput, goodputOf, KeptAnswers } from '../quota/goodput.ts';
import { Limiter } from '../quota/limiter.ts';
import { ProductCaller, productEnvironment } from '../quota/product-caller.ts';
import { GRANTED, QUOTA, REGIONS, Regions } from '../quota/regions.ts';
import { SdkCaller } from '../quota/sdk-caller.ts';

/** More than the quota lets through, whichever way. */
const CALLERS = 100;
const SPAN = { settleMs: 10_000, measuredMs: 20_000 };
const CHANGED_MS = 20_000;
/** Goodput is looked at in spans of so long, from the change on. */
const LOOKED_AT_MS = 4_000;
const LOOKED_EVERY_MS = 250;
const RECOVERED = 0.9;

const SDK_SETTINGS = [
  { retryMode: 'standard', maxAttempts: 3 },
  { retryMode: 'standard', maxAttempts: 10 },
  { retryMode: 'adaptive', maxAttempts: 3 },
  { retryMode: 'adaptive', maxAttempts: 10 },
] as const;

/**
 * What is made of a provider's quota: two regions of a simulated Bedrock, which reserves input and maxTokens at the start of
 * a call, and more demand than they grant. Then the quota is halved and restored without a word to the product.
 */
export const quota: Bench = { id: 'quota', run: measure };

interface Peer {
  readonly name: string;
  readonly goodput: Goodput;
}

async function measure(context: BenchContext): Promise<Row[]> {
  await using left = context.scope();
  const simulator = await SimulatorProcess.start();
  left.defer(() => simulator.stop());
  const regions = left.use(new Regions(simulator));
  const redis = await RedisServer.start(join(context.directory, 'peers'));
  left.defer(() => redis.stop());

  const peers: Peer[] = [];
  const tell = (name: string, goodput: Goodput) => {
    context.say(`${name}: ${told(goodput)}`);
    peers.push({ name, goodput });
  };
  for (const settings of SDK_SETTINGS)
    tell(`SDK ${settings.retryMode}（maxAttempts ${settings.maxAttempts}）`, await throughSdk(regions, settings));
  const perSecond = (REGIONS.length * QUOTA.requestsPerMinute) / 60;
  tell('BullMQ limiter（毎分の要求数）', await throughLimiter(regions, redis.url, perSecond));
  const meanCost = peers[1]!.goodput.meanQuotaTokens;
  tell('BullMQ limiter（平均の消費で割った件数）', await throughLimiter(regions, redis.url, GRANTED / meanCost));

  const environment = productEnvironment(regions);
  return await withProduct(context, { backend: 'redis', environment }, async (started) => {
    const caller = new ProductCaller(started);
    const answers = new KeptAnswers();
    await Promise.all([regions.empty(), caller.emptyBooks()]);
    const loop = callers(CALLERS, (call) => caller.call(call), answers);
    const running = loop.runFor(SPAN.settleMs + SPAN.measuredMs + 2 * CHANGED_MS + 5_000);
    const product = await goodputOf(answers, regions, SPAN);
    context.say(`この製品: ${told(product)}`);
    const halved = await recovery(answers, regions, 0.5);
    const restored = await recovery(answers, regions, 1);
    await running;
    await loop.end();
    return [...goodputRows(product, peers), ...recoveryRows(halved, restored)];
  });
}

async function throughSdk(regions: Regions, settings: (typeof SDK_SETTINGS)[number]): Promise<Goodput> {
  using caller = new SdkCaller(regions, settings);
  const answers = new KeptAnswers();
  await regions.empty();
  const loop = callers(CALLERS, (call) => caller.call(call), answers);
  const [goodput] = await Promise.all([
    goodputOf(answers, regions, SPAN),
    loop.runFor(SPAN.settleMs + SPAN.measuredMs),
  ]);
  await loop.end();
  return goodput;
}

async function throughLimiter(regions: Regions, redisUrl: string, perSecond: number): Promise<Goodput> {
  const answers = new KeptAnswers();
  await regions.empty();
  await using closing = new AsyncDisposableStack();
  closing.use(await Limiter.start(redisUrl, regions, { perSecond, callers: CALLERS }, answers.keep));
  return await goodputOf(answers, regions, SPAN);
}

interface Recovery {
  /** From the change on, until goodput was back to stay; the whole span when it did not come back. */
  readonly seconds: number;
  /** Of what was granted in the whole span, what became answers. */
  readonly share: number;
  readonly throttled: number;
}

async function recovery(answers: KeptAnswers, regions: Regions, factor: number): Promise<Recovery> {
  const before = await regions.served();
  await regions.scale(factor);
  const changedAt = performance.now();
  await pause(CHANGED_MS);
  const after = await regions.served();
  const wanted = RECOVERED * GRANTED * factor;
  let sinceMs = 0;
  while (sinceMs < CHANGED_MS - LOOKED_AT_MS) {
    const from = changedAt + sinceMs;
    const back = answers.rate(from, from + LOOKED_AT_MS) >= wanted;
    if (back && answers.rate(from, changedAt + CHANGED_MS) >= wanted) break;
    sinceMs += LOOKED_EVERY_MS;
  }
  return {
    seconds: sinceMs / 1000,
    share: answers.rate(changedAt, changedAt + CHANGED_MS) / (GRANTED * factor),
    throttled: (after.throttledCalls - before.throttledCalls) / Math.max(1, after.calls - before.calls),
  };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const told = ({ share, throttled, lost }: Goodput): string =>
  `${percent(share)}（拒まれた呼び出し ${percent(throttled)}、回答のない質問 ${percent(lost)}）`;

function goodputRows(product: Goodput, peers: readonly Peer[]): Row[] {
  const best = peers.toSorted((a, b) => b.goodput.share - a.goodput.share)[0]!;
  const note =
    `${REGIONS.length} リージョン、それぞれ毎分 ${QUOTA.tokensPerMinute} トークン（出力は ${QUOTA.outputBurnDown} 倍で引かれる）。` +
    `入力 200〜3,500 トークン、maxTokens 400、1 割は 4,000。${CALLERS} 並列、枠は空から。回答が届いた呼び出しの消費だけを数える。` +
    `${peers.map(({ name, goodput }) => `${name} ${told(goodput)}`).join('、')}。load ${loadavg()[0]!.toFixed(1)}`;
  return [
    judged(
      {
        id: 'quota.goodput',
        name: '与えられたクォータのうち回答になった分',
        value: product.share * 100,
        unit: '%',
        note,
      },
      '>=',
      95,
    ),
    judged(
      {
        id: 'quota.throttled',
        name: '提供者に拒まれた呼び出し',
        value: product.throttled * 100,
        unit: '%',
        note: `${SPAN.measuredMs / 1000} 秒。load ${loadavg()[0]!.toFixed(1)}`,
      },
      '<=',
      1,
    ),
    unjudged({
      id: 'quota.lost',
      name: '回答のなかった質問',
      value: product.lost * 100,
      unit: '%',
      note: `提供者に拒まれ続けたか、受け付けられなかったもの。他の方法: ${peers.map(({ name, goodput }) => `${name} ${percent(goodput.lost)}`).join('、')}。load ${loadavg()[0]!.toFixed(1)}`,
    }),
    judged(
      {
        id: 'quota.peers',
        name: '回答になった分（他の方法の最良に対して）',
        value: product.share / best.goodput.share,
        unit: '倍',
        note: `最良は ${best.name} ${told(best.goodput)}、この製品は ${told(product)}。load ${loadavg()[0]!.toFixed(1)}`,
      },
      '>=',
      1.3,
    ),
  ];
}

const recoveryRows = (halved: Recovery, restored: Recovery): Row[] =>
  (
    [
      ['halved', '半分にされて', halved],
      ['restored', '戻されて', restored],
    ] as const
  ).map(([id, how, { seconds, share, throttled }]) =>
    judged(
      {
        id: `quota.${id}`,
        name: `クォータが${how}から、その時の 90 % に戻るまで`,
        value: seconds,
        unit: '秒',
        note:
          `変えてから、続く ${LOOKED_AT_MS / 1000} 秒と残り全体の平均が 90 % 以上になるまで。製品には知らせない。` +
          `その後の ${CHANGED_MS / 1000} 秒では回答になった分 ${percent(share)}、拒まれた呼び出し ${percent(throttled)}。load ${loadavg()[0]!.toFixed(1)}`,
      },
      '<=',
      10,
    ),
  );
