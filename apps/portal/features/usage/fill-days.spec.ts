import { expect, test } from 'vitest';
import { fillDays } from './fill-days.ts';

const counts = { cacheReadTokens: 0, cacheWriteTokens: 0, inputCharacters: 0, outputCharacters: 0 };
const used = { key: '2026-03-01', label: '2026-03-01', jobs: 2, inputTokens: 10, outputTokens: 5, ...counts };

test('days without use stand at zero between those with', () => {
  const days = fillDays([used], '2026-02-27', '2026-03-02');
  expect(days.map(({ key, inputTokens }) => [key, inputTokens])).toEqual([
    ['2026-02-27', 0],
    ['2026-02-28', 0],
    ['2026-03-01', 10],
    ['2026-03-02', 0],
  ]);
});
