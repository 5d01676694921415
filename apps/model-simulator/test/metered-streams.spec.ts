import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { worstCaseInputTokens } from '#libs/model-pool';
import { type Simulator, startSimulator } from '../src/simulator.ts';
import { countInputTokens, countTokens } from '../src/tokenizer.ts';
import { AT_ONCE, call, outcomeOf, PROMPT, PROTOCOLS } from './call-simulator.ts';

let simulator: Simulator;
beforeAll(async () => void (simulator = await startSimulator({ port: 0, behaviour: AT_ONCE })));
beforeEach(() => simulator.behaviour.replace({}));
afterAll(() => simulator.stop());

const entryOf = (callId: string) => {
  const [entry] = simulator.ledger.attemptsOf(callId);
  if (!entry) throw new Error('the simulator did not see the call');
  return entry;
};

describe.each(PROTOCOLS)('a call over %s', (protocol) => {
  it('yields the text in order, then the finish, then usage once and last', async () => {
    const { callId, events } = call(simulator, protocol);
    const outcome = await outcomeOf(events);
    expect(outcome.failure).toBeUndefined();
    const types = outcome.events.map(({ type }) => type);
    expect(types.slice(-2)).toEqual(['finish', 'usage']);
    // How many there are is the network's doing: what it brings in one piece may be one of them
    expect(new Set(types.slice(0, -2))).toEqual(new Set(['text']));
    expect(outcome.text).toMatch(/^> 【模擬モデル】[^]*\*\*件名\*\*[^]*以上\n$/u);
    expect(entryOf(callId)).toMatchObject({ state: 'completed', maxTokens: 2_000 });
  });

  it('meters exactly what the simulator wrote in its own ledger', async () => {
    const system = ['あなたは市役所の職員を助けます。'];
    const { callId, events } = call(simulator, protocol, { system });
    const { usage } = await outcomeOf(events);
    const { inputTokens, outputTokens } = entryOf(callId);
    expect(usage).toEqual({
      type: 'usage',
      source: 'provider',
      usage: { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 },
    });
    expect(inputTokens).toBe(countInputTokens({ system, messages: [{ role: 'user', text: PROMPT }] }));
  });

  it('meters what a prompt cache gave and took apart from the rest of the input', async () => {
    simulator.behaviour.replace({ cacheReadShare: 0.5, cacheWriteShare: 0.3 });
    const { callId, events } = call(simulator, protocol);
    const { usage } = await outcomeOf(events);
    const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = entryOf(callId);
    expect(usage?.usage).toEqual({ inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens });
    const sent = countInputTokens({ system: [], messages: [{ role: 'user', text: PROMPT }] });
    const read = Math.floor(sent * 0.5);
    // The OpenAI protocol has no word for what is written to a cache
    const written = protocol === 'bedrock' ? Math.floor((sent - read) * 0.3) : 0;
    expect([cacheReadTokens, cacheWriteTokens, inputTokens]).toEqual([read, written, sent - read - written]);
  });

  it('ends before the first text that it is to stop at, and is billed what stands before it', async () => {
    const whole = await outcomeOf(call(simulator, protocol).events);
    const { callId, events } = call(simulator, protocol, { stop: ['そんな言葉はない', '以上', '件名'] });
    const { text, events: told, usage } = await outcomeOf(events);
    expect(text).toBe(whole.text.slice(0, whole.text.indexOf('件名')));
    expect(told.find(({ type }) => type === 'finish')).toEqual({ type: 'finish', reason: 'stop' });
    expect(usage).toMatchObject({ source: 'provider', usage: { outputTokens: countTokens(text) } });
    expect(entryOf(callId)).toMatchObject({ state: 'completed', outputTokens: countTokens(text) });
  });

  it('stops at maxTokens and says so', async () => {
    const { events } = call(simulator, protocol, { maxTokens: 20 });
    const outcome = await outcomeOf(events);
    expect(outcome.events).toContainEqual({ type: 'finish', reason: 'length' });
    expect(outcome.usage?.usage.outputTokens).toBe(20);
  });

  it('stops where its filter is told to stop it and says so', async () => {
    simulator.behaviour.replace({ filterAtToken: 20 });
    const { events } = call(simulator, protocol);
    const outcome = await outcomeOf(events);
    expect(outcome.events).toContainEqual({ type: 'finish', reason: 'content_filter' });
    expect(outcome.usage?.usage.outputTokens).toBe(20);
  });

  it('counts a repeated usage once', async () => {
    simulator.behaviour.replace({ repeatUsage: true });
    const { callId, events } = call(simulator, protocol);
    const outcome = await outcomeOf(events);
    expect(outcome.events.filter(({ type }) => type === 'usage')).toHaveLength(1);
    expect(outcome.usage?.usage.outputTokens).toBe(entryOf(callId).outputTokens);
  });

  it('estimates omitted usage, never below what was generated, and says that it is an estimate', async () => {
    simulator.behaviour.replace({ omitUsage: true });
    const { callId, events } = call(simulator, protocol);
    const { usage, failure } = await outcomeOf(events);
    const { inputTokens, outputTokens } = entryOf(callId);
    expect(failure).toBeUndefined();
    expect(usage?.source).toBe('estimated');
    expect(usage?.usage.inputTokens).toBeGreaterThanOrEqual(inputTokens);
    expect(usage?.usage.inputTokens).toBeLessThanOrEqual(worstCaseInputTokens([{ content: PROMPT }]));
    expect(usage?.usage.outputTokens).toBeGreaterThanOrEqual(outputTokens);
  });

  it('carries a conversation of any shape, and its cost stays within the worst case', async () => {
    const message = fc.record({
      role: fc.constantFrom('user' as const, 'assistant' as const),
      content: fc.oneof(
        fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.trim() !== ''),
        fc.constantFrom('要約してください。', 'ﷺ'.repeat(20), 'a b c d e f', '\n\n \n.', '👨‍👩‍👧‍👦', '😀 hello'),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 6 }), async (messages) => {
        const { callId, events } = call(simulator, protocol, { messages });
        const { usage, failure } = await outcomeOf(events);
        expect(failure).toBeUndefined();
        expect(usage?.usage.inputTokens).toBe(entryOf(callId).inputTokens);
        expect(usage?.usage.inputTokens).toBeLessThanOrEqual(worstCaseInputTokens(messages));
      }),
      { numRuns: 40 },
    );
  });

  it('gives the same answer to the same prompt', async () => {
    const [first, second] = await Promise.all([1, 2].map(() => outcomeOf(call(simulator, protocol).events)));
    expect(first?.text).toBe(second?.text);
  });
});
