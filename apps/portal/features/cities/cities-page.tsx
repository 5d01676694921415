'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type City, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Meter } from '../../components/meter.tsx';
import { Named } from '../../components/named.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { SecretDialog } from '../../components/secret-dialog.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { type IssuedAdmin, CreateCityDialog } from './create-city-dialog.tsx';

const CITIES_KEY = ['cities'] as const;
/** The page is watched during the day: waiting and running jobs change by themselves. */
const REFRESH_MS = 15_000;

type Open = { kind: 'create' } | { kind: 'toggle'; city: City } | { kind: 'issued'; issued: IssuedAdmin };

export function CitiesPage() {
  const t = useTranslations('cities');
  const client = useQueryClient();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const cities = usePages(
    CITIES_KEY,
    (cursor, signal) => unwrap(api.GET('/api/ops/v1/cities', { params: { query: { cursor } }, signal })),
    REFRESH_MS,
  );
  const refresh = () => client.invalidateQueries({ queryKey: CITIES_KEY });

  const toggle = async ({ id, status }: City) => {
    const body = { status: status === 'active' ? ('suspended' as const) : ('active' as const) };
    await unwrap(api.PATCH('/api/ops/v1/cities/{id}', { params: { path: { id } }, body }));
    await refresh();
  };

  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={<Button onClick={() => setOpen({ kind: 'create' })}>{t('create')}</Button>}
      />
      <ResourceTable
        caption={t('title')}
        query={cities}
        rows={cities.rows}
        rowKey={({ id }) => id}
        columns={useCityColumns((city) => setOpen({ kind: 'toggle', city }))}
        empty={t('empty')}
      />
      {open?.kind === 'create' && (
        <CreateCityDialog
          onCreated={(issued) => {
            void refresh();
            setOpen({ kind: 'issued', issued });
          }}
          onClose={close}
        />
      )}
      {open?.kind === 'toggle' && (
        <ConfirmDialog
          title={t(open.city.status === 'active' ? 'suspendOf' : 'resumeOf', { name: open.city.name })}
          confirmLabel={t(open.city.status === 'active' ? 'suspend' : 'resume')}
          danger={open.city.status === 'active'}
          onConfirm={() => toggle(open.city)}
          onClose={close}
        >
          {t(open.city.status === 'active' ? 'suspendLead' : 'resumeLead', { name: open.city.name })}
        </ConfirmDialog>
      )}
      {open?.kind === 'issued' && (
        <SecretDialog
          title={t('issuedTitle')}
          subject={t('issuedFor', { city: open.issued.city, loginId: open.issued.loginId })}
          secret={open.issued.initialPassword}
          onClose={close}
        />
      )}
    </>
  );
}

function useCityColumns(toggle: (city: City) => void): Column<City>[] {
  const t = useTranslations('cities');
  const common = useTranslations('common');
  const { number, time } = useFormats();
  return [
    { key: 'name', header: t('name'), isHeader: true, cell: (city) => <Named {...city} /> },
    {
      key: 'status',
      header: t('status'),
      cell: ({ status }) => <Badge tone={status === 'active' ? 'green' : 'red'}>{t(`statuses.${status}`)}</Badge>,
    },
    { key: 'members', header: t('members'), numeric: true, cell: ({ members }) => number(members) },
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
    { key: 'waiting', header: t('waiting'), numeric: true, cell: ({ jobs }) => number(jobs.waiting) },
    { key: 'running', header: t('running'), numeric: true, cell: ({ jobs }) => number(jobs.running) },
    {
      key: 'lastActivityAt',
      header: t('lastActivity'),
      cell: ({ lastActivityAt }) => time(lastActivityAt),
    },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: (city) => (
        <Button
          look="outline"
          size="sm"
          aria-label={t(city.status === 'active' ? 'suspendOf' : 'resumeOf', { name: city.name })}
          onClick={() => toggle(city)}
        >
          {t(city.status === 'active' ? 'suspend' : 'resume')}
        </Button>
      ),
    },
  ];
}
