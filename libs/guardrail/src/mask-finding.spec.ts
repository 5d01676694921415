import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskFinding } from './mask-finding.ts';
import { NumberGuard } from './number-guard.ts';
import { PROSE, SEPARATORS, WIDTHS, cut, myNumbers, write } from './written-number.fixture.ts';

const excerpts = (text: string) => NumberGuard.inspect(text).map((finding) => maskFinding(text, finding));
const DIGIT = /[\p{Nd}〇零一二三四五六七八九壱壹弐貳参參肆伍陸漆捌玖○❶-➓⓫-⓿🄋🄌\u{e0030}-\u{e0039}]/u;

describe('maskFinding', () => {
  it.each([
    ['個人番号は 1234 5678 9018 です', '個人番号は ●●●●●●●●●●●● です'],
    ['私は４２歳で、番号は１２３４−５６７８−９０１８、住所は奈良市二条', '歳で、番号は●●●●●●●●●●●●、住所は奈良市'],
    ['とても長い前置きのあとに来る123456789018', '長い前置きのあとに来る'.slice(-10) + '●●●●●●●●●●●●'],
    ['行\n123456789018\n行', '●●●●●●●●●●●●'],
    ['①123456789018', '●●●●●●●●●●●●'],
    ['😀'.repeat(12) + '123456789018', '😀'.repeat(10) + '●●●●●●●●●●●●'],
  ])('shows %j as %j', (text, excerpt) => {
    expect(excerpts(text)).toEqual([excerpt]);
  });

  it('never shows a digit, of this number or of another, in any script', () => {
    const written = fc
      .tuple(
        myNumbers,
        fc.constantFrom(...Object.keys(WIDTHS)),
        fc.constantFrom(12, 4, 3),
        fc.constantFrom(...SEPARATORS),
      )
      .map(([number, width, size, join]) =>
        cut(number, size)
          .map((group) => write(group, width))
          .join(join),
      );
    const text = fc.array(fc.oneof(written, fc.constantFrom(...PROSE), fc.string({ unit: 'binary', maxLength: 8 })));
    fc.assert(
      fc.property(text, (pieces) => {
        for (const excerpt of excerpts(pieces.join(''))) {
          expect(excerpt.normalize('NFKC')).not.toMatch(DIGIT);
          expect(excerpt).toContain('●●●●●●●●●●●●');
          expect(excerpt.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
