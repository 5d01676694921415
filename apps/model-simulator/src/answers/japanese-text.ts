/** Words of the request itself, which say nothing about its subject. */
const REQUEST_WORDS = new Set([
  '要約',
  '作成',
  '文案',
  '文面',
  '通知',
  '案内',
  '一覧',
  '一覧表',
  '手順',
  '箇条',
  '文章',
  '内容',
  '以下',
  '次',
  '依頼',
  '下記',
  '回答',
  '説明',
  '整理',
  '表形式',
  '起案',
  '文書',
]);

const TERM = /[\p{Script=Han}々]{2,}|[\p{Script=Katakana}ー]{3,}|[A-Za-z][A-Za-z0-9-]{2,}/gu;

/** The sentences of a text in order, without blank ones. A line break ends a sentence too. */
export const sentencesOf = (text: string): string[] =>
  text
    .split(/(?<=[。！？!?])|\n+/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');

/** How often each term (a run of kanji, katakana or Latin letters) occurs. */
export function termsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [term] of text.matchAll(TERM)) {
    if (!REQUEST_WORDS.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  return counts;
}

/** The terms that stand for a text: frequent and long ones first, the earlier of equals. */
export const keywordsOf = (text: string, most: number): string[] =>
  [...termsOf(text)]
    .map(([term, count], place) => ({ term, place, weight: count * Math.min([...term].length, 6) }))
    .toSorted((a, b) => b.weight - a.weight || a.place - b.place)
    .slice(0, most)
    .map(({ term }) => term);

/** The text, or its first characters and an ellipsis. */
export function shorten(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most).join('')}…`;
}

/** Nothing of a prompt may become a cell border, a line break or a link in the Markdown that answers it. */
export const plain = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[|<>[\]`*_#\\]/g, ' ')
    .trim();

/** What is asked for, and the material it is asked about. */
export interface Assignment {
  readonly instruction: string;
  readonly material: string;
}

const ASKING =
  /(ください|下さい|して(?:ほしい|欲しい|[。！!]?$)|せよ|たい|要約|まとめ|作成|書いて|教えて|お願い|一覧|箇条書き|手順|文案|please|summari[sz]e|draft|write|list)/iu;

/**
 * Parts the request from what it is about. Only the first and the last line can be the request (or sentence, when there is
 * but one line): one that is quoted in the middle of the material stays material. Either part may be empty.
 */
export function assignmentOf(text: string): Assignment {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const units = lines.length > 1 ? lines : sentencesOf(text);
  const instructs = (unit: string, at: number) =>
    (at === 0 || at === units.length - 1) && [...unit].length <= 120 && ASKING.test(unit);
  return {
    instruction: units.filter(instructs).join('\n').trim(),
    material: units.filter((unit, at) => !instructs(unit, at)).join('\n'),
  };
}
