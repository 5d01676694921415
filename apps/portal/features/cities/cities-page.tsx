'use client';

import Link from 'next/link';
import { useDeferredValue, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type City, unwrap } from '#libs/api-client';
import { buttonClass } from '../../components/button.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { LeavingCities } from '../exit/leaving-cities.tsx';
import { DraftList } from '../onboarding/draft-list.tsx';
import { api } from '../session/api.ts';
import { Endings } from './endings.tsx';
import { STAGES } from './stages.ts';
import { useCityColumns } from './use-city-columns.tsx';

export const CITIES_KEY = ['cities'] as const;
/** The page is watched during the day: waiting and running jobs change by themselves. */
const REFRESH_MS = 15_000;
const SORTS = ['code', 'use', 'errors', 'waiting', 'quiet', 'contract'] as const;

/** Every city the vendor serves, found by name or code, narrowed by state, in the order of what needs looking at. */
export function CitiesPage() {
  const t = useTranslations('cities');
  const [typed, setTyped] = useState('');
  const [stage, setStage] = useState<City['stage'] | ''>('');
  const [sort, setSort] = useState<(typeof SORTS)[number]>('code');
  const search = useDeferredValue(typed.trim());
  const filter = { ...(search && { search }), ...(stage && { stage }), sort };
  const cities = usePages(
    [...CITIES_KEY, filter],
    (cursor, signal) =>
      unwrap(api.GET('/api/ops/v1/cities', { params: { query: { ...filter, cursor, limit: 50 } }, signal })),
    REFRESH_MS,
  );
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={
          <>
            <a
              href={`/api/ops/v1/cities.csv?${new URLSearchParams(filter)}`}
              className={buttonClass('outline')}
              download
            >
              {t('csv')}
            </a>
            <Link href="/ops/cities/new" className={buttonClass()}>
              {t('create')}
            </Link>
          </>
        }
      />
      <LeavingCities />
      <Endings />
      <DraftList />
      <search className="grid gap-4 sm:grid-cols-3">
        <TextField label={t('search')} type="search" value={typed} onChange={(event) => setTyped(event.target.value)} />
        <SelectField
          label={t('status')}
          value={stage}
          onChange={(event) => setStage(event.target.value as City['stage'] | '')}
          placeholder={t('allStages')}
          choices={STAGES.map((value) => ({ value, label: t(`stages.${value}`) }))}
        />
        <SelectField
          label={t('sort')}
          value={sort}
          onChange={(event) => setSort(event.target.value as (typeof SORTS)[number])}
          choices={SORTS.map((value) => ({ value, label: t(`sorts.${value}`) }))}
        />
      </search>
      <ResourceTable
        caption={t('title')}
        query={cities}
        rows={cities.rows}
        rowKey={({ id }) => id}
        columns={useCityColumns()}
        empty={t(search || stage ? 'noneFound' : 'empty')}
      />
    </>
  );
}
