import OpenAI, {
  APIError,
  type ClientOptions,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  RateLimitError,
} from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect } from './support/collect.ts';
import { demoCity, myNumber, onboardCity, visitor } from './support/people.ts';
import { AT_ONCE, modelBehaves } from './support/simulator.ts';

const clientWith = (apiKey: string, options: ClientOptions = {}): OpenAI =>
  new OpenAI({ baseURL: `${visitor().origin}/api/openai/v1`, apiKey, ...options });

const request = (content: string) => ({
  model: 'claude-sonnet-4.6',
  messages: [{ role: 'user' as const, content }],
});

const refusalOf = async (call: Promise<unknown>): Promise<APIError> =>
  call.then(
    () => expect.unreachable('the call was answered'),
    (error: APIError) => error,
  );

describe('the openai client with a key of the city', () => {
  const openai = clientWith(demoCity(0).apiKey);
  let behaviour: AsyncDisposable;

  beforeAll(async () => {
    behaviour = await modelBehaves(AT_ONCE);
  });
  afterAll(() => behaviour[Symbol.asyncDispose]());

  it('gets an answer in one piece, with the tokens it cost', async () => {
    const completion = await openai.chat.completions.create(request('会議の日程を案内する文案を作成してください。'));
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant' } });
    expect(completion.choices[0]!.message.content).toContain('模擬モデル');
    const { prompt_tokens, completion_tokens, total_tokens } = completion.usage!;
    expect(prompt_tokens).toBeGreaterThan(0);
    expect(total_tokens).toBe(prompt_tokens + completion_tokens);
  });

  it('gets the same answer, and the same tokens, as a stream', async () => {
    const whole = await openai.chat.completions.create(request('次の文を要約してください。断水は三日間です。'));
    const stream = await openai.chat.completions.create({
      ...request('次の文を要約してください。断水は三日間です。'),
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await collect(stream);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(
      whole.choices[0]!.message.content,
    );
    expect(chunks.filter(({ choices }) => choices[0]?.finish_reason)).toHaveLength(1);
    expect(chunks.at(-1)!.usage).toEqual(whole.usage);
  });

  it('goes on in the conversation by sending the answer back as it came', async () => {
    const { model, messages } = request('避難所の開設手順を教えてください。');
    const first = await openai.chat.completions.create({ model, messages });
    const next = [...messages, first.choices[0]!.message, { role: 'user' as const, content: '短くしてください。' }];
    const second = await openai.chat.completions.create({ model, messages: next });
    expect(second.choices[0]).toMatchObject({ finish_reason: 'stop' });
    expect(second.usage!.prompt_tokens).toBeGreaterThan(first.usage!.prompt_tokens);
  });

  it('says when the answer was cut at the limit it set', async () => {
    const completion = await openai.chat.completions.create({ ...request('手順を教えてください。'), max_tokens: 10 });
    expect(completion.choices[0]!.finish_reason).toBe('length');
    expect(completion.usage!.completion_tokens).toBe(10);
  });

  it('gets its answer up to a text that it names, in one piece and as a stream', async () => {
    const asked = { ...request('道路工事のお知らせの文案を作成してください。'), stop: ['件名'] };
    const whole = await openai.chat.completions.create(asked);
    expect(whole.choices[0]!.finish_reason).toBe('stop');
    expect(whole.choices[0]!.message.content).not.toContain('件名');
    const chunks = await collect(await openai.chat.completions.create({ ...asked, stream: true }));
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(
      whole.choices[0]!.message.content,
    );
  });

  it('lists the models of this network', async () => {
    const { data } = await openai.models.list();
    expect(data.map(({ id }) => id)).toContain('claude-sonnet-4.6');
  });

  it('meets each refusal as the error class it knows', async () => {
    const badKey = await refusalOf(clientWith('moyai-no-such-key').chat.completions.create(request('質問')));
    expect(badKey).toBeInstanceOf(AuthenticationError);
    expect(badKey).toMatchObject({ code: 'invalid_api_key', type: 'authentication_error' });

    const model = await refusalOf(openai.chat.completions.create({ ...request('質問'), model: 'no-such-model' }));
    expect(model).toBeInstanceOf(NotFoundError);
    expect(model.code).toBe('model_not_found');

    const tools = { tools: [{ type: 'function' as const, function: { name: 'f' } }] };
    expect(await refusalOf(openai.chat.completions.create({ ...request('質問'), ...tools }))).toBeInstanceOf(
      BadRequestError,
    );
  });

  it('is refused a My Number without hearing it again', async () => {
    const number = myNumber();
    const refusal = await refusalOf(openai.chat.completions.create(request(`個人番号は${number}です`)));
    expect(refusal).toBeInstanceOf(BadRequestError);
    expect(refusal).toMatchObject({ code: 'GUARD.MY_NUMBER_FOUND', param: 'messages.0.content' });
    expect(JSON.stringify(refusal.error)).not.toContain(number);
    expect(refusal.message).toContain('●●●●●●●●●●●●');
  });

  it('is told once, and does not try again, when the budget is spent', async () => {
    const city = await onboardCity('予算なし市', 100);
    const { body } = await city.admin
      .post('/api/v1/api-keys', { name: '検証', scopes: ['jobs', 'models'] })
      .expect(201);
    const sent: string[] = [];
    const counting: typeof fetch = (input, init) => {
      sent.push(String(input));
      return fetch(input, init);
    };
    const spent = clientWith(body.apiKey, { fetch: counting });
    const refusal = await refusalOf(spent.chat.completions.create(request('質問')));
    expect(refusal).toBeInstanceOf(RateLimitError);
    expect(refusal).toMatchObject({ code: 'insufficient_quota' });
    expect(sent).toHaveLength(1);
  });
});
