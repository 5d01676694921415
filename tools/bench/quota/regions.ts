import type { SimulatorProcess } from '../../services/simulator.ts';
import { HttpConnection } from '../load/http-connection.ts';
import { Dice } from '../../dice.ts';

export const REGIONS = ['ap-northeast-1', 'ap-northeast-3'] as const;
export const MODEL = 'bench';
/** What the simulated provider grants in each region. The tokens bind: about ten of our calls a second. */
export const QUOTA = { requestsPerMinute: 2_000, tokensPerMinute: 2_400_000, outputBurnDown: 5 };
/** Quota tokens a second that all regions grant together. */
export const GRANTED = (REGIONS.length * QUOTA.tokensPerMinute) / 60;
/** An answer of some 400 tokens then takes about a second. */
export const PACE = { firstTokenDelayMs: 200, tokenDelayMs: 2, tokensPerDelta: 5, jitter: 0.2 };
const SEED = 20_261_121;

const keyOf = (region: string): string => `${region}/${MODEL}`;

/** A call as somebody in a city hall would make it. */
export interface Call {
  readonly prompt: string;
  readonly maxTokens: number;
}

/** A call whose answer was kept. */
export interface Kept {
  readonly endedAt: number;
  readonly quotaTokens: number;
}

export const burnOf = (inputTokens: number, outputTokens: number): number =>
  inputTokens + outputTokens * QUOTA.outputBurnDown;

/** 200 to 3,500 tokens in, up to 400 out; one in ten asks for room for 4,000 and uses little of it. The same for every way. */
export function callMaker(): () => Call {
  const dice = new Dice(SEED);
  const sentence = '町内会の清掃活動は春と秋に公園と河川敷で行い、参加者には軍手とごみ袋を配ります。';
  return () => {
    const characters = 200 + dice.roll() * 3_300;
    const material = sentence.repeat(Math.ceil(characters / sentence.length)).slice(0, characters);
    return {
      prompt: `次の文章の手順を一覧にしてください。\n\n${material}`,
      maxTokens: dice.roll() < 0.1 ? 4_000 : 400,
    };
  };
}

export interface Served {
  readonly calls: number;
  readonly throttledCalls: number;
  /** Of all regions; below nothing where answers burnt more than was reserved for them. */
  readonly tokensLeft: number;
}

interface Overview {
  readonly items: readonly { readonly left: { readonly tokens: number | null } }[];
  readonly total: Omit<Served, 'tokensLeft'>;
}

/** The provider's side of the regions. */
export class Regions implements Disposable {
  private readonly control: HttpConnection;
  private readonly url: string;

  constructor(simulator: SimulatorProcess) {
    this.url = simulator.url;
    this.control = new HttpConnection(simulator.url);
  }

  endpointOf(region: string): string {
    return `${this.url}/region/${region}`;
  }

  /** Everything granted, counts at zero, and nothing left at this moment: as in the middle of a busy day. */
  async empty(): Promise<void> {
    await this.control.json('PUT', '/_simulator/behaviour', {}, PACE);
    const quotas = Object.fromEntries(REGIONS.map((region) => [keyOf(region), QUOTA]));
    await this.control.json('PUT', '/_simulator/quotas', {}, quotas);
    await this.scale(0.001);
    await this.scale(1);
  }

  /** @param factor of what was granted; 1 restores it */
  async scale(factor: number): Promise<void> {
    const scaled = Object.fromEntries(REGIONS.map((region) => [keyOf(region), { factor }]));
    await this.control.json('PATCH', '/_simulator/quotas', {}, scaled);
  }

  /** Since the quotas were set. */
  async served(): Promise<Served> {
    const { items, total } = await this.control.json<Overview>('GET', '/_simulator/quotas');
    return { ...total, tokensLeft: items.reduce((sum, { left }) => sum + (left.tokens ?? 0), 0) };
  }

  [Symbol.dispose](): void {
    this.control[Symbol.dispose]();
  }
}
