import type { CityUsage } from '#libs/metering';
import { type Column, csvOf, tableOf } from '#libs/spreadsheet';

const COLUMNS: readonly Column<CityUsage>[] = [
  { header: '団体コード', kind: 'text', of: ({ code }) => code },
  { header: '団体名', kind: 'text', of: ({ name }) => name },
  { header: '件数', kind: 'integer', of: ({ jobs }) => jobs },
  { header: '入力トークン', kind: 'integer', of: ({ inputTokens }) => inputTokens },
  { header: '出力トークン', kind: 'integer', of: ({ outputTokens }) => outputTokens },
  { header: 'キャッシュ読取トークン', kind: 'integer', of: ({ cacheReadTokens }) => cacheReadTokens },
  { header: 'キャッシュ書込トークン', kind: 'integer', of: ({ cacheWriteTokens }) => cacheWriteTokens },
  { header: '入力文字数', kind: 'integer', of: ({ inputCharacters }) => inputCharacters },
  { header: '出力文字数', kind: 'integer', of: ({ outputCharacters }) => outputCharacters },
  { header: '上限トークン', kind: 'integer', of: ({ limitTokens }) => limitTokens },
];

/** What every city used in a JST month, for spreadsheets. */
export const usageCsv = (month: string, lines: readonly CityUsage[]): string =>
  csvOf(tableOf(month, [{ header: '対象月', kind: 'text', of: () => month }, ...COLUMNS], lines));
