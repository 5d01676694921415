import { describe, expect, it } from 'vitest';
import { DomainError } from '#libs/kernel';
import { readInput } from '../http/request-input.ts';
import { chatCompletionBody, toChatRequest } from './openai-schemas.ts';

const question = { role: 'user', content: '質問' };
const read = (over: object) => readInput(chatCompletionBody, { model: 'm', messages: [question], ...over });
const faultsOf = async (over: object) =>
  read(over).then(
    () => expect.unreachable('the request was taken'),
    (error: DomainError) => error.faults.map(({ pointer }) => pointer),
  );

/** What the `openai` clients and those built on them send where nothing is asked for. */
const NEUTRAL: Record<string, unknown> = {
  tools: [],
  tool_choice: 'none',
  functions: null,
  function_call: 'none',
  parallel_tool_calls: true,
  logprobs: false,
  top_logprobs: null,
  logit_bias: {},
  modalities: ['text'],
  audio: null,
  prediction: null,
};

const REFUSED: Record<string, unknown> = {
  tools: [{ type: 'function', function: { name: 'f' } }],
  tool_choice: 'required',
  logit_bias: { 50256: -100 },
  logprobs: true,
  reasoning: 'high',
};

/** And why. */
const NO_STOP: [what: string, stop: unknown, fault: string][] = [
  ['five texts', ['1', '2', '3', '4', '5'], '/stop 大きすぎるか、多すぎます。'],
  ['an empty text', '', '/stop 空白以外の文字を含めてください。'],
  ['a blank text', ['終', '\n'], '/stop/1 空白以外の文字を含めてください。'],
  ['a long text', ['あ'.repeat(257)], '/stop/0 256文字以内で入力してください。'],
  ['a number', 5, '/stop 型が違うか、必要な値がありません。'],
];

describe('a chat completion request', () => {
  it('may send an answer back as it came', async () => {
    const answer = { role: 'assistant', content: '回答', refusal: null };
    const { messages } = await read({ messages: [question, answer, question] });
    expect(messages).toHaveLength(3);
    const richer = { ...answer, audio: null, annotations: [], tool_calls: null, function_call: null };
    await read({ messages: [question, richer, question] });
  });

  it('may send an answer back that has no words', async () => {
    await read({ messages: [question, { role: 'assistant', content: '', refusal: null }, question] });
  });

  it.each(Object.entries(NEUTRAL))('may say that it wants no %s', async (name, value) => {
    expect(await read({ [name]: value })).toMatchObject({ model: 'm' });
  });

  it.each([
    ['観察：', ['観察：']],
    [
      ['\nObservation:', '終わり'],
      ['\nObservation:', '終わり'],
    ],
    [[], []],
    [null, undefined],
  ])('may say at %j where its answer ends', async (stop, texts) => {
    expect(toChatRequest(await read({ stop })).stop).toEqual(texts);
  });

  it.each(NO_STOP)('is told why its answer cannot end at %s', async (_what, stop, fault) => {
    const told = await read({ stop }).catch((error: DomainError) => error.faults);
    expect(told).toMatchObject([{}]);
    expect(
      (told as { pointer: string; message: string }[]).map(({ pointer, message }) => `${pointer} ${message}`),
    ).toEqual([fault]);
  });

  it.each(Object.entries(REFUSED))('is told where it asks for %s, which is not done here', async (name, value) => {
    const [pointer] = await faultsOf({ [name]: value });
    expect(pointer).toMatch(new RegExp(`^/${name}`));
  });

  it('is told of each field that is unknown, in the place where it stands', async () => {
    expect(await faultsOf({ a: 1, b: 2, messages: [{ ...question, c: 3 }] })).toEqual(['/messages/0/c', '/a', '/b']);
  });
});
