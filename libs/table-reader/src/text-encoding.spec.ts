import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TableRefused } from './table.ts';
import { decodeText } from './text-encoding.ts';

/** Of every character of two bytes, as the decoder of that name reads them. */
function encoderOf(label: 'euc-jp' | 'shift_jis'): (text: string) => Uint8Array {
  const decoder = new TextDecoder(label);
  const codes = new Map<string, readonly number[]>();
  for (let first = 0x81; first <= 0xfc; first += 1)
    for (let second = 0x40; second <= 0xfe; second += 1) {
      const character = decoder.decode(Uint8Array.of(first, second));
      if (character.length === 1 && !codes.has(character)) codes.set(character, [first, second]);
    }
  if (label === 'shift_jis')
    for (let code = 0xa1; code <= 0xdf; code += 1) codes.set(decoder.decode(Uint8Array.of(code)), [code]);
  return (text) => Uint8Array.from([...text].flatMap((one) => (one < '\u0080' ? one.charCodeAt(0) : codes.get(one)!)));
}

const eucJp = encoderOf('euc-jp');
const shiftJis = encoderOf('shift_jis');

/** What EUC-JP says in eight bits, with the shifts that make room for it in seven. */
const iso2022Jp = (text: string): Uint8Array =>
  Uint8Array.from(
    text
      .split(/([^\0-\x7f]+)/)
      .flatMap((part) =>
        part > '\x7f'
          ? [0x1b, 0x24, 0x42, ...eucJp(part).map((byte) => byte & 0x7f), 0x1b, 0x28, 0x42]
          : [...eucJp(part)],
      ),
  );

const refusalOf = (bytes: Uint8Array): string => {
  try {
    decodeText(bytes);
    return expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(TableRefused);
    expect((error as TableRefused).refusal.failure).toBe('unreadable');
    return (error as TableRefused).refusal.detail;
  }
};

const TEXTS = [
  '氏名,住所\n山田,東京\n',
  '件名,本文\r\n粗大ごみ,収集日を教えてください。\r\n',
  'フリガナ,コード\nヤマダ タロウ,001\n',
  'の\nは\n',
  '部署,電話\n総務課,03-0000-0000\n税務課,03-0000-0001\n',
];

describe('a text', () => {
  it.each(TEXTS)('in Shift_JIS is read: %j', (text) => {
    expect(decodeText(shiftJis(text))).toEqual({ text, encoding: 'shift_jis' });
  });

  it.each(TEXTS)('in EUC-JP is refused by name, not read as something else: %j', (text) => {
    expect(refusalOf(eucJp(text))).toContain('EUC-JP');
  });

  it.each(TEXTS)('in ISO-2022-JP is refused by name, not read as something else: %j', (text) => {
    expect(refusalOf(iso2022Jp(text))).toContain('ISO-2022-JP');
  });

  it('of half-width katakana, as banks and registers write names, is Shift_JIS', () => {
    const syllable = fc.constantFrom(
      ...'ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｰｯｬｭｮ',
      'ｶﾞ',
      'ｼﾞ',
      'ﾄﾞ',
      'ﾊﾟ',
      'ｳﾞ',
    );
    const name = fc.array(syllable, { minLength: 1, maxLength: 12 }).map((syllables) => syllables.join(''));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name), { minLength: 1 }), (rows) => {
        const text = rows.map((row) => row.join(',')).join('\n');
        expect(decodeText(shiftJis(text))).toEqual({ text, encoding: 'shift_jis' });
      }),
    );
  });

  it('of Japanese sentences in EUC-JP is never read as Shift_JIS, however short', () => {
    const words = fc.array(
      fc.constantFrom('住民票', '申請', '交付', 'について', 'お願いします', 'マイナンバー', '課', '、', '。'),
      {
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(words, (of) => {
        expect(refusalOf(eucJp(`${of.join('')}の件`))).toContain('EUC-JP');
      }),
    );
  });

  it('with a mark is UTF-8 whatever stands in it, and an escape that shifts nothing is no sign of another', () => {
    expect(decodeText(new TextEncoder().encode('\ufeffa\u001b$B\n')).encoding).toBe('utf-8');
    expect(decodeText(new TextEncoder().encode('a\u001b[31m\n')).encoding).toBe('utf-8');
  });
});
