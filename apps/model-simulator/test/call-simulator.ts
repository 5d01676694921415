import type { ModelDeployment } from '#libs/config';
import { newId } from '#libs/kernel';
import { type MeteredEvent, ModelPool, type ModelRequest, type ModelTimeouts } from '#libs/model-pool';
import type { Simulator } from '../src/simulator.ts';

export const PROTOCOLS = ['bedrock', 'openai-compatible'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** No waits at all, so that a test takes as long as its work. */
export const AT_ONCE = { firstTokenDelayMs: 0, tokenDelayMs: 0, jitter: 0, tokensPerDelta: 4 };

const PATIENT: ModelTimeouts = { firstTokenMs: 5_000, tokenGapMs: 5_000, totalMs: 10_000, drainMs: 5_000 };

export const PROMPT = '道路工事のお知らせの文案を作成してください。日時は4月1日、場所は中央公民館です。';

export const deploymentOf = (protocol: Protocol, url: string): ModelDeployment => ({
  id: `${protocol}-simulated`,
  model: `model-by-${protocol}`,
  displayName: 'Simulated',
  provider: protocol,
  providerModelId: 'jp.moyai.simulator-v1:0',
  region: 'ap-northeast-1',
  endpoint: url,
  simulated: true,
  segments: ['lgwan'],
  dataResidency: 'any',
  concurrency: 8,
  outputBurnDown: 1,
  headRoom: 0.01,
  maxOutputTokens: 4_096,
});

/** A call of the real provider against the running simulator. */
export function call(
  simulator: Simulator,
  protocol: Protocol,
  request: Partial<ModelRequest> = {},
  { timeouts = {}, leave }: { timeouts?: Partial<ModelTimeouts>; leave?: AbortSignal } = {},
) {
  const deployment = deploymentOf(protocol, simulator.url);
  const callId = newId();
  const pool = new ModelPool([deployment], { ...PATIENT, ...timeouts });
  const messages = [{ role: 'user' as const, content: PROMPT }];
  return { callId, events: pool.run({ callId, deployment, messages, maxTokens: 2_000, ...request }, leave) };
}

export interface Outcome {
  readonly events: MeteredEvent[];
  readonly text: string;
  readonly usage: Extract<MeteredEvent, { type: 'usage' }> | undefined;
  readonly failure: unknown;
}

/** Reads a call to its end, good or bad. */
export async function outcomeOf(metered: AsyncIterable<MeteredEvent>): Promise<Outcome> {
  const events: MeteredEvent[] = [];
  let failure: unknown;
  try {
    for await (const event of metered) events.push(event);
  } catch (error) {
    failure = error;
  }
  const text = events.map((event) => (event.type === 'text' ? event.text : '')).join('');
  return { events, text, usage: events.find((event) => event.type === 'usage'), failure };
}
