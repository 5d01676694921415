import { describe, expect, it } from 'vitest';
import { boundedMaxTokens, demandFit } from './token-limits.ts';

const route = {
  model: 'm',
  segment: 'lgwan',
  deployments: [],
  maxOutputTokens: 4_096,
  tokensPerMinute: 10_000,
} as const;

describe('token limits', () => {
  it('give an answer a length when the request names none, within what the model can answer', () => {
    expect(boundedMaxTokens(undefined, route)).toBe(1_024);
    expect(boundedMaxTokens(undefined, { ...route, maxOutputTokens: 500 })).toBe(500);
    expect(boundedMaxTokens(4_096, route)).toBe(4_096);
  });

  it('refuse a longer one at its place, with the limit', () => {
    expect(() => boundedMaxTokens(4_097, route)).toThrow(
      expect.objectContaining({
        code: 'JOBS.MAX_TOKENS_TOO_LARGE',
        faults: [{ pointer: '/maxTokens', message: expect.stringContaining('4096') }],
      }),
    );
  });

  it('take what just fits into a minute of the largest deployment, and everything where there is no such quota', () => {
    expect(() => demandFit(route, 6_000, 4_000)).not.toThrow();
    expect(() => demandFit({ ...route, tokensPerMinute: Infinity }, 1e9, 4_000)).not.toThrow();
  });

  it('refuse what could wait for ever, and say which of the two must shrink', () => {
    const refusal = (pointer: string, words: RegExp) =>
      expect.objectContaining({
        code: 'JOBS.TOO_LARGE_FOR_MODEL',
        faults: [{ pointer, message: expect.stringMatching(words) }],
      });
    expect(() => demandFit(route, 9_000, 1_001)).toThrow(refusal('/maxTokens', /1000 以下/));
    expect(() => demandFit(route, 10_000, 1)).toThrow(refusal('/messages', /文章を分けて/));
  });
});
