import { CloudWatchLogsClient, FilterLogEventsCommand, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InvocationLogs } from '#libs/model-pool';
import type { BehaviourInput } from '../src/behaviour.ts';
import { INVOCATION_LOG_GROUP } from '../src/invocation-log.ts';
import { type Simulator, startSimulator } from '../src/simulator.ts';
import { AT_ONCE, call, deploymentOf, outcomeOf } from './call-simulator.ts';

let simulator: Simulator;
let client: CloudWatchLogsClient;
beforeAll(async () => {
  simulator = await startSimulator({ port: 0, behaviour: AT_ONCE });
  client = clientOf('ap-northeast-1', simulator.url);
});
beforeEach(() => {
  simulator.behaviour.replace({});
  simulator.ledger.reset();
});
afterAll(async () => {
  client.destroy();
  await simulator.stop();
});

const clientOf = (region: string, endpoint: string) =>
  new CloudWatchLogsClient({
    region,
    endpoint,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    requestHandler: new NodeHttpHandler(),
  });

const clause = (callId: string) => `($.requestMetadata.moyai_call_id = "${callId}")`;

async function logged(...callIds: string[]) {
  const filterPattern = callIds.length > 0 ? `{ ${callIds.map(clause).join(' || ')} }` : undefined;
  const { events = [] } = await client.send(
    new FilterLogEventsCommand({ logGroupName: INVOCATION_LOG_GROUP, filterPattern }),
  );
  return events.map(({ message }) => JSON.parse(message ?? '') as Record<string, unknown>);
}

