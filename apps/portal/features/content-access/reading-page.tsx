'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Banner } from '../../components/banner.tsx';
import { Button, buttonClass } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useCityName } from '../cities/use-city-name.ts';
import { api } from '../session/api.ts';
import { JobsInReach } from './jobs-in-reach.tsx';
import { ACCESS_TONES, useAccessWords } from './use-access-words.ts';
import { useOpenAccess } from './use-open-access.ts';
import { VENDOR_ACCESSES_KEY } from './vendor-accesses.tsx';

const REFRESH_MS = 5_000;

/** One access: where it stands, and while it lasts, what may be read. What was read goes from the screen when it ends. */
export function ReadingPage({ id }: { id: string }) {
  const t = useTranslations('contentAccess');
  const { reach, course } = useAccessWords();
  const cityName = useCityName();
  const client = useQueryClient();
  const [isEnding, setEnding] = useState(false);
  const access = useQuery({
    queryKey: [...VENDOR_ACCESSES_KEY, 'one', id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/ops/v1/content-accesses/{id}', { params: { path: { id } }, signal })),
    refetchInterval: REFRESH_MS,
  });
  const mayRead = access.data?.state === 'approved' && access.data.isOwn;
  const opening = useOpenAccess(id, mayRead);
  const isReading = mayRead && opening === 'open';
  useEffect(() => {
    if (!isReading) client.removeQueries({ queryKey: ['content-reading', id] });
  }, [client, id, isReading]);
  if (access.isPending) return <Skeleton rows={6} />;
  if (access.error) return <ProblemNotice error={access.error} onRetry={() => void access.refetch()} />;
  const one = access.data;
  return (
    <>
      <Link href="/ops/content-accesses" className="w-fit text-key-900 underline underline-offset-4">
        {t('back')}
      </Link>
      <PageHeader
        title={t('accessTitle', { city: cityName(one.city), ticket: one.ticket })}
        lead={one.reason}
        actions={
          <>
            {isReading && (
              <a href={`/api/ops/v1/content-accesses/${id}/transcript`} className={buttonClass('outline')} download>
                {t('transcript')}
              </a>
            )}
            {(one.state === 'asked' || one.state === 'approved') && (
              <Button look="outline" onClick={() => setEnding(true)}>
                {t(one.state === 'asked' ? 'withdraw' : 'end')}
              </Button>
            )}
          </>
        }
      />
      <div className="flex flex-wrap items-center gap-3" role="status">
        <Badge tone={ACCESS_TONES[one.state]}>{t(`states.${one.state}`)}</Badge>
        <span>{course(one)}</span>
        <span>{reach(one)}</span>
        {one.decisionNote && <span>{t('noteOf', { note: one.decisionNote })}</span>}
      </div>
      {one.state === 'approved' && !one.isOwn && <Banner tone="info" title={t('notOwn')} />}
      {mayRead && opening === 'lost' && <Banner tone="warning" role="alert" title={t('lost')} />}
      {(opening === 'ended' || (one.isOwn && one.state === 'ended')) && (
        <Banner tone="info" role="alert" title={t('over')} />
      )}
      {isReading && (
        <>
          <Banner tone="warning" title={t('watched')} />
          <JobsInReach accessId={id} />
        </>
      )}
      {isEnding && (
        <ConfirmDialog
          title={t(one.state === 'asked' ? 'withdrawTitle' : 'endTitle', { ticket: one.ticket })}
          confirmLabel={t(one.state === 'asked' ? 'withdraw' : 'end')}
          onConfirm={async () => {
            await unwrap(api.POST('/api/ops/v1/content-accesses/{id}/end', { params: { path: { id } } }));
            await client.invalidateQueries({ queryKey: VENDOR_ACCESSES_KEY });
          }}
          onClose={() => setEnding(false)}
        >
          {t('endByVendorLead')}
        </ConfirmDialog>
      )}
    </>
  );
}
