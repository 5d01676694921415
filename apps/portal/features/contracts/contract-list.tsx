'use client';

import Link from 'next/link';
import { useDeferredValue, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type CityWithWish, type ContractEntry, unwrap } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { TextField } from '../../components/field.tsx';
import { Named } from '../../components/named.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { CreateContractDialog } from './create-contract-dialog.tsx';
import { CONTRACTS_KEY, monthToLookAt, useCitiesWithout, useContractRights, usePlans } from './use-contracts.ts';

export const STATE_TONES: Record<ContractEntry['state'], BadgeTone> = {
  proposed: 'yellow',
  future: 'blue',
  current: 'green',
  ended: 'neutral',
};

const NAMES_SHOWN = 10;

export function ContractList({ year }: { year: number }) {
  const t = useTranslations('contracts');
  const { mayWrite } = useContractRights();
  const [city, setCity] = useState('');
  const [creates, setCreates] = useState(false);
  const [wisher, setWisher] = useState<CityWithWish>();
  const wanted = useDeferredValue(city.trim());
  const contracts = usePages([...CONTRACTS_KEY, 'list', year, wanted], (cursor, signal) =>
    unwrap(
      api.GET('/api/finance/v1/contracts', {
        params: { query: { fiscalYear: year, city: wanted, cursor, limit: 50 } },
        signal,
      }),
    ),
  );
  return (
    <>
      <MissingCities month={monthToLookAt(year)} onTakeUp={mayWrite ? setWisher : undefined} />
      <div className="flex flex-wrap items-end justify-between gap-4">
        <div className="w-full max-w-80">
          <TextField
            label={t('search')}
            hint={t('searchHint')}
            type="search"
            value={city}
            onChange={(event) => setCity(event.target.value)}
          />
        </div>
        {mayWrite && <Button onClick={() => setCreates(true)}>{t('create')}</Button>}
      </div>
      <ResourceTable
        caption={t('contracts')}
        query={contracts}
        rows={contracts.rows}
        rowKey={({ id }) => id}
        columns={useContractColumns()}
        empty={t('empty')}
      />
      {(creates || wisher) && (
        <CreateContractDialog
          year={year}
          wisher={wisher}
          onClose={() => {
            setCreates(false);
            setWisher(undefined);
          }}
        />
      )}
    </>
  );
}

interface MissingCitiesProps {
  month: string;
  /** Makes a contract of what a city wishes; not for whoever may make none. */
  onTakeUp: ((city: CityWithWish) => void) | undefined;
}

/** Cities that work without anybody having agreed on a price: a trial, or forgotten; and what some of them ask for. */
function MissingCities({ month, onTakeUp }: MissingCitiesProps) {
  const t = useTranslations('contracts');
  const formats = useFormats();
  const cities = useCitiesWithout(month).data?.items ?? [];
  const plans = new Map(usePlans().data?.items.map(({ id, name }) => [id, name]));
  if (cities.length === 0) return null;
  const names = cities
    .slice(0, NAMES_SHOWN)
    .map(({ name }) => name)
    .join('、');
  const more = cities.length - NAMES_SHOWN;
  return (
    <Banner tone="warning" title={t('missing', { month: formats.month(month), count: cities.length })}>
      <p>{more > 0 ? t('andMore', { names, more }) : names}</p>
      <ul className="flex flex-col gap-2">
        {cities.map(
          (city) =>
            city.wish && (
              <li key={city.id} className="flex flex-wrap items-center gap-3">
                {t('wish', {
                  city: city.name,
                  plan: plans.get(city.wish.planId) ?? '—',
                  from: formats.day(city.wish.startsOn),
                  to: formats.day(city.wish.endsOn),
                })}
                {onTakeUp && (
                  <Button look="outline" size="sm" onClick={() => onTakeUp(city)}>
                    {t('takeUp')}
                  </Button>
                )}
              </li>
            ),
        )}
      </ul>
    </Banner>
  );
}

function useContractColumns(): Column<ContractEntry>[] {
  const t = useTranslations('contracts');
  const { day } = useFormats();
  return [
    { key: 'city', header: t('city'), isHeader: true, cell: ({ city }) => <Named {...city} /> },
    {
      key: 'title',
      header: t('name'),
      isProse: true,
      cell: ({ id, title, city }) => (
        <Link
          href={`/finance/contracts/${id}`}
          aria-label={t('open', { city: city.name, title })}
          className="text-key-900 underline underline-offset-4"
        >
          {title}
        </Link>
      ),
    },
    {
      key: 'state',
      header: t('state'),
      cell: ({ state, awaitsApproval }) => (
        <span className="flex gap-2">
          <Badge tone={STATE_TONES[state]}>{t(`states.${state}`)}</Badge>
          {awaitsApproval && state !== 'proposed' && <Badge tone="yellow">{t('awaits')}</Badge>}
        </span>
      ),
    },
    { key: 'startsOn', header: t('startsOn'), cell: ({ startsOn }) => day(startsOn) },
    { key: 'endsOn', header: t('endsOn'), cell: ({ endsOn }) => day(endsOn) },
    { key: 'council', header: t('council'), cell: ({ council }) => council?.name ?? '—' },
  ];
}
