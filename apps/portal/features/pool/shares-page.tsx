'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type CityShare, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { SelectField } from '../../components/field.tsx';
import { Named } from '../../components/named.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { useCityName } from '../cities/use-city-name.ts';
import { api } from '../session/api.ts';
import { ShareDialog } from './share-dialog.tsx';
import { useDurations } from './use-durations.ts';

const SHARES_KEY = ['city-shares'] as const;
const REFRESH_MS = 2_000;

/** Each city's share of the pool and how its line stands. */
export function SharesPage() {
  const t = useTranslations('shares');
  const pool = useTranslations('pool');
  const client = useQueryClient();
  const [waiting, setWaiting] = useState<'true' | 'false'>('false');
  const [isMoving, setMoving] = useState(true);
  const [edited, setEdited] = useState<CityShare | null>(null);
  const shares = usePages(
    [...SHARES_KEY, waiting],
    (cursor, signal) => unwrap(api.GET('/api/ops/v1/pool/cities', { params: { query: { cursor, waiting } }, signal })),
    isMoving && REFRESH_MS,
  );
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={
          <Button look="outline" size="sm" onClick={() => setMoving(!isMoving)}>
            {pool(isMoving ? 'pause' : 'resume')}
          </Button>
        }
      />
      <dl className="grid max-w-4xl gap-x-4 gap-y-2 text-std-16N-170 sm:grid-cols-[8rem_1fr]">
        {(['weight', 'floor', 'limit'] as const).map((term) => (
          <div key={term} className="contents">
            <dt className="text-std-16B-170">{t(term)}</dt>
            <dd>{t(`${term}Lead`)}</dd>
          </div>
        ))}
      </dl>
      <div className="max-w-xs">
        <SelectField
          label={t('show')}
          value={waiting}
          onChange={(event) => setWaiting(event.target.value as 'true' | 'false')}
          choices={[
            { value: 'false', label: t('showAll') },
            { value: 'true', label: t('showWaiting') },
          ]}
        />
      </div>
      <ResourceTable
        caption={t('title')}
        query={shares}
        rows={shares.rows}
        rowKey={({ id }) => id}
        columns={useShareColumns(setEdited)}
        empty={t(waiting === 'true' ? 'emptyWaiting' : 'empty')}
      />
      {edited && (
        <ShareDialog
          share={edited}
          onSaved={() => client.invalidateQueries({ queryKey: SHARES_KEY })}
          onClose={() => setEdited(null)}
        />
      )}
    </>
  );
}

function useShareColumns(edit: (share: CityShare) => void): Column<CityShare>[] {
  const t = useTranslations('shares');
  const lanes = useTranslations('pool.laneNames');
  const common = useTranslations('common');
  const { number } = useFormats();
  const duration = useDurations();
  const cityName = useCityName();
  const orNone = (value: number | null): string => (value === null ? t('none') : number(value));
  return [
    { key: 'name', header: t('city'), isHeader: true, isProse: true, cell: (share) => <Named {...share} /> },
    ...(['urgent', 'interactive', 'batch'] as const).map((lane) => ({
      key: lane,
      header: t('waitingIn', { lane: lanes(lane) }),
      numeric: true,
      cell: ({ waiting }: CityShare) => number(waiting[lane]),
    })),
    { key: 'oldest', header: t('oldestWait'), numeric: true, cell: ({ oldestWaitMs }) => duration(oldestWaitMs) },
    { key: 'running', header: t('running'), numeric: true, cell: ({ running }) => number(running) },
    { key: 'weight', header: t('weight'), numeric: true, cell: ({ weight }) => number(weight) },
    { key: 'floor', header: t('floor'), numeric: true, cell: ({ runningFloor }) => orNone(runningFloor) },
    { key: 'limit', header: t('limit'), numeric: true, cell: ({ runningLimit }) => orNone(runningLimit) },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: (share) => (
        <Button
          look="outline"
          size="sm"
          aria-label={common('editOf', { name: cityName(share) })}
          onClick={() => edit(share)}
        >
          {common('edit')}
        </Button>
      ),
    },
  ];
}
