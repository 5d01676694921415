'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type Segment, type SegmentPolicyChange, unwrap } from '#libs/api-client';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import { ME_KEY } from '../session/use-session.ts';
import { PolicyCard } from './policy-card.tsx';

const POLICIES_KEY = ['segment-policies'] as const;

const forecastFor = (segment: Segment) => (retentionDays: number) =>
  unwrap(
    api.GET('/api/v1/segment-policies/{segment}/erasures', { params: { path: { segment }, query: { retentionDays } } }),
  );

/** The city's networks, and for its administrators the switches of each. */
export function SegmentsPage() {
  const t = useTranslations('networks');
  const segments = useTranslations('segments');
  const me = useSignedIn();
  const client = useQueryClient();
  const policies = useQuery({
    queryKey: POLICIES_KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/segment-policies', { signal })),
  });
  const saveFor = (segment: Segment) => async (body: SegmentPolicyChange) => {
    await unwrap(api.PATCH('/api/v1/segment-policies/{segment}', { params: { path: { segment } }, body }));
    await Promise.all(
      [POLICIES_KEY, ME_KEY, ['models'], ['conversations']].map((queryKey) => client.invalidateQueries({ queryKey })),
    );
  };

  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      {policies.isPending && <Skeleton rows={8} />}
      {policies.error && <ProblemNotice error={policies.error} onRetry={() => void policies.refetch()} />}
      {policies.data && (
        <>
          <p className="text-dns-14N-130 text-solid-gray-700">
            {t('here', { segment: segments(policies.data.here.segment), address: policies.data.here.address })}
          </p>
          {policies.data.items.map(({ availableModels, ...policy }) => (
            <PolicyCard
              key={policy.segment}
              policy={policy}
              models={availableModels}
              {...(can(me, 'segment:write') && {
                save: saveFor(policy.segment),
                forecast: forecastFor(policy.segment),
              })}
            />
          ))}
        </>
      )}
    </>
  );
}
