'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type TopUpRequest, unwrap } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Named } from '../../components/named.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import { DecisionDialog, TOP_UPS_KEY, TopUpDialog } from './top-up-dialogs.tsx';

const TONES: Record<TopUpRequest['state'], BadgeTone> = { requested: 'yellow', approved: 'green', declined: 'neutral' };

type Open = { kind: 'ask' } | { kind: 'approve' | 'decline'; request: TopUpRequest };

/** What departments asked for beyond their limits, and what became of it. */
export function TopUps({ mayAsk, mayDecide }: { mayAsk: boolean; mayDecide: boolean }) {
  const t = useTranslations('budget.topUps');
  const [open, setOpen] = useState<Open | null>(null);
  const requests = useQuery({
    queryKey: TOP_UPS_KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/top-up-requests', { signal })),
  });
  const columns = useTopUpColumns();
  const actions = useDecisions(setOpen);
  const close = () => setOpen(null);
  return (
    <section className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end justify-between gap-4">
        <h2 className="text-std-20B-150">{t('title')}</h2>
        {mayAsk && <Button onClick={() => setOpen({ kind: 'ask' })}>{t('ask')}</Button>}
      </div>
      <ResourceTable
        caption={t('title')}
        query={requests}
        rows={requests.data?.items ?? []}
        rowKey={({ id }) => id}
        columns={mayDecide ? [...columns, actions] : columns}
        empty={t('empty')}
      />
      {open?.kind === 'ask' && <TopUpDialog onClose={close} />}
      {open && open.kind !== 'ask' && <DecisionDialog {...open} onClose={close} />}
    </section>
  );
}

function useTopUpColumns(): Column<TopUpRequest>[] {
  const t = useTranslations('budget.topUps');
  const { number, month, time } = useFormats();
  return [
    {
      key: 'department',
      header: t('departmentAndMonth'),
      isHeader: true,
      cell: (row) => <Named name={row.departmentName} code={month(row.month)} />,
    },
    { key: 'tokens', header: t('tokens'), numeric: true, cell: ({ tokens }) => number(tokens) },
    {
      key: 'state',
      header: t('state'),
      cell: ({ state }) => <Badge tone={TONES[state]}>{t(`states.${state}`)}</Badge>,
    },
    { key: 'reason', header: t('reason'), isProse: true, cell: ({ reason }) => reason },
    {
      key: 'asked',
      header: t('asked'),
      isProse: true,
      cell: ({ requestedBy, requestedAt }) => t('by', { name: requestedBy, time: time(requestedAt) }),
    },
    {
      key: 'decided',
      header: t('decided'),
      isProse: true,
      cell: (row) =>
        row.decidedBy && (
          <>
            <p>{t('by', { name: row.decidedBy, time: time(row.decidedAt) })}</p>
            {row.limitBefore !== null && row.limitAfter !== null && (
              <p>{t('moved', { before: number(row.limitBefore), after: number(row.limitAfter) })}</p>
            )}
            {row.decisionNote && <p>{row.decisionNote}</p>}
          </>
        ),
    },
  ];
}

function useDecisions(open: (open: Open) => void): Column<TopUpRequest> {
  const t = useTranslations('budget.topUps');
  const common = useTranslations('common');
  const me = useSignedIn();
  return {
    key: 'actions',
    header: common('actions'),
    isActions: true,
    // Nobody decides on an own request
    cell: (request) =>
      request.state === 'requested' &&
      request.requestedById !== me.member.id && (
        <div className="flex gap-2">
          {(['approve', 'decline'] as const).map((kind) => (
            <Button
              key={kind}
              look={kind === 'approve' ? 'solid' : 'outline'}
              size="sm"
              aria-label={t(`${kind}Of`, { name: request.departmentName })}
              onClick={() => open({ kind, request })}
            >
              {t(kind)}
            </Button>
          ))}
        </div>
      ),
  };
}
