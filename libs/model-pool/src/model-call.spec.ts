import type { CompletionUsage } from 'openai/resources/completions';
import { describe, expect, it } from 'vitest';
import { DomainError } from '#libs/kernel';
import { type MeteredEvent, ModelCall } from './model-call.ts';
import type { ModelEvent, ModelProvider, ModelRequest } from './model-provider.ts';
import { toUsage } from './providers/openai-compatible/openai-compatible-provider.ts';

// What no wire can be made to do on demand: a provider that heeds no signal, and one whose order of events is odd.

const request: ModelRequest = {
  callId: 'call',
  deployment: {
    id: 'a',
    model: 'a',
    displayName: 'A',
    provider: 'bedrock',
    providerModelId: 'a',
    region: 'ap-northeast-1',
    simulated: true,
    segments: ['lgwan'],
    dataResidency: 'any',
    concurrency: 1,
    outputBurnDown: 1,
    headRoom: 0.01,
    maxOutputTokens: 100,
  },
  messages: [{ role: 'user', content: '住民票' }],
  maxTokens: 10,
};

const usage = (outputTokens: number) => ({ inputTokens: 5, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 });

class ScriptedProvider implements ModelProvider {
  constructor(private readonly script: () => AsyncGenerator<ModelEvent>) {}
  stream(): AsyncIterable<ModelEvent> {
    return this.script();
  }
}

const callOf = (script: () => AsyncGenerator<ModelEvent>, firstTokenMs = 1_000) =>
  new ModelCall(new ScriptedProvider(script), request, {
    firstTokenMs,
    tokenGapMs: 1_000,
    totalMs: 1_000,
    drainMs: 1_000,
  });

async function read(call: ModelCall) {
  const events: MeteredEvent[] = [];
  const failure = await (async () => {
    for await (const event of call) events.push(event);
  })().catch((error: unknown) => error);
  return { events, failure };
}

describe('a metered call', () => {
  it('ends in time even when the provider heeds no signal and never settles', async () => {
    const deaf = callOf(async function* () {
      yield await new Promise<ModelEvent>(() => {});
    }, 20);
    const { events, failure } = await read(deaf);
    expect(failure).toMatchObject({ code: 'MODEL.TIMED_OUT' });
    expect(events).toMatchObject([{ type: 'usage', source: 'estimated', usage: { outputTokens: 0 } }]);
  });

  it('puts usage last wherever it came, and lets the last of several hold', async () => {
    const { events } = await read(
      callOf(async function* () {
        yield { type: 'usage', usage: usage(1) };
        yield { type: 'text', text: 'a' };
        yield { type: 'usage', usage: usage(2) };
        yield { type: 'finish', reason: 'stop' };
      }),
    );
    expect(events).toEqual([
      { type: 'text', text: 'a' },
      { type: 'finish', reason: 'stop' },
      { type: 'usage', usage: usage(2), source: 'provider' },
    ]);
  });

  it.each([
    {},
    { prompt_tokens: 5 },
    { prompt_tokens: 5, completion_tokens: -1 },
    { prompt_tokens: 1e12, completion_tokens: 1 },
  ])('counts for itself where what a server says of usage is no count: %j', async (said) => {
    const { events } = await read(
      callOf(async function* () {
        yield { type: 'text', text: 'a' };
        yield { type: 'finish', reason: 'stop' };
        yield { type: 'usage', usage: toUsage(said as CompletionUsage) };
      }),
    );
    expect(events.at(-1)).toMatchObject({ type: 'usage', source: 'estimated', usage: { outputTokens: 1 } });
  });

  it('is broken when it ends without a finish, however quietly', async () => {
    const { events, failure } = await read(
      callOf(async function* () {
        yield { type: 'text', text: 'a' };
      }),
    );
    expect(failure).toMatchObject({ code: 'MODEL.STREAM_BROKEN' });
    expect(events.at(-1)).toMatchObject({ type: 'usage', source: 'estimated' });
  });

  it('meters a model that was throttled after it had begun, but not one that never began', async () => {
    const throttledAfter = (text: string) =>
      read(
        callOf(async function* () {
          if (text) yield { type: 'text', text };
          throw new DomainError('MODEL.THROTTLED');
        }),
      );
    expect((await throttledAfter('a')).events.map(({ type }) => type)).toEqual(['text', 'usage']);
    expect((await throttledAfter('')).events).toEqual([]);
  });

  it('does not even begin for a reader who has left already', async () => {
    let begun = false;
    const provider = new ScriptedProvider(async function* () {
      begun = true;
      yield { type: 'finish', reason: 'stop' };
    });
    const timeouts = { firstTokenMs: 1_000, tokenGapMs: 1_000, totalMs: 1_000, drainMs: 1_000 };
    expect(await read(new ModelCall(provider, request, timeouts, AbortSignal.abort()))).toMatchObject({ events: [] });
    expect(begun).toBe(false);
  });

  it('never estimates more output than the call allowed', async () => {
    const { events } = await read(
      callOf(async function* () {
        yield { type: 'text', text: '市'.repeat(50) };
        yield { type: 'finish', reason: 'length' };
      }),
    );
    expect(events.at(-1)).toMatchObject({ usage: { outputTokens: request.maxTokens } });
  });
});
