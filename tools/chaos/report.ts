import type { Check } from './check.ts';

const MOST_PLACES = 8;

/** The verdict as a plain table, with the places to look at under each broken line. */
export function table(checks: readonly Check[]): string {
  const rows = checks.map(({ name, value, expected, met }) => [
    name,
    String(value),
    expected,
    expected === '' ? '' : met ? 'yes' : 'NO',
  ]);
  const head = ['check', 'value', 'expected', 'met'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  const lines = [line(head), widths.map((width) => '-'.repeat(width)).join('  ')];
  for (const [index, row] of rows.entries()) {
    lines.push(line(row));
    const { met, where } = checks[index]!;
    if (met) continue;
    for (const place of where.slice(0, MOST_PLACES)) lines.push(`    ${place}`);
    if (where.length > MOST_PLACES) lines.push(`    and ${where.length - MOST_PLACES} more`);
  }
  return lines.join('\n');
}
