'use client';

import { useTranslations } from 'use-intl';
import type { Column } from '../../components/data-table.tsx';
import type { FormField } from '../../components/form-dialog.tsx';
import { jstToday } from '../../i18n/jst.ts';
import { useFormats } from '../../i18n/use-formats.ts';

const LIFETIMES = ['90', '180', '365'] as const;
const DAY_MS = 86_400_000;

/** For keys that end on a day: how it is asked when one is issued, sent, and shown. */
export function useExpiry() {
  const t = useTranslations('keys');
  const { time } = useFormats();
  const field: FormField<'days'> = {
    name: 'days',
    label: t('lifetime'),
    required: true,
    initial: '365',
    pointer: '/expiresOn',
    choices: LIFETIMES.map((value) => ({ value, label: t('days', { days: Number(value) }) })),
  };
  const column: Column<{ expiresAt: string | null }> = {
    key: 'expiresAt',
    header: t('expiresAt'),
    cell: ({ expiresAt }) => time(expiresAt),
  };
  /** The last day, `YYYY-MM-DD`, of a key that is issued now. */
  const expiresOn = (days: string): string => jstToday(new Date(Date.now() + Number(days) * DAY_MS));
  return { field, column, expiresOn };
}
