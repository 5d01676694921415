'use client';

import { useTranslations } from 'use-intl';
import type { AgreedTerms } from '#libs/api-client';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { useTermsWords } from './use-terms-words.ts';

const ITEMS = ['baseFee', 'included', 'counts', 'beyond'] as const;
type Item = (typeof ITEMS)[number];

/** What is decided on, beside what it would take the place of. */
export function TermsComparison({ before, now }: { before: AgreedTerms | undefined; now: AgreedTerms }) {
  const t = useTranslations('contracts');
  const words = useTermsWords();
  const columns: Column<Item>[] = [
    { key: 'item', header: t('item'), isHeader: true, cell: (item) => t(item) },
    { key: 'now', header: t('proposedTerms'), isProse: true, cell: (item) => words[item](now) },
  ];
  if (before)
    columns.push({ key: 'before', header: t('termsBefore'), isProse: true, cell: (item) => words[item](before) });
  return <DataTable caption={t('comparison')} rows={ITEMS} rowKey={(item) => item} columns={columns} />;
}
