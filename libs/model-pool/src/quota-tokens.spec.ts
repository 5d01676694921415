import { expect, it } from 'vitest';
import { burnedQuotaTokens } from './quota-tokens.ts';

it('burns output at its rate, input and cache writes once, and cache reads not at all', () => {
  const usage = { inputTokens: 100, outputTokens: 20, cacheReadTokens: 7_000, cacheWriteTokens: 50 };
  expect(burnedQuotaTokens(usage, 5)).toBe(250);
  expect(burnedQuotaTokens(usage, 1)).toBe(170);
  expect(burnedQuotaTokens({ ...usage, outputTokens: 1 }, 1.5)).toBe(152);
});
