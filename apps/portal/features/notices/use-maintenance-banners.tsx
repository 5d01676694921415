'use client';

import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { MaintenanceNotice } from '#libs/api-client';
import type { StackedBanner } from '../../components/banner-stack.tsx';
import { Button } from '../../components/button.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { useNotices, useReadNotice } from './use-notices.ts';

const TONES = { info: 'info', warning: 'warning', critical: 'error' } as const;

/** Maintenance to come or under way: what, and from when to when. */
export function useMaintenanceBanner(): (notice: MaintenanceNotice, actions?: ReactNode) => StackedBanner {
  const t = useTranslations('notices');
  const { time } = useFormats();
  return ({ id, severity, title, startsAt, endsAt, body }, actions) => ({
    id,
    tone: TONES[severity],
    title,
    actions,
    children: (
      <>
        <p>{t('span', { from: time(startsAt), until: time(endsAt) })}</p>
        <p className="break-words whitespace-pre-wrap">{body}</p>
      </>
    ),
  });
}

/** Maintenance that this member has not yet read. */
export function useUnreadMaintenance(): StackedBanner[] {
  const t = useTranslations('notices');
  const notices = useNotices();
  const read = useReadNotice();
  const bannerOf = useMaintenanceBanner();
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
      ),
    );
}
