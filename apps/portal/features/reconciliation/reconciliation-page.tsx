'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { TextField } from '../../components/field.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { jstMonth } from '../../i18n/jst.ts';
import { CostCharts } from './cost-charts.tsx';
import { MappingTable } from './mapping-table.tsx';
import { ReportUpload } from './report-upload.tsx';
import { StateBanner } from './state-banner.tsx';
import { UnmappedTable } from './unmapped-table.tsx';
import { useAccountant, useReconciliation } from './use-reconciliation.ts';
import { VarianceTable } from './variance-table.tsx';

/** The provider's bill of a month against ours: what differs, who accounted for it, and whether invoices may go out. */
export function ReconciliationPage() {
  const t = useTranslations('reconciliation');
  const [month, setMonth] = useState(() => jstMonth());
  const { data, error, isPending, refetch } = useReconciliation(month);
  const { mayWrite } = useAccountant();

  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <div className="flex flex-wrap items-end gap-4">
        <div className="w-60">
          <TextField
            label={t('month')}
            type="month"
            value={month}
            max={jstMonth()}
            onChange={(event) => setMonth(event.target.value)}
          />
        </div>
        {mayWrite && month !== '' && <ReportUpload key={month} month={month} />}
      </div>
      {isPending && month !== '' && <Skeleton rows={6} />}
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {data && !error && (
        <>
          <StateBanner reconciliation={data} />
          {data.unmapped.length > 0 && <UnmappedTable rows={data.unmapped} />}
          {data.report && <VarianceTable rows={data.variances} />}
          {data.days.length > 0 && <CostCharts reconciliation={data} />}
        </>
      )}
      <MappingTable />
    </>
  );
}
