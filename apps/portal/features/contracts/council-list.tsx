'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Council, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { api } from '../session/api.ts';
import { AddMemberDialog, ProposeCouncilDialog } from './council-dialogs.tsx';
import { COUNCILS_KEY, useContractRights, useCouncils } from './use-contracts.ts';
import { useTermsWords } from './use-terms-words.ts';

type Open = { act: 'propose' } | { act: 'approve' | 'withdraw' | 'join'; council: Council } | null;

/** Councils of a year: one base fee, split among the members. */
export function CouncilList({ year }: { year: number }) {
  const t = useTranslations('contracts');
  const { mayWrite } = useContractRights();
  const councils = useCouncils(year);
  const client = useQueryClient();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <>
      {mayWrite && (
        <Button className="self-end" onClick={() => setOpen({ act: 'propose' })}>
          {t('proposeCouncil')}
        </Button>
      )}
      <ResourceTable
        caption={t('councils')}
        query={councils}
        rows={councils.data?.items ?? []}
        rowKey={({ id }) => id}
        columns={useCouncilColumns(setOpen)}
        empty={t('noCouncils')}
      />
      {open?.act === 'propose' && <ProposeCouncilDialog year={year} onClose={close} />}
      {open?.act === 'join' && <AddMemberDialog council={open.council} onClose={close} />}
      {(open?.act === 'approve' || open?.act === 'withdraw') && (
        <ConfirmDialog
          title={t(`${open.act}Of`, { name: open.council.name })}
          confirmLabel={t(open.act)}
          danger={open.act === 'withdraw'}
          onConfirm={async () => {
            const params = { path: { id: open.council.id } };
            if (open.act === 'approve') await unwrap(api.POST('/api/finance/v1/councils/{id}/approve', { params }));
            else await unwrap(api.POST('/api/finance/v1/councils/{id}/withdraw', { params }));
            await client.invalidateQueries({ queryKey: COUNCILS_KEY });
          }}
          onClose={close}
        >
          <CouncilFacts council={open.council} />
        </ConfirmDialog>
      )}
    </>
  );
}

/** What is approved: the fee, how it is split, and among whom. */
function CouncilFacts({ council }: { council: Council }) {
  const t = useTranslations('contracts');
  const { yen } = useTermsWords();
  return (
    <div className="flex flex-col gap-2">
      <p>
        {t('councilFee')}：{yen(council.monthlyBaseFeeJpy)}（{t(`split.${council.split}`)}）
      </p>
      <ul className="list-disc pl-6">
        {council.members.map(({ city, weight, isApproved }) => (
          <li key={city.id}>
            {city.name}
            {hasWeights(council) && `（${weight}）`}
            {!isApproved && ` ${t('awaits')}`}
          </li>
        ))}
      </ul>
    </div>
  );
}

const hasWeights = ({ split }: Council): boolean => split === 'population' || split === 'weights';

function useCouncilColumns(open: (what: Open) => void): Column<Council>[] {
  const t = useTranslations('contracts');
  const common = useTranslations('common');
  const { yen } = useTermsWords();
  const { mayWrite, mayApprove } = useContractRights();
  const awaits = (council: Council) => !council.approvedBy || council.members.some(({ isApproved }) => !isApproved);
  return [
    { key: 'name', header: t('council'), isHeader: true, isProse: true, cell: ({ name }) => name },
    {
      key: 'state',
      header: t('state'),
      cell: (council) => (
        <Badge tone={awaits(council) ? 'yellow' : 'green'}>{t(awaits(council) ? 'awaits' : 'approved')}</Badge>
      ),
    },
    {
      key: 'fee',
      header: t('councilFee'),
      numeric: true,
      cell: ({ monthlyBaseFeeJpy }) => yen(monthlyBaseFeeJpy),
    },
    { key: 'split', header: t('splitLabel'), cell: ({ split }) => t(`split.${split}`) },
    {
      key: 'members',
      header: t('members'),
      isProse: true,
      cell: (council) =>
        council.members
          .map(({ city, weight }) => (hasWeights(council) ? `${city.name}（${weight}）` : city.name))
          .join('、'),
    },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: (council) => (
        <span className="flex gap-2">
          {awaits(council) && mayApprove(council.proposedBy.id) && (
            <Button
              size="sm"
              aria-label={t('approveOf', { name: council.name })}
              onClick={() => open({ act: 'approve', council })}
            >
              {t('approve')}
            </Button>
          )}
          {awaits(council) && mayWrite && (
            <Button
              look="outline"
              size="sm"
              aria-label={t('withdrawOf', { name: council.name })}
              onClick={() => open({ act: 'withdraw', council })}
            >
              {t('withdraw')}
            </Button>
          )}
          {mayWrite && (
            <Button
              look="outline"
              size="sm"
              aria-label={t('joinOf', { name: council.name })}
              onClick={() => open({ act: 'join', council })}
            >
              {t('join')}
            </Button>
          )}
        </span>
      ),
    },
  ];
}
