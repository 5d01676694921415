'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type CityExitRecord, unwrap } from '#libs/api-client';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { RowButton } from '../../components/row-button.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { useVendorMe } from '../session/use-session.ts';

type Finding = CityExitRecord['findings'][number];

interface ExitFindingsProps {
  exit: CityExitRecord;
  onDone: () => Promise<void>;
}

/** What the scan found: where, never what. A name may be judged not to be of the city, by two people. */
export function ExitFindings({ exit, onDone }: ExitFindingsProps) {
  const t = useTranslations('exit');
  const { number } = useFormats();
  const me = useVendorMe().data;
  const [judged, setJudged] = useState<Finding | null>(null);
  const columns: Column<Finding>[] = [
    { key: 'place', header: t('place'), isHeader: true, cell: ({ place }) => place },
    { key: 'column', header: t('column'), cell: ({ column }) => column ?? '—' },
    { key: 'kind', header: t('kind'), isProse: true, cell: ({ kind }) => t(`kinds.${kind}`) },
    { key: 'count', header: t('count'), numeric: true, cell: ({ count }) => number(count) },
    {
      key: 'judgement',
      header: t('judgement'),
      isProse: true,
      cell: (finding) => <Judgement finding={finding} myId={me?.vendorUser.id} onChoose={() => setJudged(finding)} />,
    },
  ];
  return (
    <>
      <DataTable
        caption={t('findings')}
        rows={exit.findings}
        rowKey={({ place, column, kind }) => `${place} ${column} ${kind}`}
        columns={columns}
      />
      {judged && <JudgementDialog exitId={exit.id} finding={judged} onDone={onDone} onClose={() => setJudged(null)} />}
    </>
  );
}

/** How far the judgement of a finding is, and what the person before the screen can do. */
function Judgement({
  finding: { place, column, kind, judgement },
  myId,
  onChoose,
}: {
  finding: Finding;
  myId: string | undefined;
  onChoose: () => void;
}) {
  const t = useTranslations('exit');
  const name = `${place} ${column ?? ''}`;
  if (kind !== 'name') return t('notJudged');
  if (judgement?.confirmedAt) return t('confirmed', { name: judgement.judgedBy.name });
  if (judgement?.judgedBy.id === myId) return t('awaitsConfirmation');
  return (
    <RowButton
      label={t(judgement ? 'confirm' : 'judge')}
      name={t(judgement ? 'confirmOf' : 'judgeOf', { name })}
      onPress={onChoose}
    />
  );
}

function JudgementDialog({
  exitId,
  finding: { place, column, count, judgement },
  onDone,
  onClose,
}: {
  exitId: string;
  finding: Finding;
  onDone: () => Promise<void>;
  onClose: () => void;
}) {
  const t = useTranslations('exit');
  const { number, time } = useFormats();
  const where = t('findingAt', { place, column: column ?? '', count: number(count) });
  if (judgement)
    return (
      <ConfirmDialog
        title={t('confirmTitle')}
        confirmLabel={t('confirm')}
        onConfirm={async () => {
          const params = { path: { id: exitId, judgementId: judgement.id } };
          await unwrap(api.POST('/api/ops/v1/city-exits/{id}/judgements/{judgementId}/confirm', { params }));
          await onDone();
        }}
        onClose={onClose}
      >
        <p>{where}</p>
        <p>{t('judgedBy', { name: judgement.judgedBy.name, time: time(judgement.judgedAt) })}</p>
        <p className="break-words">{t('reasonOf', { reason: judgement.reason })}</p>
        <p>{t('confirmLead')}</p>
      </ConfirmDialog>
    );
  return (
    <FormDialog
      title={t('judgeTitle')}
      lead={`${where} ${t('judgeLead')}`}
      submitLabel={t('judge')}
      fields={[{ name: 'reason', label: t('reason'), hint: t('judgeReasonHint'), required: true, maxLength: 500 }]}
      onSubmit={async ({ reason }) => {
        await unwrap(
          api.POST('/api/ops/v1/city-exits/{id}/judgements', {
            params: { path: { id: exitId } },
            body: { place, column: column ?? '', reason },
          }),
        );
        await onDone();
      }}
      onClose={onClose}
    />
  );
}
