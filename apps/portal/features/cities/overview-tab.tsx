'use client';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { type City, unwrap } from '#libs/api-client';
import { Meter } from '../../components/meter.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { CITIES_KEY } from './cities-page.tsx';
import { CityCharts } from './city-charts.tsx';
import { CityContracts } from './city-contracts.tsx';
import { CityReadiness } from './city-readiness.tsx';
import { CityShareFacts } from './city-share-facts.tsx';
import { ContractEnd, useErrorRate } from './use-city-columns.tsx';

/** What the vendor looks at first when a city calls. */
export function OverviewTab({ city }: { city: City }) {
  const { id } = city;
  const report = useQuery({
    queryKey: [...CITIES_KEY, id, 'report'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/ops/v1/cities/{id}/report', { params: { path: { id } }, signal })),
  });
  return (
    <>
      <CityFacts city={city} />
      {report.isPending && <Skeleton rows={4} />}
      {report.error && <ProblemNotice error={report.error} onRetry={() => void report.refetch()} />}
      {report.data && (
        <>
          <CityReadiness city={city} report={report.data} />
          <CityContracts city={city} contracts={report.data.contracts} />
          <CityShareFacts id={id} />
          <CityCharts report={report.data} />
        </>
      )}
    </>
  );
}

function CityFacts({ city }: { city: City }) {
  const t = useTranslations('cities');
  const { number, time } = useFormats();
  const errors = useErrorRate();
  const outcomes = (of: City['day']) => (of.ended > 0 ? t('errorsOf', { rate: errors(of), ...of }) : '—');
  const { usedTokens, limitTokens, reservedTokens } = city.month;
  const facts: [string, ReactNode][] = [
    [t('contractEnd'), <ContractEnd city={city} />],
    [t('members'), number(city.members)],
    [
      t('use'),
      <Meter
        label={t('useOf', { name: city.name })}
        value={usedTokens}
        max={limitTokens}
        text={`${number(usedTokens)} / ${number(limitTokens)}`}
      />,
    ],
    [t('reserved'), number(reservedTokens)],
    [t('waiting'), city.jobs.held > 0 ? t('held', { held: city.jobs.held }) : number(city.jobs.waiting)],
    [t('running'), number(city.jobs.running)],
    [t('errorsDay'), outcomes(city.day)],
    [t('errorsWeek'), outcomes(city.week)],
    [t('lastActivity'), time(city.lastActivityAt)],
    [t('registeredAt'), time(city.createdAt)],
  ];
  return (
    <dl className="grid gap-x-8 gap-y-1 sm:grid-cols-[auto_1fr] sm:gap-y-3">
      {facts.map(([term, value]) => (
        <div key={term} className="contents">
          <dt className="text-std-16B-170">{term}</dt>
          <dd className="mb-2 max-w-md text-std-16N-170 tabular-nums sm:mb-0">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
