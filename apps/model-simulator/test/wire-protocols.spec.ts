import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../src/simulator.ts';
import { AT_ONCE, PROMPT } from './call-simulator.ts';

let simulator: Simulator;
beforeAll(async () => void (simulator = await startSimulator({ port: 0, behaviour: AT_ONCE })));
beforeEach(() => {
  simulator.behaviour.replace({});
  simulator.ledger.reset();
});
afterAll(() => simulator.stop());

const MESSAGES = [{ role: 'user' as const, content: [{ text: PROMPT }] }];

const post = (path: string, body: object | string, method = 'POST') =>
  fetch(`${simulator.url}${path}`, { method, body: typeof body === 'string' ? body : JSON.stringify(body) });

describe('the Bedrock runtime protocol', () => {
  it('answers Converse to a client that signs its requests', async () => {
    const client = new BedrockRuntimeClient({
      region: 'ap-northeast-1',
      endpoint: simulator.url,
      credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
      requestHandler: new NodeHttpHandler(),
    });
    const command = new ConverseCommand({ modelId: 'jp.a/b:0', messages: MESSAGES, inferenceConfig: { maxTokens: 9 } });
    const { output, stopReason, usage } = await client.send(command);
    expect(output?.message?.content?.[0]?.text).toContain('模擬モデル');
    expect(stopReason).toBe('max_tokens');
    expect(usage?.outputTokens).toBe(9);
    expect(simulator.ledger.list()[0]).toMatchObject({ modelId: 'jp.a/b:0', state: 'completed' });
  });

  it('says that a text it was to stop at ended the answer', async () => {
    const asked = { messages: MESSAGES, inferenceConfig: { stopSequences: ['件名'] } };
    expect(await (await post('/model/any/converse', asked)).json()).toMatchObject({ stopReason: 'stop_sequence' });
    const blank = { messages: MESSAGES, inferenceConfig: { stopSequences: ['\n'] } };
    expect((await post('/model/any/converse', blank)).status).toBe(400);
  });

  it('sends frames in the order of the service, each with right checksums', async () => {
    const response = await post('/model/any/converse-stream', { messages: MESSAGES });
    expect(response.headers.get('content-type')).toBe('application/vnd.amazon.eventstream');
    const codec = new EventStreamCodec(toUtf8, fromUtf8);
    const names: unknown[] = [];
    let rest = Buffer.from(await response.arrayBuffer());
    while (rest.length > 0) {
      const length = rest.readUInt32BE(0);
      // Throws when a checksum is wrong.
      names.push(codec.decode(rest.subarray(0, length)).headers[':event-type']?.value);
      rest = rest.subarray(length);
    }
    expect(names[0]).toBe('messageStart');
    expect(names[1]).toBe('contentBlockDelta');
    expect(names.slice(-3)).toEqual(['contentBlockStop', 'messageStop', 'metadata']);
    expect(simulator.ledger.list()[0]?.maxTokens).toBeNull();
  });

  it.each([
    ['starts with an answer', [{ role: 'assistant', content: [{ text: 'a' }] }]],
    ['does not alternate', [...MESSAGES, ...MESSAGES]],
    ['holds blank text', [{ role: 'user', content: [{ text: ' ' }] }]],
    ['is empty', []],
  ])('refuses a conversation that %s, as the service does', async (_what, messages) => {
    const response = await post('/model/any/converse', { messages });
    expect(response.status).toBe(400);
    expect(response.headers.get('x-amzn-ErrorType')).toBe('ValidationException');
  });
});

describe('the OpenAI protocol', () => {
  const client = () => new OpenAI({ baseURL: `${simulator.url}/v1`, apiKey: 'any', maxRetries: 0 });
  const ask = { model: 'any', messages: [{ role: 'user' as const, content: PROMPT }] };

  it('answers in one piece with usage', async () => {
    const { choices, usage } = await client().chat.completions.create({ ...ask, metadata: { moyai_call_id: 'c1' } });
    expect(choices[0]?.message.content).toContain('模擬モデル');
    expect(simulator.ledger.attemptsOf('c1')[0]).toMatchObject({
      inputTokens: usage?.prompt_tokens,
      outputTokens: usage?.completion_tokens,
    });
  });

  it('tells a text it was to stop at as an end like any other', async () => {
    const { choices } = await client().chat.completions.create({ ...ask, stop: '件名' });
    expect(choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: expect.not.stringContaining('件名') },
    });
  });

  it('tells a stream its usage only when asked', async () => {
    const usages: unknown[] = [];
    for await (const { usage } of await client().chat.completions.create({ ...ask, stream: true })) usages.push(usage);
    expect(usages.length).toBeGreaterThan(5);
    expect(usages.every((usage) => usage === undefined)).toBe(true);
  });

  it('lists its models and throttles with a 429 the client knows', async () => {
    expect((await client().models.list()).data.map(({ id }) => id)).toEqual(['moyai-simulator']);
    simulator.behaviour.replace({ throttleEveryNth: 1 });
    await expect(client().chat.completions.create(ask)).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  });

  it('refuses what is no JSON and what has no messages', async () => {
    expect((await post('/v1/chat/completions', '{')).status).toBe(400);
    expect((await post('/v1/chat/completions', { model: 'any', messages: [] })).status).toBe(400);
  });
});

describe('the control plane', () => {
  const get = async (path: string): Promise<unknown> => (await fetch(`${simulator.url}/_simulator${path}`)).json();

  it('sets behaviour strictly and shows it', async () => {
    expect((await post('/_simulator/behaviour', { tokensPerDelta: 0 }, 'PUT')).status).toBe(400);
    expect((await post('/_simulator/behaviour', { unknown: 1 }, 'PUT')).status).toBe(400);
    expect((await post('/_simulator/behaviour', { omitUsage: true }, 'PUT')).status).toBe(200);
    expect(await get('/behaviour')).toMatchObject({ omitUsage: true, tokenDelayMs: 0 });
  });

  it('shows the ledger whole, since an instant and by call, and forgets it when told', async () => {
    const body = { messages: MESSAGES, requestMetadata: { moyai_call_id: 'job 1/attempt 1' } };
    await post('/model/any/converse', body);
    const since = new Date(Date.now() + 60_000).toISOString();
    expect(await get('/ledger')).toMatchObject({ items: [{ callId: 'job 1/attempt 1', protocol: 'bedrock' }] });
    expect(await get(`/ledger?since=${since}`)).toEqual({ items: [] });
    expect(await get(`/ledger/${encodeURIComponent('job 1/attempt 1')}`)).toMatchObject({
      items: [{ modelId: 'any' }],
    });
    expect(await get('/stats')).toMatchObject({ calls: 1, inFlight: 0, maxInFlight: 1 });
    expect((await post('/_simulator/ledger', '', 'DELETE')).status).toBe(204);
    expect(await get('/ledger')).toEqual({ items: [] });
    expect((await fetch(`${simulator.url}/_simulator/ledger/unknown`)).status).toBe(404);
  });
});
