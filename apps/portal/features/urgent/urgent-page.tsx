'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type UrgentOpening, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Named } from '../../components/named.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { useCityName } from '../cities/use-city-name.ts';
import { api } from '../session/api.ts';
import { CityNames } from './city-names.tsx';
import { OpenUrgentDialog } from './open-urgent-dialog.tsx';

const OPENINGS_KEY = ['urgent-openings'] as const;
/** An opening ends by itself. */
const REFRESH_MS = 15_000;

type Open = { kind: 'open' } | { kind: 'close'; opening: UrgentOpening };

/** Opens the urgent lane for cities in a disaster, closes it early, and shows what was open when. */
export function UrgentPage() {
  const t = useTranslations('urgent');
  const client = useQueryClient();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const openings = usePages(
    OPENINGS_KEY,
    (cursor, signal) => unwrap(api.GET('/api/ops/v1/urgent-openings', { params: { query: { cursor } }, signal })),
    REFRESH_MS,
  );
  const refresh = () => client.invalidateQueries({ queryKey: OPENINGS_KEY });
  const end = async (id: string) => {
    await unwrap(api.POST('/api/ops/v1/urgent-openings/{id}/close', { params: { path: { id } } }));
    await refresh();
  };
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={<Button onClick={() => setOpen({ kind: 'open' })}>{t('open')}</Button>}
      />
      <ResourceTable
        caption={t('title')}
        query={openings}
        rows={openings.rows}
        rowKey={({ id }) => id}
        columns={useOpeningColumns((opening) => setOpen({ kind: 'close', opening }))}
        empty={t('empty')}
      />
      {open?.kind === 'open' && <OpenUrgentDialog onOpened={refresh} onClose={close} />}
      {open?.kind === 'close' && (
        <ConfirmDialog
          title={t('closeTitle')}
          confirmLabel={t('close')}
          danger
          onConfirm={() => end(open.opening.id)}
          onClose={close}
        >
          {t('closeLead', { reason: open.opening.reason })}
        </ConfirmDialog>
      )}
    </>
  );
}

function useOpeningColumns(close: (opening: UrgentOpening) => void): Column<UrgentOpening>[] {
  const t = useTranslations('urgent');
  const common = useTranslations('common');
  const { time } = useFormats();
  const cityName = useCityName();
  return [
    { key: 'reason', header: t('reason'), isHeader: true, isProse: true, cell: ({ reason }) => reason },
    {
      key: 'state',
      header: t('state'),
      cell: ({ isOpen, closedAt }) => (
        <Badge tone={isOpen ? 'red' : 'neutral'}>{t(isOpen ? 'isOpen' : closedAt ? 'wasClosed' : 'hasEnded')}</Badge>
      ),
    },
    {
      key: 'cities',
      header: t('cities'),
      isProse: true,
      cell: ({ cities }) => <CityNames names={cities.map(cityName)} />,
    },
    {
      key: 'openedAt',
      header: t('openedAt'),
      cell: ({ openedAt, openedBy }) => <Named name={time(openedAt)} code={openedBy} />,
    },
    {
      key: 'endsAt',
      header: t('endsAt'),
      cell: ({ endsAt, closedAt, closedBy }) => <Named name={time(closedAt ?? endsAt)} code={closedBy ?? ''} />,
    },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: (opening) =>
        opening.isOpen && (
          <Button
            look="outline"
            size="sm"
            aria-label={t('closeOf', { reason: opening.reason })}
            onClick={() => close(opening)}
          >
            {t('close')}
          </Button>
        ),
    },
  ];
}
