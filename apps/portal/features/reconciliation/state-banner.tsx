'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Reconciliation, unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { useAccountant, useRefresh, useUsd } from './use-reconciliation.ts';

interface StateBannerProps {
  reconciliation: Reconciliation;
}

const WAIVER = '/api/finance/v1/reconciliations/{month}/waiver';

/** Whether invoices of the month may go out, by which figures, and from which file. */
export function StateBanner({ reconciliation }: StateBannerProps) {
  const t = useTranslations('reconciliation');
  const usd = useUsd();
  const { blockedBy, needsReport, report, isReportFinal, waiver, openUsd, allowedUsd } = reconciliation;
  const state = blockedBy ?? (!needsReport ? 'NOT_NEEDED' : isReportFinal ? 'SETTLED' : 'WAIVED');
  return (
    <Banner
      tone={blockedBy ? 'warning' : needsReport ? 'success' : 'info'}
      title={t(`states.${state}`)}
      actions={needsReport && !isReportFinal && <WaiverActions reconciliation={reconciliation} />}
    >
      {report && <ReportFacts reconciliation={reconciliation} />}
      {report && <p>{t('open', { open: usd(openUsd), allowed: usd(allowedUsd) })}</p>}
      {report && !isReportFinal && <p>{t('preview')}</p>}
      {waiver && (
        <p>
          {t(waiver.approvedBy ? 'waiverApproved' : 'waiverProposed', {
            reason: waiver.reason,
            proposedBy: waiver.proposedBy,
            approvedBy: waiver.approvedBy ?? '',
          })}
        </p>
      )}
    </Banner>
  );
}

function ReportFacts({ reconciliation: { report, providerUsd, ourUsd } }: StateBannerProps) {
  const t = useTranslations('reconciliation');
  const usd = useUsd();
  const { number, time } = useFormats();
  if (!report) return null;
  return (
    <>
      <p>{t('sums', { provider: usd(providerUsd), ours: usd(ourUsd) })}</p>
      <p className="break-words">
        {t('report', {
          name: report.fileName,
          format: t(report.format === 'cur-2.0' ? 'formats.cur' : 'formats.costExplorer'),
          by: report.importedBy,
          at: time(report.importedAt),
        })}
      </p>
      <p>{t('beside', { lines: number(report.otherLines), other: usd(report.otherUsd), tax: usd(report.taxUsd) })}</p>
    </>
  );
}

function WaiverActions({ reconciliation: { month, waiver } }: StateBannerProps) {
  const t = useTranslations('reconciliation');
  const refresh = useRefresh();
  const { id, mayWrite, mayApprove } = useAccountant();
  const [open, setOpen] = useState<'propose' | 'approve' | 'withdraw' | null>(null);
  const close = () => setOpen(null);
  const path = { params: { path: { month } } };
  const isOpen = waiver !== null && waiver.approvedAt === null;

  return (
    <>
      {!waiver && mayWrite && (
        <Button look="outline" size="sm" onClick={() => setOpen('propose')}>
          {t('waive')}
        </Button>
      )}
      {isOpen && mayApprove && waiver.proposedById !== id && (
        <Button size="sm" onClick={() => setOpen('approve')}>
          {t('approve')}
        </Button>
      )}
      {isOpen && mayWrite && (
        <Button look="outline" size="sm" onClick={() => setOpen('withdraw')}>
          {t('withdraw')}
        </Button>
      )}
      {open === 'propose' && (
        <FormDialog
          title={t('waive')}
          submitLabel={t('propose')}
          fields={[{ name: 'reason', label: t('reason'), hint: t('waiveHint'), required: true, maxLength: 2_000 }]}
          onSubmit={async (body) => {
            await unwrap(api.PUT(WAIVER, { ...path, body }));
            await refresh();
          }}
          onClose={close}
        />
      )}
      {(open === 'approve' || open === 'withdraw') && (
        <ConfirmDialog
          title={t(open === 'approve' ? 'approveWaiver' : 'withdrawWaiver')}
          confirmLabel={t(open === 'approve' ? 'approve' : 'withdraw')}
          onConfirm={async () => {
            await unwrap(open === 'approve' ? api.POST(`${WAIVER}/approve`, path) : api.DELETE(WAIVER, path));
            await refresh();
          }}
          onClose={close}
        >
          {waiver?.reason}
        </ConfirmDialog>
      )}
    </>
  );
}
