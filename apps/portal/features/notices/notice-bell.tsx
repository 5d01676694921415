'use client';

import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { useNotices } from './use-notices.ts';

/** Leads to all notices, and says how many are unread. */
export function NoticeBell() {
  const t = useTranslations('notices');
  const unread = useNotices().data?.unread ?? 0;
  return (
    <Link
      href="/notices"
      className="flex items-center gap-1 rounded-8 px-3 py-2 text-dns-14N-130 text-key-900 hover:bg-key-50 hover:underline"
    >
      {t('title')}
      {unread > 0 && (
        <span
          aria-hidden="true"
          className="min-w-6 rounded-full bg-error-2 px-2 py-0.5 text-center text-dns-14B-130 text-white"
        >
          {unread}
        </span>
      )}
      <span className="sr-only">{t('unreadCount', { unread })}</span>
    </Link>
  );
}
