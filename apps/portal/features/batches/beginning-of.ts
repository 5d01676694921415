/** What Markdown is written with at the beginning of a line: headings, quotes, list items, fences, rules. */
const LINE_MARKS = /^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+|`{3,}.*$|(?:[-*_][ \t]*){3,}$)/gm;
/** A table's ruled line says nothing; its bars part the cells. */
const TABLE_RULE = /^[ \t]*\|?[ \t]*:?-{3,}.*$/gm;
/** Around emphasis and code. One asterisk or underline may be part of what is said: it stays. */
const SPAN_MARKS = /\*\*|__|~~|`/g;

/** How an answer begins, on one line, without the marks of its Markdown. @param length in UTF-16 units, at most */
export function beginningOf(markdown: string, length: number): string {
  const words = markdown
    .replace(TABLE_RULE, '')
    .replace(LINE_MARKS, '')
    .replace(SPAN_MARKS, '')
    .replace(/\|/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (words.length <= length) return words;
  // Never half of a character that takes two units
  const cut = words.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
  return `${cut}…`;
}
