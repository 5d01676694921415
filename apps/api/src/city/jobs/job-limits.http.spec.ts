import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SMALL_QUOTA_TOKENS, type TestApi, createTestApi } from '../../../test/test-api.ts';
import { CITY_A, addApiKey, onboardCity } from '../../../test/test-city.ts';

const CITY = '/api/v1/jobs';
const OPENAI = '/api/openai/v1/chat/completions';

/** What may not stand where a number of tokens is asked for. */
const NO_TOKENS: Record<string, unknown> = {
  zero: 0,
  negative: -1,
  fractional: 10.5,
  'huge beyond any model': 1_000_001,
  'beyond any integer': 1e300,
  text: '100',
};

describe('a request for more than the models can give', () => {
  let api: TestApi;
  let key: string;

  beforeAll(async () => {
    api = await createTestApi();
    key = await addApiKey(api.app, await onboardCity(api.app, CITY_A));
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const messages = (content = '住民票の写しの取り方を教えてください。') => [{ role: 'user', content }];
  const send = (path: string, body: object) =>
    api.on('lgwan').post(path).set('authorization', `Bearer ${key}`).send(body);
  const ask = (over: object) => send(CITY, { kind: 'chat', messages: messages(), ...over });
  const complete = (over: object) => send(OPENAI, { model: 'simulated-model', messages: messages(), ...over });
  const jobs = async () => (await api.eyes.query<{ count: string }>('SELECT count(*) FROM jobs')).rows[0]!.count;

  it.each(Object.entries(NO_TOKENS))('names the place when maxTokens is %s', async (_, value) => {
    const { body } = await ask({ maxTokens: value }).expect(422);
    expect(body.code).toBe('REQUEST.INVALID');
    expect(body.faults[0]).toMatchObject({ pointer: '/maxTokens' });
    const answer = await complete({ max_tokens: value }).expect(400);
    expect(answer.body.error).toMatchObject({ type: 'invalid_request_error', param: 'max_tokens' });
  });

  it('tells the model’s limit when maxTokens is beyond it', async () => {
    const { body } = await ask({ maxTokens: 4_097 }).expect(422);
    expect(body).toMatchObject({ code: 'JOBS.MAX_TOKENS_TOO_LARGE', faults: [{ pointer: '/maxTokens' }] });
    expect(body.detail).toContain('4096');
    const answer = await complete({ max_completion_tokens: 4_097 }).expect(400);
    expect(answer.body.error).toMatchObject({ code: 'JOBS.MAX_TOKENS_TOO_LARGE', param: 'max_tokens' });
  });

  it('takes a request that names no maxTokens, for an answer as long as the list of models says', async () => {
    const { body } = await api.on('lgwan').get('/api/v1/models').set('authorization', `Bearer ${key}`).expect(200);
    const { defaultMaxTokens, maxOutputTokens } = body.items.find(({ isDefault }: { isDefault: boolean }) => isDefault);
    expect(maxOutputTokens).toBe(4_096);
    const { body: job } = await ask({}).expect(202);
    const { rows } = await api.eyes.query('SELECT max_tokens AS tokens FROM jobs WHERE id = $1', [job.id]);
    expect(rows).toEqual([{ tokens: defaultMaxTokens }]);
  });

  it('refuses at once what no deployment’s quota could ever take, and says what would fit', async () => {
    const { body } = await ask({ model: 'small-model', maxTokens: SMALL_QUOTA_TOKENS }).expect(422);
    expect(body).toMatchObject({ code: 'JOBS.TOO_LARGE_FOR_MODEL', faults: [{ pointer: '/maxTokens' }] });
    expect(body.detail).toContain(String(SMALL_QUOTA_TOKENS));
    const long = await ask({ model: 'small-model', messages: messages('市'.repeat(4_000)) }).expect(422);
    expect(long.body).toMatchObject({ code: 'JOBS.TOO_LARGE_FOR_MODEL', faults: [{ pointer: '/messages' }] });
    await complete({ model: 'small-model', max_tokens: SMALL_QUOTA_TOKENS }).expect(400);
    await ask({ model: 'small-model', maxTokens: 100 }).expect(202);
  });

  it('refuses a model that no healthy deployment can answer, and accepts nothing of it', async () => {
    await api.eyes.query(`UPDATE pool_deployments SET failures = 5, open_until = now() + interval '1 min'`);
    await vi.waitUntil(async () => (await ask({})).status === 503, { timeout: 5_000, interval: 50 });
    const before = await jobs();
    const { body, headers } = await ask({}).expect(503);
    expect(body).toMatchObject({ code: 'MODEL.NO_HEALTHY_DEPLOYMENT', title: 'このモデルは現在利用できません。' });
    expect(Number(headers['retry-after'])).toBeGreaterThan(30);
    const answer = await complete({}).expect(503).expect('retry-after', /^\d+$/);
    expect(answer.body.error).toMatchObject({ code: 'MODEL.NO_HEALTHY_DEPLOYMENT', type: 'server_error' });
    expect(await jobs()).toBe(before);
  });

  it.each([
    ['nobody asks', [{ role: 'system', content: '丁寧に答えてください。' }]],
    ['the question is blank', [{ role: 'user', content: ' \u3000\n' }]],
  ])('accepts nothing when %s', async (_, asked) => {
    const before = await jobs();
    const { body } = await ask({ messages: asked }).expect(422);
    expect(body).toMatchObject({ code: 'REQUEST.INVALID', faults: [{ pointer: '/messages' }] });
    const answer = await complete({ messages: asked }).expect(400);
    expect(answer.body.error).toMatchObject({ code: 'REQUEST.INVALID', param: 'messages' });
    expect(await jobs()).toBe(before);
  });

  it('refuses a model that this network does not have', async () => {
    const { body } = await ask({ model: 'elsewhere' }).expect(422);
    expect(body).toMatchObject({ code: 'JOBS.MODEL_UNKNOWN' });
    await complete({ model: 'elsewhere' }).expect(404);
  });
});
