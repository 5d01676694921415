'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type PoolState, unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { DeploymentTable } from './deployment-table.tsx';
import { LaneTable } from './lane-table.tsx';
import { PoolCharts } from './pool-charts.tsx';

const STATE_MS = 2_000;
const SAMPLES_MS = 5_000;
const MINUTES = 15;

/** The shared pool as it is now and as it was in the last quarter of an hour. It moves by itself until it is told not to. */
export function PoolPage() {
  const t = useTranslations('pool');
  const { clockTime } = useFormats();
  const [isMoving, setMoving] = useState(true);
  const state = useQuery({
    queryKey: ['pool'],
    staleTime: 0,
    queryFn: ({ signal }) => unwrap(api.GET('/api/ops/v1/pool', { signal })),
    refetchInterval: isMoving && STATE_MS,
  });
  const samples = useQuery({
    queryKey: ['pool-samples'],
    staleTime: 0,
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/ops/v1/pool/samples', { params: { query: { minutes: MINUTES } }, signal })),
    refetchInterval: isMoving && SAMPLES_MS,
  });
  const error = state.error ?? samples.error;

  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={
          <Button look="outline" size="sm" onClick={() => setMoving(!isMoving)}>
            {t(isMoving ? 'pause' : 'resume')}
          </Button>
        }
      />
      {error && (
        <ProblemNotice
          error={error}
          onRetry={() => {
            void state.refetch();
            void samples.refetch();
          }}
        />
      )}
      {state.data ? (
        <>
          <div className="flex flex-col gap-3">
            <p className="text-dns-14N-130 text-solid-gray-700" data-testid="pool-at">
              {t('at', { time: clockTime(state.data.at) })}
            </p>
            <div role="status">
              {!state.data.isSampled && (
                <Banner tone="warning" title={t('notSampled')}>
                  {t('notSampledLead')}
                </Banner>
              )}
            </div>
            <FailingDeployments deployments={state.data.deployments} />
          </div>
          <section className="flex flex-col gap-3">
            <h2 className="text-std-20B-150">{t('lanes')}</h2>
            <LaneTable lanes={state.data.lanes} running={state.data.totals.running} />
          </section>
          <section className="flex flex-col gap-3">
            <h2 className="text-std-20B-150">{t('deployments')}</h2>
            <DeploymentTable deployments={state.data.deployments} />
          </section>
          <section className="flex flex-col gap-4">
            <h2 className="text-std-20B-150">{t('course', { minutes: MINUTES })}</h2>
            {/* What went wrong is said above */}
            {!(samples.isError && !samples.data) && <PoolCharts samples={samples.data?.items} />}
          </section>
        </>
      ) : (
        !error && <Skeleton rows={8} />
      )}
    </>
  );
}

/** Said aloud when it changes, and not with every refresh or trial: the words stay the same until a trial succeeds. */
function FailingDeployments({ deployments }: Pick<PoolState, 'deployments'>) {
  const t = useTranslations('pool');
  const failing = deployments.filter(({ breaker }) => breaker !== 'closed').map(({ id }) => id);
  return (
    <div role="status">
      {failing.length > 0 && (
        <Banner tone="warning" title={t('failing', { deployments: failing.join('、') })}>
          {t('failingLead')}
        </Banner>
      )}
    </div>
  );
}
