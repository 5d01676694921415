'use client';

import Link from 'next/link';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Contract } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { ChangeContractDialog } from './change-contract-dialog.tsx';
import { ContractEnding } from './contract-ending.tsx';
import { STATE_TONES } from './contract-list.tsx';
import { ContractPreview } from './contract-preview.tsx';
import { TermsHistory } from './terms-history.tsx';
import { useContract, useContractRights } from './use-contracts.ts';

/** One contract: whom it is with, its terms and what became of them, and what use would cost under it. */
export function ContractPage({ id }: { id: string }) {
  const t = useTranslations('contracts');
  const contract = useContract(id);
  const { mayWrite } = useContractRights();
  const [changes, setChanges] = useState(false);
  if (contract.isPending) return <Skeleton rows={6} />;
  const problem = contract.error && <ProblemNotice error={contract.error} onRetry={() => void contract.refetch()} />;
  if (!contract.data) return problem;
  const one = contract.data;
  return (
    <>
      <Link href="/finance/contracts" className="w-fit text-key-900 underline underline-offset-4">
        {t('back')}
      </Link>
      {problem}
      <PageHeader
        title={one.title}
        lead={`${one.city.code} ${one.city.name}`}
        actions={
          mayWrite && (
            <Button look="outline" onClick={() => setChanges(true)}>
              {t('change')}
            </Button>
          )
        }
      />
      <ContractFacts contract={one} />
      <TermsHistory contract={one} />
      <ContractEnding contract={one} />
      <ContractPreview contract={one} />
      {changes && <ChangeContractDialog contract={one} onClose={() => setChanges(false)} />}
    </>
  );
}

function ContractFacts({ contract }: { contract: Contract }) {
  const t = useTranslations('contracts');
  const { day } = useFormats();
  const facts: [string, React.ReactNode][] = [
    [t('state'), <Badge tone={STATE_TONES[contract.state]}>{t(`states.${contract.state}`)}</Badge>],
    [t('term'), t('period', { from: day(contract.startsOn), to: day(contract.endsOn) })],
    [t('council'), contract.council?.name ?? t('none')],
    [t('billingName'), contract.billingName],
    [t('address'), [contract.billingPostalCode, contract.billingAddress].filter(Boolean).join(' ') || '—'],
    [t('deletionDays'), t('days', { days: String(contract.deletionDays) })],
    [t('createdBy'), contract.createdBy.name],
  ];
  return (
    <dl className="grid gap-x-8 gap-y-1 sm:grid-cols-[auto_1fr] sm:gap-y-2">
      {facts.map(([term, value]) => (
        <div key={term} className="contents">
          <dt className="text-std-16B-170">{term}</dt>
          <dd className="mb-2 text-std-16N-170 break-words sm:mb-0">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
