import { describe, expect, it } from 'vitest';
import { toldByStream, toldWhole, unlike } from './completion.ts';

const chunk = (choice: object) => `data: ${JSON.stringify({ id: 'chatcmpl-job', choices: [choice] })}\n\n`;
const WHOLE = [
  chunk({ delta: { role: 'assistant', content: '' } }),
  ': alive\n\n',
  chunk({ delta: { content: '市役所の' } }),
  chunk({ delta: { content: 'data: [DONE]\n\n' } }),
  chunk({ delta: {}, finish_reason: 'stop' }),
  `data: ${JSON.stringify({ id: 'chatcmpl-job', choices: [], usage: {} })}\n\n`,
].join('');

describe('what a completion told', () => {
  it('is all of its words, and the job they are of', () => {
    expect(toldByStream(`${WHOLE}data: [DONE]\n\n`)).toEqual({ jobId: 'job', text: '市役所のdata: [DONE]\n\n' });
    const body = { id: 'chatcmpl-job', choices: [{ message: { content: '市役所' } }] };
    expect(toldWhole(JSON.stringify(body))).toEqual({ jobId: 'job', text: '市役所' });
  });

  it('is nothing to go by when it does not say that it is whole', () => {
    expect(toldByStream(WHOLE)).toBeUndefined();
    expect(toldByStream(`${WHOLE}data: {"error":{}}\n\n`)).toBeUndefined();
    for (const body of ['', '{}', '{"choices":[{"message":{"content":""}}]}']) expect(toldWhole(body)).toBeUndefined();
  });

  it('differs from what is stored by a word, by the end, or by there being nothing', () => {
    const told = { jobId: 'job', text: '市役所' };
    const stored = (text: string, status = 'completed') => ({ status: 200, body: { status, output: { text } } });
    expect(unlike(told, 'completed', stored('市役所'))).toBeUndefined();
    expect(unlike(told, 'completed', stored('市役'))).toBe('job: 3 characters read, 2 stored');
    expect(unlike(told, 'completed', stored('区役所'))).toBeDefined();
    expect(unlike(told, 'completed', stored('市役所', 'failed'))).toBe('job: heard completed, stored failed');
    expect(unlike(told, 'completed', { status: 404, body: {} })).toBe('job: GET answered 404');
  });
});
