import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../src/simulator.ts';
import { AT_ONCE, call, outcomeOf, PROTOCOLS } from './call-simulator.ts';

// One token a millisecond: an answer takes long enough to be left in its middle.
const WATCHABLE = { ...AT_ONCE, tokenDelayMs: 1, tokensPerDelta: 5 };

let simulator: Simulator;
beforeAll(async () => void (simulator = await startSimulator({ port: 0, behaviour: WATCHABLE })));
afterAll(() => simulator.stop());

/** The first text, then the reader's leaving, then whatever else the call yields. */
async function leaveAfterFirstText(protocol: (typeof PROTOCOLS)[number], drainMs = 5_000) {
  const leave = new AbortController();
  const { callId, events } = call(simulator, protocol, {}, { timeouts: { drainMs }, leave: leave.signal });
  const iterator = events[Symbol.asyncIterator]();
  const first = await iterator.next();
  leave.abort();
  const rest = await outcomeOf({ [Symbol.asyncIterator]: () => iterator });
  return { callId, first: first.value, rest };
}

const settled = (callId: string) =>
  expect.poll(() => simulator.ledger.attemptsOf(callId)[0]?.state, { interval: 5, timeout: 5_000 });

describe.each(PROTOCOLS)('a reader who leaves a call over %s', (protocol) => {
  it('gets no more text, but the exact usage of the whole answer', async () => {
    simulator.behaviour.replace({});
    const { callId, first, rest } = await leaveAfterFirstText(protocol);
    expect(first?.type).toBe('text');
    expect(rest.failure).toBeUndefined();
    const [entry] = simulator.ledger.attemptsOf(callId);
    expect(entry?.state).toBe('completed');
    expect(rest.events).toEqual([
      {
        type: 'usage',
        source: 'provider',
        usage: {
          inputTokens: entry?.inputTokens,
          outputTokens: entry?.outputTokens,
          cacheReadTokens: 0,
          cacheWriteTokens: 0,
        },
      },
    ]);
  });

  it('gets an estimate of what had come when the drain bound runs out, and the connection is closed', async () => {
    simulator.behaviour.replace({ stallAtFrame: 5 });
    const { callId, rest } = await leaveAfterFirstText(protocol, 50);
    expect(rest.failure).toBeUndefined();
    expect(rest.events.map(({ type }) => type)).toEqual(['usage']);
    expect(rest.usage?.source).toBe('estimated');
    await settled(callId).toBe('aborted');
    const [entry] = simulator.ledger.attemptsOf(callId);
    expect(rest.usage?.usage.outputTokens).toBeGreaterThanOrEqual(entry?.outputTokens ?? Number.NaN);
  });

  it('closes the connection at once by ending the iteration instead', async () => {
    simulator.behaviour.replace({ stallAtFrame: 3 });
    const { callId, events } = call(simulator, protocol);
    for await (const event of events) if (event.type === 'text') break;
    await settled(callId).toBe('aborted');
  });
});
