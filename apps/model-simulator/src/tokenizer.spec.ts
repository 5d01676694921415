import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countTokens, tokenize } from './tokenizer.ts';

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(' ', 'a', '1', '\n', '\t', '市', '\ud800') }),
);

describe('the tokenizer', () => {
  it('counts a Japanese character as one token, four ASCII letters as one', () => {
    expect(countTokens('生成AI')).toBe(3);
    expect(tokenize('Hello world, 2026')).toEqual(['Hell', 'o', ' worl', 'd', ',', ' 2026']);
  });

  it('loses no character of any text', () => {
    fc.assert(fc.property(anyText, (text) => tokenize(text).join('') === text));
  });

  it('never counts more tokens than UTF-8 bytes', () => {
    fc.assert(fc.property(anyText, (text) => countTokens(text) <= Buffer.byteLength(text)));
  });

  it('leaves a text of exactly n tokens when cut after the n-th', () => {
    fc.assert(
      fc.property(anyText, fc.nat({ max: 40 }), (text, limit) => {
        const kept = tokenize(text).slice(0, limit);
        expect(countTokens(kept.join(''))).toBe(kept.length);
      }),
    );
  });
});
