'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type City, type CityExitRecord, unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { Button, buttonClass } from '../../components/button.tsx';
import { Meter } from '../../components/meter.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { CITIES_KEY } from '../cities/cities-page.tsx';
import { api } from '../session/api.ts';
import { ExitCourse } from './exit-course.tsx';
import { type ExitAct, ExitDialog } from './exit-dialogs.tsx';
import { ExitFindings } from './exit-findings.tsx';
import { mayBeDeleted } from './exit-stand.ts';
import { useRowProgress } from './use-row-progress.ts';

const REFRESH_MS = 5_000;

/** How a city leaves, for the vendor: from the proposal to the certificate. */
export function ExitTab({ city }: { city: City }) {
  const t = useTranslations('exit');
  const client = useQueryClient();
  const [act, setAct] = useState<ExitAct | null>(null);
  const exits = useQuery({
    queryKey: ['city-exits', city.id],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/ops/v1/city-exits', { params: { query: { cityId: city.id } }, signal })),
    refetchInterval: REFRESH_MS,
  });
  if (exits.isPending) return <Skeleton rows={6} />;
  const problem = exits.error && <ProblemNotice error={exits.error} onRetry={() => void exits.refetch()} />;
  if (!exits.data) return problem;
  const exit = exits.data.items[0];
  const acts = actsOn(exit);
  const refresh = async () => {
    await Promise.all([exits.refetch(), client.invalidateQueries({ queryKey: CITIES_KEY })]);
  };
  return (
    <div className="flex flex-col gap-6">
      {problem}
      <p className="max-w-[48rem]">{t('vendorLead')}</p>
      {exit ? <ExitCourse exit={exit} deletedAt={exit.deletedAt} /> : <p>{t('none')}</p>}
      {exit?.state === 'planned' && exit.agreedAt === null && <p>{t('awaitsAgreement')}</p>}
      {exit && <ExitProgress exit={exit} onDone={refresh} />}
      <div className="flex flex-wrap gap-3">
        {acts.map((one) => (
          <Button key={one} look={one === 'withdraw' ? 'outline' : 'solid'} onClick={() => setAct(one)}>
            {t(`acts.${one}`)}
          </Button>
        ))}
      </div>
      {exit?.state === 'deleted' && <Certificate id={exit.id} />}
      {act && <ExitDialog act={act} city={city} exit={exit} onDone={refresh} onClose={() => setAct(null)} />}
    </div>
  );
}

/** What can be done now. What the database refuses anyway is not offered. */
function actsOn(exit: CityExitRecord | undefined): ExitAct[] {
  switch (exit?.state) {
    case undefined:
    case 'withdrawn':
      return ['plan'];
    case 'planned':
      return exit.agreedAt === null ? ['withdraw'] : ['freeze', 'withdraw'];
    case 'frozen':
      return ['withdraw'];
    case 'exported':
      return ['handOver', 'withdraw'];
    case 'waiting':
      return mayBeDeleted(exit) ? ['delete', 'withdraw'] : ['withdraw'];
    case 'deleting':
      return exit.fault === null ? [] : ['delete'];
    case 'deleted':
      return [];
  }
}

function ExitProgress({ exit, onDone }: { exit: CityExitRecord; onDone: () => Promise<void> }) {
  const t = useTranslations('exit');
  const segments = useTranslations('segments');
  const text = useRowProgress();
  return (
    <>
      {exit.state === 'frozen' && exit.exports.length === 0 && <p role="status">{t('exportQueued')}</p>}
      {exit.state !== 'deleting' &&
        exit.exports.map(({ segment, state, done, total }) => (
          <Meter
            key={segment}
            neutral
            label={t('exportOf', { segment: segments(segment) })}
            value={done}
            max={total}
            text={t('exportProgress', {
              segment: segments(segment),
              rows: text(done, total),
              isReady: String(state === 'ready'),
            })}
          />
        ))}
      {exit.state === 'deleting' && !exit.fault && (
        <Meter
          neutral
          label={t('deletion')}
          value={exit.done}
          max={exit.total}
          text={t('deletionProgress', { phase: exit.phase ?? 'queues', rows: text(exit.done, exit.total) })}
        />
      )}
      {exit.fault && (
        <Banner tone="error" role="status" title={t('stopped')}>
          {t(exit.findings.length > 0 ? 'stoppedByFindings' : 'stoppedBy', { code: exit.fault })}
        </Banner>
      )}
      {exit.findings.length > 0 && <ExitFindings exit={exit} onDone={onDone} />}
    </>
  );
}

function Certificate({ id }: { id: string }) {
  const t = useTranslations('exit');
  const path = `/api/ops/v1/city-exits/${id}/certificate`;
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-std-20B-150">{t('certificate')}</h2>
      <p>{t('certificateLead')}</p>
      <div className="flex flex-wrap gap-3">
        <a href={`${path}.pdf`} download className={buttonClass('outline')}>
          {t('certificatePdf')}
        </a>
        <a href={`${path}.json`} download className={buttonClass('outline')}>
          {t('certificateJson')}
        </a>
      </div>
    </section>
  );
}
