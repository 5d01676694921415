'use client';

import Link from 'next/link';
import { useTranslations } from 'use-intl';
import type { City } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Meter } from '../../components/meter.tsx';
import { Named } from '../../components/named.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { STAGE_TONES } from './stages.ts';

/** Columns of the list of cities: as many as fit beside the navigation. The rest, and what is done to one, is on its own page. */
export function useCityColumns(): Column<City>[] {
  const t = useTranslations('cities');
  const { number, time } = useFormats();
  const errors = useErrorRate();
  return [
    {
      key: 'name',
      header: t('name'),
      isHeader: true,
      isProse: true,
      cell: (city) => (
        <Link href={`/ops/cities/${city.id}`} className="text-key-900 underline underline-offset-4">
          <Named {...city} />
        </Link>
      ),
    },
    {
      key: 'stage',
      header: t('statusAndEnd'),
      cell: (city) => (
        <span className="flex flex-col gap-1">
          <Badge tone={STAGE_TONES[city.stage]}>{t(`stages.${city.stage}`)}</Badge>
          <span className="text-dns-14N-130">
            <ContractEnd city={city} />
          </span>
        </span>
      ),
    },
    {
      key: 'use',
      header: t('use'),
      cell: ({ name, month: { usedTokens, limitTokens } }) => (
        <Meter
          label={t('useOf', { name })}
          value={usedTokens}
          max={limitTokens}
          text={`${number(usedTokens)} / ${number(limitTokens)}`}
        />
      ),
    },
    { key: 'day', header: t('errorsDay'), numeric: true, cell: ({ day }) => errors(day) },
    {
      key: 'jobs',
      header: t('queue'),
      numeric: true,
      cell: ({ jobs }) => (
        <Named
          name={jobs.held > 0 ? t('held', { held: jobs.held }) : number(jobs.waiting)}
          code={t('runningCount', { count: jobs.running })}
        />
      ),
    },
    { key: 'lastActivityAt', header: t('lastActivity'), cell: ({ lastActivityAt }) => time(lastActivityAt) },
  ];
}

/** Failed of all that ended, as percent; a dash where nothing ended. */
export function useErrorRate() {
  const { rate } = useFormats();
  return ({ ended, failed }: City['day']): string => (ended > 0 ? rate(failed / ended) : '—');
}

/** The last day of the contract; what stands there without one must be seen. */
export function ContractEnd({ city }: { city: Pick<City, 'contractEndsOn' | 'trialEndsOn' | 'stage'> }) {
  const t = useTranslations('cities');
  const { day } = useFormats();
  if (city.contractEndsOn) return <span className="whitespace-nowrap tabular-nums">{day(city.contractEndsOn)}</span>;
  if (city.stage === 'trial')
    return <span className="whitespace-nowrap">{t('trialUntil', { day: day(city.trialEndsOn) })}</span>;
  return <Badge tone="yellow">{t('noContract')}</Badge>;
}
