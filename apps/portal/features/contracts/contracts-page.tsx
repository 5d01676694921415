'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { SelectField } from '../../components/field.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { fiscalYear } from '../../i18n/jst.ts';
import { ContractList } from './contract-list.tsx';
import { CouncilList } from './council-list.tsx';
import { PlanList } from './plan-list.tsx';

/** What cities pay by: their contracts of a fiscal year, the plans these come from, and the councils. */
export function ContractsPage() {
  const t = useTranslations('contracts');
  const thisYear = fiscalYear();
  const [year, setYear] = useState(thisYear);
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <div className="max-w-60">
        <SelectField
          label={t('fiscalYear')}
          value={String(year)}
          onChange={(event) => setYear(Number(event.target.value))}
          choices={[thisYear - 1, thisYear, thisYear + 1].map((value) => ({
            value: String(value),
            label: t('yearOf', { year: String(value) }),
          }))}
        />
      </div>
      <Tabs
        label={t('title')}
        tabs={[
          { key: 'contracts', label: t('contracts'), content: <ContractList year={year} /> },
          { key: 'councils', label: t('councils'), content: <CouncilList year={year} /> },
          { key: 'plans', label: t('plans'), content: <PlanList /> },
        ]}
      />
    </>
  );
}
