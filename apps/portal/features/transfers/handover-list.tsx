'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Handover, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import { HANDOVERS_KEY, OWNERLESS_KEY } from './use-transfers.ts';

interface TakenBack {
  conversations: number;
  batches: number;
  templates: number;
}

/** What was given to whom, by whom and why; a mistake can be undone for thirty days. */
export function HandoverList() {
  const t = useTranslations('transfers');
  const common = useTranslations('common');
  const client = useQueryClient();
  const { number } = useFormats();
  const mayWrite = can(useSignedIn(), 'handover:write');
  const [asked, setAsked] = useState<Handover | null>(null);
  const [returned, setReturned] = useState<TakenBack | null>(null);
  const handovers = usePages(HANDOVERS_KEY, (cursor, signal) =>
    unwrap(api.GET('/api/v1/handovers', { params: { query: { cursor } }, signal })),
  );
  const takeBack = async ({ id }: Handover) => {
    setReturned(await unwrap(api.POST('/api/v1/handovers/{id}/take-back', { params: { path: { id } } })));
    void client.invalidateQueries({ queryKey: OWNERLESS_KEY });
    await client.invalidateQueries({ queryKey: HANDOVERS_KEY });
  };
  const actions: Column<Handover> = {
    key: 'actions',
    header: common('actions'),
    isActions: true,
    cell: (row) =>
      row.canTakeBack && (
        <Button look="outline" size="sm" aria-label={t('takeBackOf', { name: row.from })} onClick={() => setAsked(row)}>
          {t('takeBack')}
        </Button>
      ),
  };
  const columns = useHandoverColumns();
  return (
    <section className="flex flex-col gap-4">
      <p className="text-std-16N-170">{t('handoversLead')}</p>
      {returned && (
        <Banner
          tone="success"
          role="status"
          title={t('takenBackCounts', {
            conversations: number(returned.conversations),
            batches: number(returned.batches),
            templates: number(returned.templates),
          })}
        />
      )}
      <ResourceTable
        caption={t('tabs.handovers')}
        query={handovers}
        rows={handovers.rows}
        rowKey={({ id }) => id}
        columns={mayWrite ? [...columns, actions] : columns}
        empty={t('handoversEmpty')}
      />
      {asked && (
        <ConfirmDialog
          title={t('takeBackOf', { name: asked.from })}
          confirmLabel={t('takeBack')}
          leaveLabel={common('back')}
          onConfirm={() => takeBack(asked)}
          onClose={() => setAsked(null)}
        >
          {t('takeBackLead', { from: asked.from, to: asked.to })}
        </ConfirmDialog>
      )}
    </section>
  );
}

function useHandoverColumns(): Column<Handover>[] {
  const t = useTranslations('transfers');
  const { number, time } = useFormats();
  return [
    {
      key: 'handedAt',
      header: t('handedAt'),
      cell: ({ handedAt, takenBackAt }) => (
        <span className="flex flex-col gap-1">
          {time(handedAt)}
          {takenBackAt && <Badge>{t('takenBack')}</Badge>}
        </span>
      ),
    },
    { key: 'from', header: t('from'), isHeader: true, cell: ({ from }) => from },
    { key: 'to', header: t('to'), cell: ({ to }) => to },
    {
      key: 'conversations',
      header: t('conversations'),
      numeric: true,
      cell: ({ conversations }) => number(conversations),
    },
    { key: 'batches', header: t('batches'), numeric: true, cell: ({ batches }) => number(batches) },
    { key: 'templates', header: t('templates'), numeric: true, cell: ({ templates }) => number(templates) },
    { key: 'decidedBy', header: t('decidedBy'), cell: ({ decidedBy }) => decidedBy ?? t('byRule') },
    { key: 'reason', header: t('reason'), isProse: true, cell: ({ reason }) => reason ?? '—' },
  ];
}
