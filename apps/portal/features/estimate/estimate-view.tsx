'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useDeferredValue, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Estimate } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { EstimateResult } from './estimate-result.tsx';
import { type EstimateQuery, type WhatIf, toQuery, usualTrial } from './what-if.ts';
import { WhatIfForm } from './what-if-form.tsx';

interface EstimateViewProps {
  /** Whose estimate it is, for the cache. */
  subject: string;
  read: (query: EstimateQuery, signal: AbortSignal) => Promise<Estimate>;
  /** Ways to take the table away. */
  exports?: (query: EstimateQuery) => ReactNode;
}

/** Next fiscal year's budget request, for the city and for the vendor's finance alike. Printed, only the request remains. */
export function EstimateView({ subject, read, exports }: EstimateViewProps) {
  const t = useTranslations('estimate');
  const [whatIf, setWhatIf] = useState<WhatIf>(() => ({
    ...usualTrial(),
    usersPercent: '100',
    growthPercent: '0',
    jpyPerUsd: '',
    mix: {},
  }));
  const query = useDeferredValue(toQuery(whatIf));
  const estimate = useQuery({
    queryKey: ['estimate', subject, query],
    queryFn: ({ signal }) => read(query, signal),
    enabled: query.from !== '' && query.to !== '',
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={
          <>
            {exports?.(query)}
            <Button look="outline" onClick={() => window.print()}>
              {t('print')}
            </Button>
          </>
        }
      />
      <WhatIfForm
        value={whatIf}
        estimate={estimate.data}
        onChange={(change) => setWhatIf((before) => ({ ...before, ...change }))}
      />
      {estimate.error && <ProblemNotice error={estimate.error} onRetry={() => void estimate.refetch()} />}
      {estimate.isPending && <Skeleton rows={6} />}
      {estimate.data && !estimate.error && <EstimateResult estimate={estimate.data} />}
    </>
  );
}
