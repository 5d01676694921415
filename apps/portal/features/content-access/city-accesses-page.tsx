'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type ContentAccess, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { Named } from '../../components/named.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import { Readings } from './readings.tsx';
import { ACCESS_TONES, useAccessWords } from './use-access-words.ts';

const ACCESSES_KEY = ['content-accesses'] as const;
/** A request waits for an answer, and an access that lasts is watched. */
const REFRESH_MS = 5_000;

type Act = 'approve' | 'refuse' | 'end';
interface Open {
  act: Act;
  access: ContentAccess;
}

/** The vendor's people who ask to read what the city wrote: let, refused, watched and ended here. */
export function CityAccessesPage() {
  const t = useTranslations('contentAccess');
  const me = useSignedIn();
  const client = useQueryClient();
  const [open, setOpen] = useState<Open | null>(null);
  const [watchedId, setWatchedId] = useState<string | null>(null);
  const accesses = usePages(
    ACCESSES_KEY,
    (cursor, signal) => unwrap(api.GET('/api/v1/content-accesses', { params: { query: { cursor } }, signal })),
    REFRESH_MS,
  );
  const close = () => setOpen(null);
  const refresh = () => client.invalidateQueries({ queryKey: ACCESSES_KEY });
  const watched =
    accesses.rows.find(({ id }) => id === watchedId) ?? accesses.rows.find(({ state }) => state === 'approved');
  const columns = useAccessColumns({
    mayDecide: can(me, 'content-access:decide'),
    act: (act, access) => setOpen({ act, access }),
    watch: ({ id }) => setWatchedId(id),
  });
  return (
    <>
      <PageHeader title={t('cityTitle')} lead={t('cityLead')} />
      <ResourceTable
        caption={t('cityTitle')}
        query={accesses}
        rows={accesses.rows}
        rowKey={({ id }) => id}
        columns={columns}
        empty={t('cityEmpty')}
      />
      {watched && <Readings access={watched} />}
      {open && <DecisionDialog {...open} onDone={refresh} onClose={close} />}
    </>
  );
}

function DecisionDialog({
  act,
  access,
  onDone,
  onClose,
}: Open & { onDone: () => Promise<unknown>; onClose: () => void }) {
  const t = useTranslations('contentAccess');
  const { reach } = useAccessWords();
  const params = { path: { id: access.id } };
  if (act === 'refuse')
    return (
      <FormDialog
        title={t('refuseTitle', { ticket: access.ticket })}
        submitLabel={t('refuse')}
        fields={[{ name: 'note', label: t('refuseReason'), hint: t('refuseHint'), required: true, maxLength: 500 }]}
        onSubmit={async ({ note }) => {
          await unwrap(api.POST('/api/v1/content-accesses/{id}/refuse', { params, body: { note } }));
          await onDone();
        }}
        onClose={onClose}
      />
    );
  return (
    <ConfirmDialog
      title={t(`${act}Title`, { ticket: access.ticket })}
      confirmLabel={t(act)}
      danger
      onConfirm={async () => {
        await unwrap(
          act === 'approve'
            ? api.POST('/api/v1/content-accesses/{id}/approve', { params, body: {} })
            : api.POST('/api/v1/content-accesses/{id}/end', { params }),
        );
        await onDone();
      }}
      onClose={onClose}
    >
      <p>{t(`${act}Lead`, { who: access.askedBy, minutes: access.minutes, reach: reach(access) })}</p>
    </ConfirmDialog>
  );
}

interface ColumnOptions {
  mayDecide: boolean;
  act: (act: Act, access: ContentAccess) => void;
  watch: (access: ContentAccess) => void;
}

function useAccessColumns({ mayDecide, act, watch }: ColumnOptions): Column<ContentAccess>[] {
  const t = useTranslations('contentAccess');
  const common = useTranslations('common');
  const { time } = useFormats();
  const words = useAccessWords();
  const button = (kind: Act, access: ContentAccess) => (
    <Button
      key={kind}
      look="outline"
      size="sm"
      aria-label={t('actOf', { act: t(kind), ticket: access.ticket })}
      onClick={() => act(kind, access)}
    >
      {t(kind)}
    </Button>
  );
  const actsOn = ({ state }: ContentAccess): Act[] => {
    if (!mayDecide) return [];
    if (state === 'asked') return ['approve', 'refuse'];
    return state === 'approved' ? ['end'] : [];
  };
  return [
    {
      key: 'ticket',
      header: t('ticket'),
      isHeader: true,
      cell: ({ ticket, askedBy, askedAt }) => <Named name={ticket} code={`${askedBy} ${time(askedAt)}`} />,
    },
    {
      key: 'state',
      header: t('state'),
      isProse: true,
      cell: (access) => (
        <div className="flex flex-col items-start gap-1">
          <Badge tone={ACCESS_TONES[access.state]}>{t(`states.${access.state}`)}</Badge>
          <span className="text-dns-14N-130">{words.course(access)}</span>
        </div>
      ),
    },
    { key: 'reason', header: t('reason'), isProse: true, cell: ({ reason }) => reason },
    {
      key: 'reach',
      header: t('reach'),
      isProse: true,
      cell: (access) => <Named name={words.reach(access)} code={t('minutes', { minutes: access.minutes })} />,
    },
    {
      key: 'decidedBy',
      header: t('decidedBy'),
      isProse: true,
      cell: ({ decidedBy, decisionNote }) => <Named name={decidedBy ?? '—'} code={decisionNote ?? ''} />,
    },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: (access) => (
        <div className="flex flex-wrap gap-2">
          {actsOn(access).map((kind) => button(kind, access))}
          {access.decidedAt && access.state !== 'refused' && (
            <Button
              look="text"
              size="sm"
              aria-label={t('actOf', { act: t('readings'), ticket: access.ticket })}
              onClick={() => watch(access)}
            >
              {t('readings')}
            </Button>
          )}
        </div>
      ),
    },
  ];
}
