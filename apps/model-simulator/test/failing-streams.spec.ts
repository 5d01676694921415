import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '#libs/kernel';
import type { BehaviourInput } from '../src/behaviour.ts';
import { type Simulator, startSimulator } from '../src/simulator.ts';
import { AT_ONCE, call, outcomeOf, PROMPT, PROTOCOLS } from './call-simulator.ts';

let simulator: Simulator;
beforeAll(async () => void (simulator = await startSimulator({ port: 0, behaviour: AT_ONCE })));
beforeEach(() => simulator.behaviour.replace({}));
afterAll(() => simulator.stop());

const codeOf = (failure: unknown) => (failure instanceof DomainError ? failure.code : failure);

describe.each(PROTOCOLS)('a failing call over %s', (protocol) => {
  it('is MODEL.THROTTLED without usage when the provider refuses for load, and is tried once only', async () => {
    simulator.behaviour.replace({ throttleEveryNth: 1 });
    const { callId, events } = call(simulator, protocol);
    const { failure, events: seen } = await outcomeOf(events);
    expect(codeOf(failure)).toBe('MODEL.THROTTLED');
    expect(seen).toEqual([]);
    expect(simulator.ledger.attemptsOf(callId).map(({ state }) => state)).toEqual(['throttled']);
  });

  it('is MODEL.UNAVAILABLE without usage when the service answers with 500 or 503, and is tried once only', async () => {
    simulator.behaviour.replace({ failRate: 1 });
    for (let more = 0; more < 8; more += 1) {
      const { callId, events } = call(simulator, protocol);
      const { failure, events: seen } = await outcomeOf(events);
      expect(codeOf(failure)).toBe('MODEL.UNAVAILABLE');
      expect(seen).toEqual([]);
      expect(simulator.ledger.attemptsOf(callId).map(({ state }) => state)).toEqual(['failed']);
    }
  });

  const BROKEN: [string, BehaviourInput][] = [
    ['cut before its first frame', { cutAtFrame: 0 }],
    ['cut between two frames', { cutAtFrame: 5 }],
    ['cut in the middle of a frame', { cutMidFrame: 5 }],
    ['ended by an error frame', { errorAtFrame: 5 }],
    ['ended by a failure of the service', { errorAtFrame: 5, errorStatus: 500 }],
    ['ended by a service that went away', { errorAtFrame: 5, errorStatus: 503 }],
    ['ended so before its first word', { errorAtFrame: 1, errorStatus: 503 }],
  ];
  it.each(BROKEN)('is MODEL.STREAM_BROKEN when %s, after the usage of what had come', async (_how, behaviour) => {
    simulator.behaviour.replace(behaviour);
    const { callId, events } = call(simulator, protocol);
    const { failure, usage } = await outcomeOf(events);
    const [entry] = simulator.ledger.attemptsOf(callId);
    expect(codeOf(failure)).toBe('MODEL.STREAM_BROKEN');
    expect(entry?.state).toBe('cut');
    expect(usage?.source).toBe('estimated');
    expect(usage?.usage.inputTokens).toBeGreaterThanOrEqual(entry?.inputTokens ?? Number.NaN);
    expect(usage?.usage.outputTokens).toBeGreaterThanOrEqual(entry?.outputTokens ?? Number.NaN);
  });

  it('is no failure when the finished answer had come: its usage is exact if it had come too, else estimated', async () => {
    const framesBefore = { bedrock: 3, 'openai-compatible': 2 }[protocol];
    const onlyOneDelta = { tokensPerDelta: 10_000, repeatUsage: true };
    simulator.behaviour.replace({ ...onlyOneDelta, cutAtFrame: framesBefore + 1 });
    const afterFinish = await outcomeOf(call(simulator, protocol).events);
    expect([afterFinish.failure, afterFinish.usage?.source]).toEqual([undefined, 'estimated']);
    simulator.behaviour.replace({ ...onlyOneDelta, cutAtFrame: framesBefore + 2 });
    const afterUsage = await outcomeOf(call(simulator, protocol).events);
    expect([afterUsage.failure, afterUsage.usage?.source]).toEqual([undefined, 'provider']);
  });

  const SILENT: [string, BehaviourInput, object][] = [
    ['no first token comes', { stallBeforeFirstToken: true }, { firstTokenMs: 40 }],
    ['tokens stop coming', { stallAtFrame: 5 }, { tokenGapMs: 40 }],
    ['the whole takes too long', { tokenDelayMs: 20 }, { totalMs: 60 }],
  ];
  it.each(SILENT)('is MODEL.TIMED_OUT when %s, and the connection is closed', async (_how, behaviour, timeouts) => {
    simulator.behaviour.replace(behaviour);
    const { callId, events } = call(simulator, protocol, {}, { timeouts });
    const { failure, usage } = await outcomeOf(events);
    expect(codeOf(failure)).toBe('MODEL.TIMED_OUT');
    expect(usage?.source).toBe('estimated');
    const state = () => simulator.ledger.attemptsOf(callId)[0]?.state;
    await expect.poll(state, { interval: 5, timeout: 5_000 }).toBe('aborted');
  });

  it('is MODEL.UNAVAILABLE without usage when nobody listens', async () => {
    const gone = await startSimulator({ port: 0 });
    await gone.stop();
    const { failure, events } = await outcomeOf(call(gone, protocol).events);
    expect(codeOf(failure)).toBe('MODEL.UNAVAILABLE');
    expect(events).toEqual([]);
  });

  it('is MODEL.REFUSED without usage when the request is not acceptable', async () => {
    const { failure, events } = await outcomeOf(call(simulator, protocol, { messages: [] }).events);
    expect(codeOf(failure)).toBe('MODEL.REFUSED');
    expect(events).toEqual([]);
  });

  it('says nothing of the prompt or of the provider in what is thrown', async () => {
    simulator.behaviour.replace({ cutAtFrame: 5 });
    const { failure } = await outcomeOf(call(simulator, protocol).events);
    expect(failure).toBeInstanceOf(DomainError);
    const { message, detail } = failure as DomainError;
    expect([message, detail]).toEqual(['MODEL.STREAM_BROKEN', undefined]);
    expect(JSON.stringify(failure)).not.toContain(PROMPT);
  });
});
