'use client';

import { useTranslations } from 'use-intl';
import type { Column } from '../../components/data-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';

/** What was used, as the meter counts it: tokens by kind, and characters. */
export interface TokenCounts {
  jobs: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  inputCharacters: number;
  outputCharacters: number;
}

export const COUNTS = [
  'jobs',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'inputCharacters',
  'outputCharacters',
] as const satisfies readonly (keyof TokenCounts)[];

/** The columns that every table of use has. */
export function useTokenColumns<Row extends TokenCounts>(): Column<Row>[] {
  const t = useTranslations('usage.counts');
  const { number } = useFormats();
  return COUNTS.map((key) => ({ key, header: t(key), numeric: true, cell: (row: Row) => number(row[key]) }));
}
