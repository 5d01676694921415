'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type City, type Segment, type SegmentPolicyChange, unwrap } from '#libs/api-client';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { PolicyCard } from '../segments/policy-card.tsx';
import { api } from '../session/api.ts';

/** The networks of a city for the vendor: what is changed here stands in the city's own trail too. */
export function NetworkTab({ city: { id, status } }: { city: City }) {
  const t = useTranslations('networks');
  const client = useQueryClient();
  const key = ['cities', id, 'segment-policies'];
  const policies = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/ops/v1/cities/{id}/segment-policies', { params: { path: { id } }, signal })),
  });
  const saveFor = (segment: Segment) => async (body: SegmentPolicyChange) => {
    const params = { path: { id, segment } };
    await unwrap(api.PATCH('/api/ops/v1/cities/{id}/segment-policies/{segment}', { params, body }));
    await client.invalidateQueries({ queryKey: key });
  };
  if (policies.isPending) return <Skeleton rows={8} />;
  const problem = policies.error && <ProblemNotice error={policies.error} onRetry={() => void policies.refetch()} />;
  if (!policies.data) return problem;
  return (
    <div className="flex flex-col gap-6">
      {problem}
      <p className="text-std-16N-170">{t('vendorLead')}</p>
      {policies.data.items.map(({ availableModels, ...policy }) => (
        <PolicyCard
          key={policy.segment}
          policy={policy}
          models={availableModels}
          {...(status !== 'deleted' && { save: saveFor(policy.segment) })}
        />
      ))}
    </div>
  );
}
