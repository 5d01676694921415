'use client';

import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { MaintenanceNotice } from '#libs/api-client';
import type { StackedBanner } from '../../components/banner-stack.tsx';
import { Button } from '../../components/button.tsx';
import { useProblemWords } from '../../components/problem-notice.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { useNotices, useReadNotice } from './use-notices.ts';

const TONES = { info: 'info', warning: 'warning', critical: 'error' } as const;

/** Maintenance to come or under way: what, and from when to when. */
export function useMaintenanceBanner(): (
  notice: MaintenanceNotice,
  actions?: ReactNode,
  refused?: string,
) => StackedBanner {
  const t = useTranslations('notices');
  const { time } = useFormats();
  return ({ id, severity, title, startsAt, endsAt, body }, actions, refused) => ({
    id,
    tone: TONES[severity],
    title,
    actions,
    children: (
      <>
        <p>{t('span', { from: time(startsAt), until: time(endsAt) })}</p>
        <p className="break-words whitespace-pre-wrap">{body}</p>
        {refused && <p className="text-error-2">{refused}</p>}
      </>
    ),
  });
}

/** Maintenance that this member has not yet read. What cannot be marked as read says so and stays; it stands in a live region. */
export function useUnreadMaintenance(): StackedBanner[] {
  const t = useTranslations('notices');
  const notices = useNotices();
  const read = useReadNotice();
  const bannerOf = useMaintenanceBanner();
  const words = useProblemWords();
  const refusedOf = (id: string) =>
    read.error && read.variables === id ? t('stillUnread', { why: words(read.error).title }) : undefined;
  return (notices.data?.items ?? [])
    .filter((notice) => notice.kind === 'maintenance')
    .filter(({ isRead }) => !isRead)
    .map((notice) =>
      bannerOf(
        notice,
        <Button
          look="outline"
          size="sm"
          aria-label={t('readOf', { title: notice.title })}
          inactive={read.isPending}
          onClick={() => read.mutate(notice.id)}
        >
          {t('markRead')}
        </Button>,
        refusedOf(notice.id),
      ),
    );
}
