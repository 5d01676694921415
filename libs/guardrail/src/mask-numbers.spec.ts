import { describe, expect, it } from 'vitest';
import { maskNumbers } from './mask-numbers.ts';

describe('a text for readers whose work needs no number', () => {
  it('holds none of its 個人番号, however they are written', () => {
    expect(maskNumbers('個人番号は 123456789018、扶養者は１２３４ー５６７８ー９０１８です。')).toBe(
      '個人番号は ●●●●●●●●●●●●、扶養者は●●●●●●●●●●●●です。',
    );
  });

  it('is otherwise as it was', () => {
    const text = '受付番号 2026-06-10 の申請、法人番号は7000012050002です。';
    expect(maskNumbers(text)).toBe(text);
  });
});
