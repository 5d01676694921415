'use client';

import { useTranslations } from 'use-intl';
import { Button } from '../../components/button.tsx';
import { MaintenanceBanners } from './maintenance-banners.tsx';
import { useNotices, useReadNotice } from './use-notices.ts';

/** Maintenance that this member has not yet read. */
export function CityMaintenance() {
  const t = useTranslations('notices');
  const notices = useNotices();
  const read = useReadNotice();
  const unread = (notices.data?.items ?? []).filter((notice) => notice.kind === 'maintenance' && !notice.isRead);
  return (
    <MaintenanceBanners
      inset
      notices={unread.filter((notice) => notice.kind === 'maintenance')}
      actions={({ id, title }) => (
        <Button
          look="outline"
          size="sm"
          aria-label={t('readOf', { title })}
          inactive={read.isPending}
          onClick={() => read.mutate(id)}
        >
          {t('markRead')}
        </Button>
      )}
    />
  );
}
