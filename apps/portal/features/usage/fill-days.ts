import type { TokenCounts } from './token-columns.tsx';

const DAY_MS = 86_400_000;
const NOTHING: TokenCounts = {
  jobs: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  inputCharacters: 0,
  outputCharacters: 0,
};

interface DayRow extends TokenCounts {
  key: string;
  label: string;
}

/** Every day from `from` to `to` (`YYYY-MM-DD`, both included): a day without use is a point at zero, not a gap in the line. */
export function fillDays(rows: readonly DayRow[], from: string, to: string): DayRow[] {
  const used = new Map(rows.map((row) => [row.key, row]));
  const filled: DayRow[] = [];
  for (let day = Date.parse(from); day <= Date.parse(to); day += DAY_MS) {
    const key = new Date(day).toISOString().slice(0, 10);
    filled.push(used.get(key) ?? { ...NOTHING, key, label: key });
  }
  return filled;
}
