'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type UsageCorrection, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Named } from '../../components/named.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useVendorMe } from '../session/use-session.ts';
import { CORRECTIONS_KEY, CORRECTION_KINDS } from './corrections.ts';

const STEPS = [
  { step: 'approve', permission: 'invoice:approve' },
  { step: 'withdraw', permission: 'invoice:review' },
] as const;

type Step = (typeof STEPS)[number]['step'];

/** What was proposed to correct, newest first; who is not its proposer approves it. */
export function UsageCorrections() {
  const t = useTranslations('corrections');
  const { month } = useFormats();
  const [open, setOpen] = useState<{ step: Step; correction: UsageCorrection } | null>(null);
  const [done, setDone] = useState('');
  const corrections = usePages(CORRECTIONS_KEY, (cursor, signal) =>
    unwrap(api.GET('/api/finance/v1/usage-corrections', { params: { query: { cursor } }, signal })),
  );
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-std-20B-150">{t('title')}</h2>
      <p className="text-std-16N-170">{t('lead')}</p>
      <p role="status" className="text-std-16N-170 empty:hidden">
        {done}
      </p>
      <ResourceTable
        caption={t('title')}
        query={corrections}
        rows={corrections.rows}
        rowKey={({ id }) => id}
        columns={useCorrectionColumns((step, correction) => setOpen({ step, correction }))}
        empty={t('empty')}
      />
      {open && (
        <DecisionDialog
          {...open}
          onDone={({ billingMonth }) => {
            setDone(billingMonth ? t('approved', { month: month(billingMonth) }) : t('withdrawDone'));
            setOpen(null);
          }}
          onClose={() => setOpen(null)}
        />
      )}
    </section>
  );
}

/** The call that is corrected, as it is told apart by eye. */
function useCallWords(): (correction: UsageCorrection) => string {
  const { exactTime } = useFormats();
  return ({ acceptedAt, model }) => `${exactTime(acceptedAt)} ${model}`;
}

function useCorrectionColumns(open: (step: Step, correction: UsageCorrection) => void): Column<UsageCorrection>[] {
  const t = useTranslations('corrections');
  const common = useTranslations('common');
  const { exactTime, month } = useFormats();
  const callOf = useCallWords();
  const me = useVendorMe().data;
  const steps = STEPS.filter(({ permission }) => me && can(me, permission));
  return [
    {
      key: 'call',
      header: t('call'),
      isHeader: true,
      isProse: true,
      cell: (row) => <Named name={row.cityName} code={callOf(row)} />,
    },
    { key: 'change', header: t('change'), cell: (row) => <Changes correction={row} /> },
    { key: 'reason', header: t('reason'), isProse: true, cell: ({ reason }) => reason },
    {
      key: 'state',
      header: t('state'),
      cell: ({ billingMonth, withdrawnBy }) =>
        billingMonth ? (
          <Badge tone="green">{t('billedIn', { month: month(billingMonth) })}</Badge>
        ) : (
          <Badge tone={withdrawnBy ? 'neutral' : 'yellow'}>{withdrawnBy ? t('withdrawn') : t('waiting')}</Badge>
        ),
    },
    {
      key: 'people',
      header: t('people'),
      cell: ({ proposedBy, proposedAt, approvedBy }) => (
        <>
          <Named name={t('proposedBy', { name: proposedBy })} code={exactTime(proposedAt)} />
          {approvedBy && <span className="mt-1 block">{t('approvedBy', { name: approvedBy })}</span>}
        </>
      ),
    },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: (row) =>
        !row.approvedBy &&
        !row.withdrawnBy && (
          <div className="flex gap-2">
            {steps.map(({ step }) => (
              <Button
                key={step}
                look="outline"
                size="sm"
                aria-label={t(`${step}Of`, { city: row.cityName, call: callOf(row) })}
                onClick={() => open(step, row)}
              >
                {t(step)}
              </Button>
            ))}
          </div>
        ),
    },
  ];
}

interface DecisionDialogProps {
  step: Step;
  correction: UsageCorrection;
  onDone: (settled: UsageCorrection) => void;
  onClose: () => void;
}

/** Shows once more what is approved or taken back. */
function DecisionDialog({ step, correction, onDone, onClose }: DecisionDialogProps) {
  const t = useTranslations('corrections');
  const client = useQueryClient();
  const callOf = useCallWords();
  const settle = async (): Promise<UsageCorrection> => {
    const params = { path: { id: correction.id } };
    const settled = await unwrap(
      step === 'approve'
        ? api.POST('/api/finance/v1/usage-corrections/{id}/approve', { params })
        : api.POST('/api/finance/v1/usage-corrections/{id}/withdraw', { params }),
    );
    await client.invalidateQueries({ queryKey: CORRECTIONS_KEY });
    return settled;
  };
  return (
    <ConfirmDialog
      title={t(`${step}Title`)}
      confirmLabel={t(step)}
      onConfirm={settle}
      onDone={onDone}
      onClose={onClose}
    >
      <div className="flex flex-col gap-4">
        <Named name={correction.cityName} code={callOf(correction)} />
        <Changes correction={correction} />
        <p>
          {t('reason')}：{correction.reason}
        </p>
        <p>{t(`${step}Lead`)}</p>
      </div>
    </ConfirmDialog>
  );
}

/** Only what changes, with its sign. */
function Changes({ correction }: { correction: UsageCorrection }) {
  const t = useTranslations('corrections');
  const { number } = useFormats();
  return (
    <ul>
      {CORRECTION_KINDS.filter((kind) => correction[kind] !== 0).map((kind) => (
        <li key={kind} className="tabular-nums">
          {t(`kinds.${kind}`)} {correction[kind] > 0 && '+'}
          {number(correction[kind])}
        </li>
      ))}
    </ul>
  );
}
