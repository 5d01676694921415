import type { Row } from './bench.ts';

const VERDICTS = new Map<boolean | null, string>([
  [true, '達成'],
  [false, '未達'],
  [null, '—'],
]);

/** The rows for a person at a terminal: a table, and under it how each figure came about. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map(({ id, name, value, unit, goal, met }) => [
    id,
    name,
    `${formatValue(value)} ${unit}`,
    goal ?? '',
    VERDICTS.get(met)!,
  ]);
  const head = ['id', '測ったもの', '値', '目標', '判定'];
  const widths = head.map((title, column) =>
    Math.max(...[head, ...cells].map((row) => widthOf(row[column]!)), widthOf(title)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => padTo(cell, widths[column]!))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const notes = rows.map(({ id, note }) => `${id}: ${note}`);
  return [line(head), rule, ...cells.map(line), '', ...notes].join('\n');
}

export const formatValue = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

/** Columns a terminal gives a text: Japanese characters take two. */
const widthOf = (text: string): number =>
  [...text].reduce((width, character) => width + (/[\u1100-\uffdc]/u.test(character) ? 2 : 1), 0);

const padTo = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));
