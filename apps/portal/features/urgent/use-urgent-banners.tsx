'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import type { StackedBanner } from '../../components/banner-stack.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { CityNames } from './city-names.tsx';

/** Every open window of every city asks: seldom, and whenever somebody comes back to it. */
const REFRESH_MS = 120_000;

/** Tells every city who goes first at this moment, why and until when. Nothing when the lane is closed, or cannot be asked about. */
export function useUrgentBanners(): StackedBanner[] {
  const t = useTranslations('urgent');
  const { time } = useFormats();
  const openings = useQuery({
    queryKey: ['urgent-notices'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/urgent-openings', { signal })),
    refetchInterval: REFRESH_MS,
  });
  return (openings.data?.items ?? []).map(({ id, reason, endsAt, cities, coversOwnCity }) => ({
    id,
    tone: coversOwnCity ? 'info' : 'warning',
    title: t('noticeTitle', { reason }),
    children: (
      <>
        <div className="flex flex-wrap gap-x-1">
          <span>{t('noticeCities')}</span>
          <CityNames names={cities} />
        </div>
        <p>{t('noticeUntil', { time: time(endsAt) })}</p>
        <p>{t(coversOwnCity ? 'noticeOwn' : 'noticeOther')}</p>
      </>
    ),
  }));
}
