import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberGuard } from './number-guard.ts';
import {
  CELLS,
  EVEN_SIZES,
  INVISIBLE,
  LINE_BREAKS,
  PROSE,
  SEPARATORS,
  WIDTHS,
  corporateNumbers,
  cut,
  cutAt,
  myNumbers,
  write,
} from './written-number.fixture.ts';

const pick = <T>(values: readonly T[]) => fc.constantFrom(...values);
const isThreeYears = (number: string) => /^(?:(?:19|20)\d\d){3}$/.test(number);
const startsLikeDate = (number: string) => /^(?:19|20)\d\d/.test(number);

function expectFound(before: string, written: string, after: string): void {
  const findings = NumberGuard.inspect(before + written + after);
  expect(findings).toEqual([{ kind: 'my_number', start: before.length, end: expect.any(Number) as number }]);
  const found = (before + written + after).slice(findings[0]!.start, findings[0]!.end);
  // Invisible characters behind the last digit are not part of the number.
  expect(written.startsWith(found)).toBe(true);
  expect(written.slice(found.length)).toMatch(/^[\p{Mn}\p{Me}\p{Cf}]*$/u);
}

describe('NumberGuard finds every valid 個人番号', () => {
  it.each(Object.keys(WIDTHS))('written in %s digits, evenly grouped, whatever separates the groups', (width) => {
    const separator = pick([...SEPARATORS, ...LINE_BREAKS, ...INVISIBLE]);
    fc.assert(
      fc.property(
        pick(PROSE),
        myNumbers,
        pick(EVEN_SIZES),
        separator,
        pick(PROSE),
        (before, number, size, join, after) => {
          fc.pre(size !== 4 || !isThreeYears(number));
          const written = cut(number, size)
            .map((group) => write(group, width))
            .join(join);
          expectFound(before, written, after);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('in cells or lists, as three fours or digit by digit', () => {
    fc.assert(
      fc.property(
        pick(PROSE),
        myNumbers,
        pick([4, 1]),
        pick(CELLS),
        pick(PROSE),
        (before, number, size, join, after) => {
          fc.pre(size !== 4 || !isThreeYears(number));
          expectFound(before, cut(number, size).join(join), after);
        },
      ),
    );
  });

  it('cut anywhere on a line, with any mixture of separators', () => {
    const cuts = fc
      .uniqueArray(fc.integer({ min: 1, max: 11 }), { maxLength: 6 })
      .map((at) => at.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(
        myNumbers,
        cuts,
        fc.array(pick([...SEPARATORS, ...INVISIBLE]), { minLength: 6 }),
        (number, at, joins) => {
          fc.pre(!startsLikeDate(number));
          const written = cutAt(number, at).reduce((text, group, i) => text + joins[i - 1]! + group);
          expectFound('届いた番号は', written, 'です');
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('with every digit in a width of its own', () => {
    const widths = fc.array(pick(Object.keys(WIDTHS)), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(
        myNumbers,
        widths,
        pick(EVEN_SIZES),
        pick([...SEPARATORS, ...LINE_BREAKS]),
        (number, mix, size, join) => {
          fc.pre(size !== 4 || !isThreeYears(number));
          const written = Array.from(
            number,
            (digit, i) => (i > 0 && i % size === 0 ? join : '') + write(digit, mix[i]!),
          );
          expectFound('番号 ', written.join(''), '');
        },
      ),
    );
  });

  it('among the other columns of a row and the other rows of a table', () => {
    fc.assert(
      fc.property(fc.array(myNumbers, { minLength: 1, maxLength: 8 }), pick(['', '-', ' ']), (numbers, join) => {
        fc.pre(!numbers.some(isThreeYears));
        const rows = numbers.map((number, i) => `${i + 1}\t奈良太郎\t${cut(number, 4).join(join)}\t0742-34-1111`);
        expect(NumberGuard.inspect(rows.join('\n')).map(({ kind }) => kind)).toEqual(numbers.map(() => 'my_number'));
      }),
    );
  });

  it.each([
    ['a line number a space before', '12 1234 5678 9018'],
    ['a list marker that touches it', '①123456789018'],
    ['a bracketed marker that touches it', '⑴1234-5678-9018'],
    ['a footnote that touches it', '123456789018²'],
    ['a phone number behind it', '1234-5678-9018 0742-34-1111'],
    ['other columns around it', '5 1234 5678 9018 34'],
    ['a second number behind it', '123456789018 123456789018'],
    ['a birthday before it', '1990-04-01 1234-5678-9018'],
    ['letters that touch it', 'x123456789018y'],
    ['a file name around it', 'scan_123456789018.pdf'],
    ['the boxes of a form', '|1|2|3|4|5|6|7|8|9|0|1|8|'],
    ['a line break inside a group', '1234-56\n78-9018'],
    ['a label, and columns of the same width behind it', 'マイナンバー 1234 5678 9018 2024'],
  ])('with %s', (_, text) => {
    expect(NumberGuard.inspect(text).map(({ kind }) => kind)).toContain('my_number');
  });

  it('in a long row even if one of its neighbours is mistyped', () => {
    const row = ['1234 5678 9018', '1234 5678 9018', '1234 5678 9017', '1234 5678 9018'].join(' ');
    expect(NumberGuard.inspect(`${row} 2345`)).toHaveLength(3);
  });
});

describe('NumberGuard never takes for a 個人番号', () => {
  it('a 法人番号, alone or as T number, in any width, whole or written 1-4-4-4', () => {
    const separator = pick(['', '-', '－', 'ー', '・', ' ', '\u3000', '\u200b', '\t', '\n']);
    const label = pick(['', '法人番号', '法人番号：', '登録番号 T', 'T', 'Ｔ', '取引先（', '\n']);
    fc.assert(
      fc.property(label, corporateNumbers, pick(Object.keys(WIDTHS)), separator, (before, number, width, join) => {
        const written = [number.slice(0, 1), ...cut(number.slice(1), 4)].map((group) => write(group, width)).join(join);
        expect(NumberGuard.inspect(`${before}${written}です`)).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });

  it('any run of digits longer or shorter than twelve', () => {
    const run = fc.integer({ min: 1, max: 40 }).filter((length) => length !== 12);
    fc.assert(
      fc.property(run, myNumbers, (length, number) => {
        expect(NumberGuard.inspect(`個人番号 ${number.repeat(4).slice(0, length)} 件`)).toEqual([]);
      }),
    );
  });

  it.each([
    ['a wrong check digit without a label', '届いた番号は 123456789012 です'],
    ['a phone number', '電話：123456789018'],
    ['a parcel', 'お問い合わせ番号 1234-5678-9018'],
    ['an account', '口座番号は123456789018'],
    ['a reception number in full-width letters', '受　付　番　号：１２３４５６７８９０１８'],
    ['an amount', '総額123456789018円'],
    ['an amount with a sign', '¥123456789018'],
    ['an amount with commas', '歳入 123,456,789,018 千円'],
    ['an international phone', '+123456789018'],
    ['a card', '1234 5678 9018 1234'],
    ['a card with hyphens', '1234-5678-9018-1234'],
    ['the last part of a UUID', '3fa85f64-5717-4562-b3fc-123456789018'],
    ['an account of a cloud', 'arn:aws:iam::123456789018:role/moyai'],
    ['the blank of a form', '個人番号 0000 0000 0000'],
    ['placeholders', '個人番号 ○○○○ ○○○○ ○○○○'],
    ['masked digits', '個人番号 ●●●●●●●●●●●● または ************'],
    ['three years', '2019 2020 2021'],
    ['a label and a date with a time', 'マイナンバー 2026/11/21 15:30'],
    ['a label and an 11-digit number', '個人番号 12345678901'],
    ['a call centre', 'マイナンバー総合フリーダイヤル 0120-95-0178 10:00〜17:00'],
  ])('%s', (_, text) => {
    expect(NumberGuard.inspect(text)).toEqual([]);
  });
});

describe('NumberGuard suspects', () => {
  it.each([
    ['the label says so and the check digit is wrong', '個人番号：1234 5678 9012'],
    [
      'a sentence says so and the check digit is wrong',
      '私のマイナンバーは、次のとおりです。\n１２３４−５６７８−９０１２',
    ],
    ['the label stands in brackets', '個人番号（マイナンバー・12桁）：123456789012'],
    ['a form has the label on the line above', '個 人 番 号\n123456789012'],
    ['the digits fit but two labels compete', 'マイナンバーカードの受付番号：123456789018'],
  ])('a number when %s', (_, text) => {
    expect(NumberGuard.inspect(text)).toMatchObject([{ kind: 'suspected' }]);
  });

  it('nothing just because 個人番号 is mentioned somewhere', () => {
    expect(NumberGuard.inspect('個人番号の利用範囲について。資料の番号は 123456789012 です')).toEqual([]);
  });
});

describe('NumberGuard.inspectAll', () => {
  it('points at the text that holds the number', () => {
    const texts = ['こんにちは', '', '番号は 123456789018 です', '了解'].map((text, i) => ({ pointer: `/${i}`, text }));
    expect(NumberGuard.inspectAll(texts)).toEqual([
      { pointer: '/2', kind: 'my_number', start: 4, end: 16, split: false },
    ]);
  });

  it('finds a number that goes on in the next texts, and says which part of it is where', () => {
    fc.assert(
      fc.property(myNumbers, fc.integer({ min: 1, max: 11 }), pick(['', '-', ' ', '\n']), (number, at, join) => {
        fc.pre(!startsLikeDate(number));
        const written = cut(number, 4).join(join);
        const middle = at + (join ? Math.floor(at / 4) : 0);
        const [head, tail] = [`番号は${written.slice(0, middle)}`, `${written.slice(middle)}です`];
        const findings = NumberGuard.inspectAll([
          { pointer: '/messages/0/content', text: head },
          { pointer: '/messages/1/content', text: '' },
          { pointer: '/messages/2/content', text: tail },
        ]);
        expect(findings).toMatchObject([
          { pointer: '/messages/0/content', kind: 'my_number', start: 3, split: true },
          { pointer: '/messages/2/content', kind: 'my_number', split: true },
        ]);
        const [first, second] = findings;
        const digits = head.slice(first!.start, first!.end) + tail.slice(second!.start, second!.end);
        expect(digits.replaceAll(/\D/g, '')).toBe(number);
      }),
    );
  });

  it('finds a number given one group a field', () => {
    const texts = ['1234', '5678', '9018'].map((text, i) => ({ pointer: `/${i}`, text }));
    expect(NumberGuard.inspectAll(texts).map(({ pointer }) => pointer)).toEqual(['/0', '/1', '/2']);
  });

  it('finds nothing in nothing', () => {
    expect(NumberGuard.inspectAll([])).toEqual([]);
  });
});

describe('NumberGuard survives', () => {
  it('any text at all, with offsets inside it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), myNumbers, (text, number) => {
        const whole = text + number + text;
        for (const { start, end } of NumberGuard.inspect(whole)) {
          expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual(whole.length);
        }
      }),
    );
  });

  it('unpaired surrogates and NUL next to a number', () => {
    expect(NumberGuard.inspect('\ud800123456789018\udc00\u0000')).toEqual([{ kind: 'my_number', start: 1, end: 13 }]);
  });

  // Milliseconds differ from machine to machine; a quadratic scan of a megabyte takes minutes on any.
  it.each([
    '1 2 3 4 5 6 7 ',
    '1-',
    '1\n',
    '1\u200b',
    '1234 5678 9018 ',
    '個人番号は（',
    'マイナンバー123456789018',
    '1234\n',
    ', ',
  ])('a megabyte of %j in less than five seconds', (unit) => {
    const text = unit.repeat(Math.ceil((1024 * 1024) / unit.length));
    const started = performance.now();
    NumberGuard.inspect(text);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
