'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { AccessTab } from '../content-access/vendor-accesses.tsx';
import { ExitTab } from '../exit/vendor-exit-tab.tsx';
import { api } from '../session/api.ts';
import { CITIES_KEY } from './cities-page.tsx';
import { NetworkTab } from './network-tab.tsx';
import { OverviewTab } from './overview-tab.tsx';
import { STAGE_TONES, mayTurn } from './stages.ts';
import { SuspensionDialog } from './suspension-dialogs.tsx';

/** One city as the vendor sees it: a tab for each side of it. */
export function CityPage({ id }: { id: string }) {
  const t = useTranslations('cities');
  const client = useQueryClient();
  const [turning, setTurning] = useState(false);
  const city = useQuery({
    queryKey: [...CITIES_KEY, id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/ops/v1/cities/{id}', { params: { path: { id } }, signal })),
    refetchInterval: 15_000,
  });
  if (city.isPending) return <Skeleton rows={6} />;
  const problem = city.error && <ProblemNotice error={city.error} onRetry={() => void city.refetch()} />;
  // What is typed in a dialog outlives a reading that failed
  if (!city.data) return problem;
  const one = city.data;
  return (
    <>
      <Link href="/ops" className="w-fit text-key-900 underline underline-offset-4">
        {t('back')}
      </Link>
      {problem}
      <PageHeader
        title={one.name}
        lead={one.code}
        actions={
          mayTurn(one) && (
            <Button look={one.stage === 'suspended' ? 'solid' : 'outline'} onClick={() => setTurning(true)}>
              {t(one.stage === 'suspended' ? 'resume' : 'suspend')}
            </Button>
          )
        }
      />
      <div className="flex flex-wrap items-center gap-3">
        <Badge tone={STAGE_TONES[one.stage]}>{t(`stages.${one.stage}`)}</Badge>
        {one.stage === 'suspended' && <p>{t('suspendedFor', { reason: one.statusReason ?? '—' })}</p>}
      </div>
      <Tabs
        label={t('tabs')}
        tabs={[
          { key: 'overview', label: t('overview'), content: <OverviewTab city={one} /> },
          { key: 'networks', label: t('networks'), content: <NetworkTab city={one} /> },
          { key: 'access', label: t('access'), content: <AccessTab city={one} /> },
          { key: 'exit', label: t('exit'), content: <ExitTab city={one} /> },
        ]}
      />
      {turning && (
        <SuspensionDialog
          city={one}
          onDone={() => {
            void client.invalidateQueries({ queryKey: CITIES_KEY });
            setTurning(false);
          }}
          onClose={() => setTurning(false)}
        />
      )}
    </>
  );
}
