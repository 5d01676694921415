import { BedrockRuntimeClient, ConverseCommand, ThrottlingException } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../src/simulator.ts';
import { AT_ONCE, PROMPT } from './call-simulator.ts';

let simulator: Simulator;
beforeAll(async () => void (simulator = await startSimulator({ port: 0, behaviour: AT_ONCE })));
beforeEach(() => {
  simulator.quotas.replace({});
  simulator.behaviour.replace({});
  simulator.ledger.reset();
});
afterAll(() => simulator.stop());

const MODEL = 'jp.anthropic.claude';

function converseIn(region: string, maxTokens?: number) {
  const client = new BedrockRuntimeClient({
    region,
    endpoint: `${simulator.url}/region/${region}`,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 1,
  });
  const messages = [{ role: 'user' as const, content: [{ text: PROMPT }] }];
  return client.send(new ConverseCommand({ modelId: MODEL, messages, inferenceConfig: { maxTokens } }));
}

const control = (method: string, body?: object) =>
  fetch(`${simulator.url}/_simulator/quotas`, { method, ...(body && { body: JSON.stringify(body) }) });

describe('a region of the Bedrock protocol', () => {
  it('is the path that the SDK keeps before its own, and stands in the ledger', async () => {
    await converseIn('ap-northeast-3', 9);
    await fetch(`${simulator.url}/model/any/converse`, {
      method: 'POST',
      body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'a' }] }] }),
    });
    expect(simulator.ledger.list().map(({ region }) => region)).toEqual(['ap-northeast-3', 'ap-northeast-1']);
  });

  it('has its own quota', async () => {
    await control('PUT', { [`ap-northeast-1/${MODEL}`]: { requestsPerMinute: 1 } });
    await converseIn('ap-northeast-1', 9);
    await expect(converseIn('ap-northeast-1', 9)).rejects.toBeInstanceOf(ThrottlingException);
    await converseIn('ap-northeast-3', 9);
    expect(simulator.ledger.list().map(({ state }) => state)).toEqual(['completed', 'throttled', 'completed']);
  });

  it('reserves the model’s maximum for a call that does not say maxTokens', async () => {
    await control('PUT', { [`ap-northeast-1/${MODEL}`]: { tokensPerMinute: 60_000 } });
    await expect(converseIn('ap-northeast-1')).rejects.toBeInstanceOf(ThrottlingException);
    await converseIn('ap-northeast-1', 1_000);
  });
});

describe('the OpenAI protocol', () => {
  it('obeys a quota in the same way', async () => {
    await control('PUT', { 'ap-northeast-3/local': { tokensPerMinute: 1_000 } });
    const client = new OpenAI({ baseURL: `${simulator.url}/region/ap-northeast-3/v1`, apiKey: 'any', maxRetries: 0 });
    const ask = { model: 'local', messages: [{ role: 'user' as const, content: PROMPT }] };
    await client.chat.completions.create({ ...ask, max_tokens: 100 });
    const tooMuch = client.chat.completions.create({ ...ask, max_tokens: 2_000 });
    await expect(tooMuch).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  });
});

describe('the control of quotas', () => {
  it('shows what is granted, what is left and what was served', async () => {
    await control('PUT', { [`ap-northeast-1/${MODEL}`]: { tokensPerMinute: 100_000, outputBurnDown: 5 } });
    const { usage } = await converseIn('ap-northeast-1', 50);
    const burned = (usage?.inputTokens ?? 0) + 5 * (usage?.outputTokens ?? 0);
    expect(await (await control('GET')).json()).toMatchObject({
      items: [{ key: `ap-northeast-1/${MODEL}`, granted: { tokensPerMinute: 100_000 }, factor: 1 }],
      total: { calls: 1, throttledCalls: 0, servedQuotaTokens: burned },
    });
  });

  it('takes all input at the start, and keeps nothing of what was read from a cache', async () => {
    const key = `ap-northeast-1/${MODEL}`;
    simulator.behaviour.replace({ cacheReadShare: 0.5, cacheWriteShare: 0.5 });
    await control('PUT', { [key]: { tokensPerMinute: 1_000 } });
    const { usage } = await converseIn('ap-northeast-1', 50);
    const { inputTokens = 0, cacheReadInputTokens = 0, cacheWriteInputTokens = 0, outputTokens = 0 } = usage ?? {};
    expect(cacheReadInputTokens).toBeGreaterThan(0);
    expect(cacheWriteInputTokens).toBeGreaterThan(0);
    const sent = inputTokens + cacheReadInputTokens + cacheWriteInputTokens;
    expect(usage?.totalTokens).toBe(sent + outputTokens);
    expect(simulator.quotas.overview().total.servedQuotaTokens).toBe(
      inputTokens + cacheWriteInputTokens + outputTokens,
    );
    await control('PUT', { [key]: { tokensPerMinute: sent + 49 } });
    await expect(converseIn('ap-northeast-1', 50)).rejects.toBeInstanceOf(ThrottlingException);
    await converseIn('ap-northeast-1', 49);
  });

  it('scales what is set, and says so where nothing is', async () => {
    const key = `ap-northeast-1/${MODEL}`;
    await control('PUT', { [key]: { requestsPerMinute: 100 } });
    const halved = await control('PATCH', { [key]: { factor: 0.5 } });
    expect(await halved.json()).toMatchObject({ items: [{ factor: 0.5, left: { requests: 50, tokens: null } }] });
    expect((await control('PATCH', { 'ap-northeast-9/none': { factor: 0.5 } })).status).toBe(404);
  });

  it.each([
    [{ sonnet: { tokensPerMinute: 1 } }, '<region>/<modelId>'],
    [{ 'tokyo/sonnet': { tokensPerMinute: -1 } }, 'tokensPerMinute'],
    [{ 'tokyo/sonnet': { tokensPerHour: 1 } }, 'tokensPerHour'],
  ])('refuses %j and says why', async (quotas, reason) => {
    const refused = await control('PUT', quotas);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain(reason);
  });
});
