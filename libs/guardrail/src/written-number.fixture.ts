import fc from 'fast-check';
import { corporateNumberCheckDigit } from '#libs/kernel';
import { myNumberCheckDigit } from './my-number.ts';

/** Numbers and the many ways people, programs and forms write them. */

const body = (length: number) => fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length });

/** Valid 個人番号, twelve digits as text. */
export const myNumbers = body(11)
  .filter((digits) => digits.some((digit) => digit !== 0))
  .map((digits) => [...digits, myNumberCheckDigit(digits)].join(''));

/** Valid 法人番号, thirteen digits as text. */
export const corporateNumbers = body(12).map((digits) => [corporateNumberCheckDigit(digits), ...digits].join(''));

const alphabet = (digits: string) => (digit: number) => Array.from(digits)[digit]!;

export const WIDTHS: Record<string, (digit: number) => string> = {
  ascii: String,
  fullwidth: alphabet('０１２３４５６７８９'),
  kanji: alphabet('〇一二三四五六七八九'),
  'kanji with 零': alphabet('零一二三四五六七八九'),
  'kanji with ○': alphabet('○一二三四五六七八九'),
  大字: alphabet('零壱弐参肆伍陸漆捌玖'),
  旧字: alphabet('零壹貳參四五六七八九'),
  circled: alphabet('⓪①②③④⑤⑥⑦⑧⑨'),
  'black circled': alphabet('⓿❶❷❸❹❺❻❼❽❾'),
  'double circled': alphabet('🄋⓵⓶⓷⓸⓹⓺⓻⓼⓽'),
  superscript: alphabet('⁰¹²³⁴⁵⁶⁷⁸⁹'),
  subscript: alphabet('₀₁₂₃₄₅₆₇₈₉'),
  bold: alphabet('𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗'),
  monospace: alphabet('𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿'),
  'Arabic-Indic': alphabet('٠١٢٣٤٥٦٧٨٩'),
  Devanagari: alphabet('०१२३४५६७८९'),
  'invisible tags': (digit) => String.fromCodePoint(0xe0030 + digit),
  keycap: (digit) => `${digit}\ufe0f\u20e3`,
  'with a variation selector': (digit) => `${digit}\u{e0100}`,
  'struck through': (digit) => `${digit}\u0336`,
};

/** Invisible: may stand between any two digits. */
export const INVISIBLE = ['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\ufe0e', '\u{e0101}', '\u0000'];

/** On one line. */
export const SEPARATORS = [
  ...[' ', '\u3000', '\u00a0', '\u2003', '\u202f', '\u3164', '  ', '\t'],
  ...['-', '\u2010', '\u2011', '\u2012', '–', '—', '―', '−', '－', '﹣', 'ー', 'ｰ', '〰', '─', '--'],
  ...['・', '･', '·', '•', '‧', ' - ', ' ー ', '\u200b-\u200b', ' \u200b '],
];

/** Between lines. */
export const LINE_BREAKS = ['\n', '\r\n', '\r', '\u2028', '\u0085', '\n\n', ' \n ', '-\n'];

/** Cells and lists: enough for the printed form or one digit each, not for any other grouping. */
export const CELLS = [',', '、', '，', '.', '．', '/', '／', '_', ':', '：', '|', ' | ', '｜', ', ', '~', '〜'];

export const EVEN_SIZES = [12, 6, 4, 3, 2, 1];

/** Cuts a text into pieces of the given sizes, the last size repeating. */
export function cut(text: string, size: number): string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));
}

/** Cuts a text before each of the given indices. */
export const cutAt = (text: string, indices: readonly number[]): string[] =>
  [0, ...indices].map((from, i) => text.slice(from, indices[i] ?? text.length));

export const write = (digits: string, width: string): string =>
  Array.from(digits, (digit) => WIDTHS[width]!(Number(digit))).join('');

/** Japanese without a digit of any kind, and without the name of any number. */
export const PROSE = [
  ...[
    '',
    '本人から届いた番号は',
    '奈良太郎さん、',
    '（',
    '「',
    '転入の届出です。\n',
    'ID:',
    'No.',
    '氏名：山田花子\t',
    '😀',
    '辻\u{e0100}様 ',
  ],
  ...['です', '）', '」', 'を確認してください。', '\n以上', '。', '\tさくら市', '👨‍👩‍👧', 'abc'],
];