describe('the invocation log', () => {
  it('has an ended call in the shape of the service, and not a word of content', async () => {
    simulator.behaviour.replace({ cacheReadShare: 0.5, cacheWriteShare: 0.3 });
    const { callId, events } = call(simulator, 'bedrock');
    await outcomeOf(events);
    const [entry] = simulator.ledger.attemptsOf(callId);
    const [event] = await logged(callId);
    expect(event).toEqual({
      schemaType: 'ModelInvocationLog',
      schemaVersion: '1.0',
      timestamp: entry?.startedAt,
      accountId: expect.any(String),
      identity: { arn: expect.any(String) },
      region: 'ap-northeast-1',
      requestId: entry?.requestId,
      operation: 'ConverseStream',
      modelId: 'jp.moyai.simulator-v1:0',
      input: {
        inputContentType: 'application/json',
        inputTokenCount: entry?.inputTokens,
        cacheReadInputTokenCount: entry?.cacheReadTokens,
        cacheWriteInputTokenCount: entry?.cacheWriteTokens,
      },
      output: { outputContentType: 'application/json', outputTokenCount: entry?.outputTokens },
      requestMetadata: { moyai_call_id: callId },
    });
  });

  it('finds several calls by one pattern, and only those', async () => {
    const calls = [1, 2, 3].map(() => call(simulator, 'bedrock'));
    await Promise.all(calls.map(({ events }) => outcomeOf(events)));
    const [first, , third] = calls.map(({ callId }) => callId);
    const ids = (await logged(first ?? '', third ?? '')).map(({ requestMetadata }) => requestMetadata);
    expect(ids).toHaveLength(2);
    expect(ids).toEqual(expect.arrayContaining([{ moyai_call_id: first }, { moyai_call_id: third }]));
    expect(await logged()).toHaveLength(3);
  });

  const BROKEN: [string, BehaviourInput, object][] = [
    ['cut', { cutAtFrame: 5 }, {}],
    ['without its usage', { omitUsage: true }, {}],
    ['left by a client that waited too long', { stallAtFrame: 5 }, { tokenGapMs: 40 }],
    ['left before its first token', { stallBeforeFirstToken: true }, { firstTokenMs: 40 }],
  ];
  it.each(BROKEN)('has a call that was %s, with what was generated until then', async (_how, behaviour, timeouts) => {
    simulator.behaviour.replace(behaviour);
    const { callId, events } = call(simulator, 'bedrock', {}, { timeouts });
    await outcomeOf(events);
    await expect.poll(() => logged(callId), { interval: 5, timeout: 5_000 }).toHaveLength(1);
    const [entry] = simulator.ledger.attemptsOf(callId);
    expect((await logged(callId))[0]).toMatchObject({
      input: { inputTokenCount: entry?.inputTokens },
      output: { outputTokenCount: entry?.outputTokens },
    });
  });

  it('has nothing of a throttled call, of one that still runs, of another region or of another protocol', async () => {
    simulator.behaviour.replace({ throttleEveryNth: 1 });
    await outcomeOf(call(simulator, 'bedrock').events);
    simulator.behaviour.replace({ stallAtFrame: 5 });
    const running = call(simulator, 'bedrock').events[Symbol.asyncIterator]();
    await running.next();
    expect(await logged()).toEqual([]);
    await running.return(undefined);
    await expect.poll(() => logged(), { interval: 5, timeout: 5_000 }).toHaveLength(1);
    simulator.behaviour.replace({});
    await outcomeOf(call(simulator, 'openai-compatible').events);
    expect(await logged()).toHaveLength(1);
    const osaka = clientOf('ap-northeast-3', `${simulator.url}/region/ap-northeast-3`);
    const elsewhere = await osaka.send(new FilterLogEventsCommand({ logGroupName: INVOCATION_LOG_GROUP }));
    expect(elsewhere.events).toEqual([]);
    osaka.destroy();
  });

  it('comes in pages', async () => {
    const calls = [1, 2, 3].map(() => call(simulator, 'bedrock'));
    for (const { events } of calls) await outcomeOf(events);
    const sizes: number[] = [];
    const pages = paginateFilterLogEvents({ client }, { logGroupName: INVOCATION_LOG_GROUP, limit: 2 });
    for await (const { events } of pages) sizes.push(events?.length ?? 0);
    expect(sizes).toEqual([2, 1]);
  });

  it('is where the product finds what its calls used, however many it asks for, and nothing of those that were never made', async () => {
    simulator.behaviour.replace({ cacheReadShare: 0.5, cacheWriteShare: 0.3 });
    const deployment = { ...deploymentOf('bedrock', simulator.url), invocationLogGroup: INVOCATION_LOG_GROUP };
    const calls = Array.from({ length: 25 }, () => call(simulator, 'bedrock'));
    await Promise.all(calls.map(({ events }) => outcomeOf(events)));
    const log = new InvocationLogs([deployment]).of(deployment.id);
    const ids = calls.map(({ callId }) => callId);
    const found = await log?.find([...ids, 'never made'], new Date(Date.now() - 60_000));
    const ledger = ids.map((id) => {
      const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = simulator.ledger.attemptsOf(id)[0]!;
      return [id, { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }] as const;
    });
    expect(found).toEqual(new Map(ledger));
    expect(await log?.find(ids, new Date(Date.now() + 60_000))).toEqual(new Map());
  });

  it('that cannot be read is an error to the product, and no empty answer', async () => {
    const deployment = { ...deploymentOf('bedrock', simulator.url), invocationLogGroup: 'other' };
    await expect(new InvocationLogs([deployment]).of(deployment.id)?.find(['a'], new Date(0))).rejects.toThrow();
    const logless = deploymentOf('bedrock', simulator.url);
    expect(new InvocationLogs([logless]).of(logless.id)).toBeNull();
    expect(new InvocationLogs([logless]).of('unknown')).toBeUndefined();
  });

  it('refuses a log group and a pattern it does not know, in the words of the service', async () => {
    const elsewhere = client.send(new FilterLogEventsCommand({ logGroupName: 'other' }));
    await expect(elsewhere).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const unknown = new FilterLogEventsCommand({ logGroupName: INVOCATION_LOG_GROUP, filterPattern: '{ $.a = 1 }' });
    await expect(client.send(unknown)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});
