import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateInputTokens, estimateTokens, estimateUsage, worstCaseInputTokens } from './token-bounds.ts';

const text = fc.string({ unit: 'binary' });
const messages = fc.array(fc.record({ content: text }), { minLength: 1, maxLength: 8 });

describe('token bounds', () => {
  it('reserve at least the bytes of every message, in the longer of its normal forms', () => {
    expect(worstCaseInputTokens([{ content: '生成AI' }])).toBe(64 + 16 + 8);
    expect(worstCaseInputTokens([{ content: '㍿' }])).toBe(64 + 16 + 12);
  });

  it('never estimate more than was reserved, so that an estimate can always be settled', () => {
    fc.assert(
      fc.property(messages, text, fc.nat({ max: 50 }), (sent, received, maxTokens) => {
        const { inputTokens, outputTokens } = estimateUsage(sent, received, maxTokens);
        expect(inputTokens).toBeLessThanOrEqual(worstCaseInputTokens(sent));
        expect(outputTokens).toBeLessThanOrEqual(maxTokens);
      }),
    );
  });

  it('never estimate more tokens than a text has bytes', () => {
    fc.assert(fc.property(text, (any) => estimateTokens(any) <= Buffer.byteLength(any)));
  });

  it('estimate Japanese fairly: about a token a character, a third of the worst case', () => {
    expect(estimateInputTokens([{ content: '住民票の写しの交付について'.repeat(100) }])).toBe(1_312);
  });
});
