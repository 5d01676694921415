'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../components/button.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { can } from '../session/access.ts';
import { OwnContract } from '../contracts/own-contract.tsx';
import { useSignedIn } from '../session/city-shell.tsx';
import { Allotments } from './allotments.tsx';
import { CityBudget } from './city-budget.tsx';
import { ThresholdDialog } from './threshold-dialog.tsx';
import { TopUps } from './top-ups.tsx';

/** Limits of the city, of its departments and members, and what departments ask for beyond theirs; to a manager only these. */
export function BudgetPage() {
  const t = useTranslations('budget');
  const me = useSignedIn();
  const mayWrite = can(me, 'budget:write');
  const seesCity = can(me, 'city-budget:read');
  const [editsThresholds, setEditsThresholds] = useState(false);
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={
          mayWrite && (
            <Button look="outline" onClick={() => setEditsThresholds(true)}>
              {t('thresholds')}
            </Button>
          )
        }
      />
      {seesCity && <CityBudget mayWrite={mayWrite} />}
      <Allotments mayWrite={mayWrite} />
      <TopUps mayAsk={can(me, 'top-up:request')} mayDecide={can(me, 'top-up:decide')} />
      {seesCity && <OwnContract />}
      {editsThresholds && <ThresholdDialog onClose={() => setEditsThresholds(false)} />}
    </>
  );
}
