'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Contract, unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { CONTRACTS_KEY, useContractRights } from './use-contracts.ts';

/** An end before the agreed one: proposed with its reason, approved by another person. */
export function ContractEnding({ contract }: { contract: Contract }) {
  const t = useTranslations('contracts');
  const { day } = useFormats();
  const client = useQueryClient();
  const { mayWrite, mayApprove } = useContractRights();
  const [open, setOpen] = useState<'propose' | 'approve' | 'withdraw' | null>(null);
  const close = () => setOpen(null);
  const params = { path: { id: contract.id } };
  const refresh = () => client.invalidateQueries({ queryKey: CONTRACTS_KEY });
  const { ending, state } = contract;
  if (!ending && (!mayWrite || state === 'proposed' || state === 'ended')) return null;
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('ending')}</h2>
      {!ending && (
        <Button look="outline" className="self-start" onClick={() => setOpen('propose')}>
          {t('proposeEnding')}
        </Button>
      )}
      {ending && (
        <Banner
          tone={ending.approvedBy ? 'info' : 'warning'}
          title={t(ending.approvedBy ? 'endingApproved' : 'endingProposed', { day: day(ending.endsOn) })}
          actions={
            !ending.approvedBy && (
              <>
                {mayApprove(ending.proposedBy.id) && (
                  <Button size="sm" onClick={() => setOpen('approve')}>
                    {t('approveEnding')}
                  </Button>
                )}
                {mayWrite && (
                  <Button size="sm" look="outline" onClick={() => setOpen('withdraw')}>
                    {t('withdraw')}
                  </Button>
                )}
              </>
            )
          }
        >
          <p>{t('reasonOf', { reason: ending.reason })}</p>
        </Banner>
      )}
      {open === 'propose' && (
        <FormDialog
          title={t('proposeEnding')}
          submitLabel={t('propose')}
          fields={[
            { name: 'endsOn', label: t('lastDay'), hint: t('lastDayHint'), required: true, isDay: true },
            { name: 'reason', label: t('reason'), required: true, maxLength: 200 },
          ]}
          onSubmit={async (body) => {
            await unwrap(api.POST('/api/finance/v1/contracts/{id}/ending', { params, body }));
            await refresh();
          }}
          onClose={close}
        />
      )}
      {ending && open && open !== 'propose' && (
        <ConfirmDialog
          title={t(open === 'approve' ? 'approveEnding' : 'withdrawEnding')}
          confirmLabel={t(open)}
          danger={open === 'approve'}
          onConfirm={async () => {
            if (open === 'approve') await unwrap(api.POST('/api/finance/v1/contracts/{id}/ending/approve', { params }));
            else await unwrap(api.POST('/api/finance/v1/contracts/{id}/ending/withdraw', { params }));
            await refresh();
          }}
          onClose={close}
        >
          {t('endingProposed', { day: day(ending.endsOn) })}
        </ConfirmDialog>
      )}
    </section>
  );
}
