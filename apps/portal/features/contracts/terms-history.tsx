'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Contract, type ContractTerms, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { Named } from '../../components/named.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { AgreeTermsDialog } from './agree-terms-dialog.tsx';
import { useTermsColumns } from './plan-list.tsx';
import { TermsComparison } from './terms-comparison.tsx';
import { CONTRACTS_KEY, VALID_FROM_CODES, useContractRights, usePlans } from './use-contracts.ts';

type Open = { act: 'propose' | 'agree' } | { act: 'approve' | 'withdraw'; terms: ContractTerms } | null;

/** All terms a contract had, has and will have, who proposed and who approved them. */
export function TermsHistory({ contract }: { contract: Contract }) {
  const t = useTranslations('contracts');
  const { mayWrite } = useContractRights();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <section className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end justify-between gap-4">
        <h2 className="text-std-20B-150">{t('terms')}</h2>
        {mayWrite && contract.state !== 'ended' && (
          <span className="flex flex-wrap gap-3">
            <Button look="outline" onClick={() => setOpen({ act: 'propose' })}>
              {t('changeTerms')}
            </Button>
            <Button look="outline" onClick={() => setOpen({ act: 'agree' })}>
              {t('agree')}
            </Button>
          </span>
        )}
      </div>
      <DataTable
        caption={t('terms')}
        rows={contract.terms}
        rowKey={({ validFrom }) => validFrom}
        columns={useHistoryColumns(setOpen)}
      />
      {open?.act === 'propose' && <ProposeTermsDialog contract={contract} onClose={close} />}
      {open?.act === 'agree' && <AgreeTermsDialog contract={contract} onClose={close} />}
      {open && 'terms' in open && <DecideTermsDialog contract={contract} {...open} onClose={close} />}
    </section>
  );
}

function useHistoryColumns(open: (what: Open) => void): Column<ContractTerms>[] {
  const t = useTranslations('contracts');
  const { day } = useFormats();
  const common = useTranslations('common');
  const { mayWrite, mayApprove } = useContractRights();
  return [
    {
      key: 'validFrom',
      header: t('validFrom'),
      isHeader: true,
      cell: ({ validFrom, plan, approvedBy }) => (
        <span className="flex flex-col gap-1">
          <Named name={day(validFrom)} code={plan?.name ?? t('individual')} />
          {!approvedBy && <Badge tone="yellow">{t('awaits')}</Badge>}
        </span>
      ),
    },
    ...useTermsColumns<ContractTerms>(({ terms }) => terms),
    {
      key: 'people',
      header: t('people'),
      cell: ({ proposedBy, approvedBy }) => (
        <span className="flex flex-col gap-1">
          <span>{t('proposedByName', { name: proposedBy.name })}</span>
          {approvedBy && <span>{t('approvedByName', { name: approvedBy.name })}</span>}
        </span>
      ),
    },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: (terms) =>
        terms.approvedBy ? null : (
          <span className="flex gap-2">
            {mayApprove(terms.proposedBy.id) && (
              <Button
                size="sm"
                aria-label={t('approveOf', { name: day(terms.validFrom) })}
                onClick={() => open({ act: 'approve', terms })}
              >
                {t('approve')}
              </Button>
            )}
            {mayWrite && (
              <Button
                look="outline"
                size="sm"
                aria-label={t('withdrawOf', { name: day(terms.validFrom) })}
                onClick={() => open({ act: 'withdraw', terms })}
              >
                {t('withdraw')}
              </Button>
            )}
          </span>
        ),
    },
  ];
}

function ProposeTermsDialog({ contract, onClose }: { contract: Contract; onClose: () => void }) {
  const t = useTranslations('contracts');
  const { day } = useFormats();
  const client = useQueryClient();
  const plans = usePlans().data?.items.filter(({ retiredAt }) => !retiredAt) ?? [];
  return (
    <FormDialog
      title={t('changeTerms')}
      submitLabel={t('propose')}
      fields={[
        {
          name: 'validFrom',
          label: t('validFrom'),
          hint: t('validFromHint', { to: day(contract.endsOn) }),
          required: true,
          isDay: true,
          codes: VALID_FROM_CODES,
        },
        {
          name: 'planId',
          label: t('plan'),
          required: true,
          placeholder: t('choose'),
          choices: plans.map(({ id, code, name }) => ({ value: id, label: `${name}（${code}）` })),
        },
      ]}
      onSubmit={async ({ validFrom, planId }) => {
        const body = { validFrom, terms: { planId } };
        await unwrap(api.POST('/api/finance/v1/contracts/{id}/terms', { params: { path: { id: contract.id } }, body }));
        await client.invalidateQueries({ queryKey: CONTRACTS_KEY });
      }}
      onClose={onClose}
    />
  );
}

interface DecideProps {
  contract: Contract;
  act: 'approve' | 'withdraw';
  terms: ContractTerms;
  onClose: () => void;
}

/** Whoever approves must see what. With its first terms goes a contract that nobody approved. */
function DecideTermsDialog({ contract, act, terms: { validFrom, terms }, onClose }: DecideProps) {
  const t = useTranslations('contracts');
  const { day } = useFormats();
  const client = useQueryClient();
  const router = useRouter();
  const params = { path: { id: contract.id, validFrom } };
  const before = contract.terms.findLast((other) => other.approvedBy && other.validFrom < validFrom);
  const endsContract = act === 'withdraw' && validFrom === contract.startsOn;
  const decide = async () => {
    if (act === 'approve')
      await unwrap(api.POST('/api/finance/v1/contracts/{id}/terms/{validFrom}/approve', { params }));
    else await unwrap(api.POST('/api/finance/v1/contracts/{id}/terms/{validFrom}/withdraw', { params }));
    if (endsContract) router.push('/finance/contracts');
    else await client.invalidateQueries({ queryKey: CONTRACTS_KEY });
  };
  return (
    <ConfirmDialog
      title={t(act === 'approve' ? 'approveOf' : 'withdrawOf', { name: day(validFrom) })}
      confirmLabel={t(act)}
      danger={act === 'withdraw'}
      onConfirm={decide}
      onClose={onClose}
    >
      <TermsComparison before={before?.terms} now={terms} />
      {endsContract && <p className="mt-4">{t('withdrawContract')}</p>}
    </ConfirmDialog>
  );
}
