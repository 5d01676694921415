'use client';

import { useTranslations } from 'use-intl';
import type { Column } from '../../components/data-table.tsx';
import { Named } from '../../components/named.tsx';
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

/** A count, and what is measured beside it in smaller letters. */
const COUNTS: readonly [count: keyof TokenCounts, beside?: keyof TokenCounts][] = [
  ['jobs'],
  ['inputTokens', 'inputCharacters'],
  ['outputTokens', 'outputCharacters'],
  ['cacheReadTokens'],
  ['cacheWriteTokens'],
];

/** The columns that every table of use has; characters stand below the tokens they became, or the table would not fit. */
export function useTokenColumns<Row extends TokenCounts>(): Column<Row>[] {
  const t = useTranslations('usage');
  const { number } = useFormats();
  return COUNTS.map(([key, beside]) => ({
    key,
    header: beside ? t('withCharacters', { tokens: t(`counts.${key}`) }) : t(`counts.${key}`),
    numeric: true,
    cell: (row: Row) =>
      beside ? (
        <Named name={number(row[key])} code={t('characters', { count: number(row[beside]) })} />
      ) : (
        number(row[key])
      ),
  }));
}
