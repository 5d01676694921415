'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type MaintenanceRecord, unwrap } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
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
import { MailState } from '../mails/mail-state.tsx';
import { CityNames } from '../urgent/city-names.tsx';
import { AnnounceDialog } from './announce-dialog.tsx';

const RECORDS_KEY = ['maintenance-notices'] as const;
const TONES: Record<MaintenanceRecord['severity'], BadgeTone> = { info: 'blue', warning: 'yellow', critical: 'red' };

type Open = { kind: 'announce' } | { kind: 'withdraw'; notice: MaintenanceRecord };

const isShown = ({ withdrawnAt, endsAt }: MaintenanceRecord): boolean => !withdrawnAt && new Date(endsAt) > new Date();

/** Announces maintenance to cities, and withdraws what does not take place. */
export function MaintenancePage() {
  const t = useTranslations('maintenance');
  const client = useQueryClient();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const records = usePages(RECORDS_KEY, (cursor, signal) =>
    unwrap(api.GET('/api/ops/v1/maintenance-notices', { params: { query: { cursor } }, signal })),
  );
  const refresh = () =>
    Promise.all([RECORDS_KEY, ['vendor-notices']].map((queryKey) => client.invalidateQueries({ queryKey })));
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={<Button onClick={() => setOpen({ kind: 'announce' })}>{t('announce')}</Button>}
      />
      <MailState />
      <ResourceTable
        caption={t('title')}
        query={records}
        rows={records.rows}
        rowKey={({ id }) => id}
        columns={useRecordColumns((notice) => setOpen({ kind: 'withdraw', notice }))}
        empty={t('empty')}
      />
      {open?.kind === 'announce' && <AnnounceDialog onAnnounced={refresh} onClose={close} />}
      {open?.kind === 'withdraw' && (
        <ConfirmDialog
          title={t('withdrawTitle')}
          confirmLabel={t('withdraw')}
          danger
          onConfirm={async () => {
            const params = { path: { id: open.notice.id } };
            await unwrap(api.POST('/api/ops/v1/maintenance-notices/{id}/withdraw', { params }));
            await refresh();
          }}
          onClose={close}
        >
          {t('withdrawLead', { title: open.notice.title })}
        </ConfirmDialog>
      )}
    </>
  );
}

function useRecordColumns(withdraw: (notice: MaintenanceRecord) => void): Column<MaintenanceRecord>[] {
  const t = useTranslations('maintenance');
  const common = useTranslations('common');
  const { time } = useFormats();
  const cityName = useCityName();
  return [
    { key: 'title', header: t('noticeTitle'), isHeader: true, isProse: true, cell: ({ title }) => title },
    {
      key: 'severity',
      header: t('severity'),
      cell: ({ severity }) => <Badge tone={TONES[severity]}>{t(`severities.${severity}`)}</Badge>,
    },
    {
      key: 'state',
      header: t('state'),
      cell: (notice) => t(notice.withdrawnAt ? 'withdrawn' : isShown(notice) ? 'shown' : 'over'),
    },
    {
      key: 'span',
      header: t('span'),
      cell: ({ startsAt, endsAt }) => <Named name={time(startsAt)} code={t('until', { time: time(endsAt) })} />,
    },
    {
      key: 'cities',
      header: t('cities'),
      isProse: true,
      cell: ({ cities, onSignIn }) => (
        <>
          {cities ? <CityNames names={cities.map(cityName)} /> : t('toAll')}
          {onSignIn && <span className="block text-dns-14N-130">{t('alsoOnSignIn')}</span>}
        </>
      ),
    },
    {
      key: 'announcedAt',
      header: t('announcedAt'),
      cell: ({ announcedAt, announcedBy }) => <Named name={time(announcedAt)} code={announcedBy} />,
    },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: (notice) =>
        isShown(notice) && (
          <Button
            look="outline"
            size="sm"
            aria-label={t('withdrawOf', { title: notice.title })}
            onClick={() => withdraw(notice)}
          >
            {t('withdraw')}
          </Button>
        ),
    },
  ];
}
