'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type AgreedTerms, type Plan, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Named } from '../../components/named.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { api } from '../session/api.ts';
import { OfferPlanDialog } from './offer-plan-dialog.tsx';
import { PLANS_KEY, useContractRights, usePlans } from './use-contracts.ts';
import { useTermsWords } from './use-terms-words.ts';

/** The columns that say what terms are, of whatever has them. */
export function useTermsColumns<Row>(termsOf: (row: Row) => AgreedTerms): Column<Row>[] {
  const t = useTranslations('contracts');
  const words = useTermsWords();
  return [
    { key: 'baseFee', header: t('baseFee'), numeric: true, cell: (row) => words.baseFee(termsOf(row)) },
    {
      key: 'included',
      header: t('included'),
      numeric: true,
      cell: (row) => <Named name={words.included(termsOf(row))} code={words.counts(termsOf(row))} />,
    },
    { key: 'beyond', header: t('beyond'), isProse: true, cell: (row) => words.beyond(termsOf(row)) },
  ];
}

export function PlanList() {
  const t = useTranslations('contracts');
  const common = useTranslations('common');
  const { mayWrite } = useContractRights();
  const plans = usePlans();
  const client = useQueryClient();
  const [open, setOpen] = useState<'offer' | Plan | null>(null);
  const close = () => setOpen(null);
  const actions: Column<Plan> = {
    key: 'actions',
    header: common('actions'),
    isActions: true,
    cell: (plan) =>
      plan.retiredAt ? null : (
        <Button look="outline" size="sm" aria-label={t('retireOf', { name: plan.name })} onClick={() => setOpen(plan)}>
          {t('retire')}
        </Button>
      ),
  };
  const columns: Column<Plan>[] = [
    { key: 'name', header: t('plan'), isHeader: true, cell: (plan) => <Named {...plan} /> },
    {
      key: 'state',
      header: t('state'),
      cell: ({ retiredAt }) => (
        <Badge tone={retiredAt ? 'neutral' : 'green'}>{t(retiredAt ? 'retired' : 'onOffer')}</Badge>
      ),
    },
    ...useTermsColumns<Plan>(({ terms }) => terms),
  ];
  return (
    <>
      {mayWrite && (
        <Button className="self-end" onClick={() => setOpen('offer')}>
          {t('offer')}
        </Button>
      )}
      <ResourceTable
        caption={t('plans')}
        query={plans}
        rows={plans.data?.items ?? []}
        rowKey={({ id }) => id}
        columns={mayWrite ? [...columns, actions] : columns}
        empty={t('noPlans')}
      />
      {open === 'offer' && <OfferPlanDialog onClose={close} />}
      {open !== null && open !== 'offer' && (
        <ConfirmDialog
          title={t('retireTitle', { name: open.name })}
          confirmLabel={t('retire')}
          danger
          onConfirm={async () => {
            await unwrap(api.POST('/api/finance/v1/plans/{id}/retire', { params: { path: { id: open.id } } }));
            await client.invalidateQueries({ queryKey: PLANS_KEY });
          }}
          onClose={close}
        >
          {t('retireLead')}
        </ConfirmDialog>
      )}
    </>
  );
}
