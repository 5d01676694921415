'use client';

import { useFormatter, useTranslations } from 'use-intl';
import type { Turn } from '#libs/api-client';
import { lastDayOf } from '../../i18n/jst.ts';
import { useNetworkRules } from '../session/network-rules.ts';

/** Until when a conversation is kept, where its network keeps words for a limited time: the newest turn goes last. */
export function KeptUntil({ turns }: { turns: readonly Turn[] }) {
  const t = useTranslations('chat');
  const format = useFormatter();
  const { retentionDays } = useNetworkRules();
  const newest = turns.at(-1);
  if (retentionDays === null) return null;
  if (!newest) return <p className="text-dns-14N-130 text-solid-gray-700">{t('keptDays', { days: retentionDays })}</p>;
  const day = new Date(`${lastDayOf(newest.acceptedAt, retentionDays)}T00:00:00+09:00`);
  return (
    <p className="text-dns-14N-130 text-solid-gray-700">
      {t('keptUntil', { day: format.dateTime(day, { dateStyle: 'long' }), days: retentionDays })}
    </p>
  );
}
