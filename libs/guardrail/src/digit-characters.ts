/**
 * What one code point is to somebody who reads a number. The table is NFKC, widened by what NFKC leaves alone and people
 * (and language models) still read as digits: kanji, 大字, black circled digits, Suzhou numerals, invisible tag digits.
 */
export const OTHER = 0;
/** Nothing to the eye: zero-width characters, soft hyphens, variation selectors, combining marks, controls. */
export const IGNORED = 1;
export const SPACE = 2;
/** Tabs: between columns rather than inside a number. */
export const TAB = 3;
export const LINE_BREAK = 4;
/** Hyphens, dashes, long vowel marks and middle dots: what people put inside a number. */
export const JOINT = 5;
/** Commas, full stops, slashes, bars: what amounts, dates, times and table cells are made of. */
export const MARK = 6;
/** Between two texts of one request. Never typed; a U+001E in the input merely separates as loosely as that. */
export const PART_BREAK = 7;
export const PART_BREAK_CHARACTER = '\u001e';

/** Added to a digit's value 0-9. */
const PLAIN = 16;
/** Circled, bracketed and raised digits: often a list marker or a footnote that only touches the number next to it. */
const ORNATE = 32;
/** One character of several digits, such as ⑫. */
const ORNATE_SEVERAL = 64;

const KANJI_DIGITS = ['〇零○◯', '一壱壹弌', '二弐貳貮弍', '三参參弎', '四肆', '五伍', '六陸', '七漆柒', '八捌', '九玖'];
/** First character, its value, how many follow: digits that have no compatibility decomposition. */
const UNDECOMPOSED: readonly [number, number, number][] = [
  [0x2776, 1, 10], // ❶
  [0x2780, 1, 10], // ➀
  [0x278a, 1, 10], // ➊
  [0x24eb, 11, 10], // ⓫
  [0x24f5, 1, 10], // ⓵
  [0x24ff, 0, 1], // ⓿
  [0x1f10b, 0, 1],
  [0x1f10c, 0, 1],
];
const JOINTS = '\u2212\u02d7\u2043\u30fc\uff70\u2500\u2501\u00b7\u30fb\uff65\u2022\u2219\u22c5\u2027\u0387';
const MARKS = ',.、。，．､｡/／_＿:：;；|｜│┃¦~〜～∼';
/** Blank to the eye though not spaces by category: Hangul fillers and the empty Braille cell. */
const BLANKS = '\u3164\u115f\u1160\uffa0\u2800';
const TABLE_SIZE = 0x20000;

const several = new Map<number, string>();
const kinds = buildTable();

function buildTable(): Uint8Array {
  const table = new Uint8Array(TABLE_SIZE);
  let everything = '';
  for (let code = 0; code < TABLE_SIZE; code++) {
    if (code < 0xd800 || code > 0xdfff) everything += String.fromCodePoint(code);
  }
  const mark = (pattern: RegExp, kind: number) => {
    for (const [character] of everything.matchAll(pattern)) table[character.codePointAt(0)!] = kind;
  };
  mark(/[\p{Cf}\p{Mn}\p{Me}\p{Cc}]/gu, IGNORED);
  mark(/\p{Zs}/gu, SPACE);
  mark(/[\n\v\f\r\u0085\u2028\u2029]/gu, LINE_BREAK);
  mark(/\p{Pd}/gu, JOINT);
  const set = (characters: string, kind: number) => {
    for (const character of characters) table[character.codePointAt(0)!] = kind;
  };
  set(BLANKS, SPACE);
  set('\t', TAB);
  set(JOINTS, JOINT);
  set(MARKS, MARK);
  set(PART_BREAK_CHARACTER, PART_BREAK);

  for (const [character] of everything.matchAll(/\p{Nd}/gu)) {
    // Unicode keeps every script's digits in one run of ten that starts at a zero; NFKC folds only some of them.
    const code = character.codePointAt(0)!;
    const folded = character.normalize('NFKC');
    table[code] = PLAIN + (/^[0-9]$/.test(folded) ? Number(folded) : scriptDigit(code));
  }
  KANJI_DIGITS.forEach((characters, value) => set(characters, PLAIN + value));
  for (let value = 1; value <= 9; value++) table[0x3020 + value] = PLAIN + value;
  for (const [character] of everything.matchAll(/[\u2f00-\u2fdf\uf900-\ufaff]/gu)) {
    const kind = table[character.normalize('NFKC').codePointAt(0)!]!;
    if (kind >= PLAIN) table[character.codePointAt(0)!] = kind;
  }
  const ornate = (code: number, digits: string) => {
    table[code] = digits.length === 1 ? ORNATE + Number(digits) : ORNATE_SEVERAL;
    if (digits.length > 1) several.set(code, digits);
  };
  for (const [character] of everything.matchAll(/[\p{No}\u3220-\u3229\u3280-\u3289]/gu)) {
    const written = /^\(?(\d+|[一二三四五六七八九])[.,)]?$/.exec(character.normalize('NFKC'))?.[1];
    if (written === undefined) continue;
    const kanji = table[written.codePointAt(0)!]! - PLAIN;
    ornate(character.codePointAt(0)!, /^\d/.test(written) ? written : String(kanji));
  }
  for (const [code, value, count] of UNDECOMPOSED) {
    for (let i = 0; i < count; i++) ornate(code + i, String(value + i));
  }
  return table;
}

function scriptDigit(code: number): number {
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return (code - zero) % 10;
}

/** The kind of a code point: one of the constants above, or a digit that {@link isDigit} knows. */
export function kindOf(code: number): number {
  if (code < TABLE_SIZE) return kinds[code]!;
  if (code < 0xe0000 || code > 0xe0fff) return OTHER;
  return code >= 0xe0030 && code <= 0xe0039 ? PLAIN + code - 0xe0030 : IGNORED;
}

export const isDigit = (kind: number): boolean => kind >= PLAIN;
export const isOrnate = (kind: number): boolean => kind >= ORNATE;

/** How many digits a digit character stands for. */
export const digitCount = (code: number, kind: number): number =>
  kind === ORNATE_SEVERAL ? several.get(code)!.length : 1;

/** Appends the digit values of a digit character. */
export function pushDigits(into: number[], code: number, kind: number): void {
  if (kind === ORNATE_SEVERAL) for (const digit of several.get(code)!) into.push(Number(digit));
  else into.push(kind & 15);
}
