'use client';

import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { MaintenanceNotice } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { useFormats } from '../../i18n/use-formats.ts';

const TONES = { info: 'info', warning: 'warning', critical: 'error' } as const;

interface MaintenanceBannersProps {
  notices: readonly MaintenanceNotice[];
  /** In the main region of a page, which has no edge of its own. */
  inset?: boolean;
  actions?: (notice: MaintenanceNotice) => ReactNode;
}

/** Maintenance to come or under way: what, and from when to when. */
export function MaintenanceBanners({ notices, inset, actions }: MaintenanceBannersProps) {
  const t = useTranslations('notices');
  const { time } = useFormats();
  const room = inset && notices.length > 0 ? 'px-4 pt-4 sm:px-8' : '';
  return (
    <div role="status" className={notices.length > 0 ? `flex flex-col gap-3 ${room}` : undefined}>
      {notices.map((notice) => (
        <Banner key={notice.id} tone={TONES[notice.severity]} title={notice.title} actions={actions?.(notice)}>
          <p>{t('span', { from: time(notice.startsAt), until: time(notice.endsAt) })}</p>
          <p className="break-words whitespace-pre-wrap">{notice.body}</p>
        </Banner>
      ))}
    </div>
  );
}
