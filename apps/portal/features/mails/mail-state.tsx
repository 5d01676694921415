'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { api } from '../session/api.ts';

/** Whether notices are mailed too, and how many did not get through. Says nothing while it does not know. */
export function MailState() {
  const t = useTranslations('mails');
  const { data } = useQuery({
    queryKey: ['mail-counts'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/ops/v1/mail-counts', { signal })),
  });
  if (!data) return null;
  const { isOn, waiting, rejected, unreachable } = data;
  const failed = t('failedCounts', { count: rejected + unreachable, rejected, unreachable });
  return <p className="text-std-16N-170">{isOn ? t('counts', { waiting, failed }) : t('off')}</p>;
}
