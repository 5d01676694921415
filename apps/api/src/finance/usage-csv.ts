import { stringify } from 'csv-stringify/sync';
import type { CityUsage } from '#libs/metering';

const COLUMNS = [
  { key: 'month', header: '対象月' },
  { key: 'code', header: '団体コード' },
  { key: 'name', header: '団体名' },
  { key: 'jobs', header: '件数' },
  { key: 'inputTokens', header: '入力トークン' },
  { key: 'outputTokens', header: '出力トークン' },
  { key: 'cacheReadTokens', header: 'キャッシュ読取トークン' },
  { key: 'cacheWriteTokens', header: 'キャッシュ書込トークン' },
  { key: 'inputCharacters', header: '入力文字数' },
  { key: 'outputCharacters', header: '出力文字数' },
  { key: 'limitTokens', header: '上限トークン' },
];

/**
 * A table for spreadsheets: UTF-8 with a byte order mark (Excel reads it as Japanese), CRLF, and cells that would be taken
 * for a formula led by an apostrophe, because a city's name is not ours to trust.
 */
export const usageCsv = (month: string, lines: readonly CityUsage[]): string =>
  stringify(
    lines.map((line) => ({ month, ...line })),
    { header: true, bom: true, record_delimiter: 'windows', escape_formulas: true, columns: COLUMNS },
  );
