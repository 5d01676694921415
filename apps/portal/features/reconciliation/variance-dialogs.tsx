'use client';

import { useTranslations } from 'use-intl';
import { type Variance, unwrap } from '#libs/api-client';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { api } from '../session/api.ts';
import { useRefresh, useUsd } from './use-reconciliation.ts';

type Entry = Variance['entries'][number];

export interface EntryAct {
  kind: 'account' | 'approve' | 'withdraw';
  variance: Variance;
  /** The one that waits for approval. */
  entry: Entry | undefined;
}

const KINDS = ['explained', 'posted'] as const;

interface VarianceDialogsProps {
  act: EntryAct;
  onClose: () => void;
}

/** Accounting for a variance: proposed by one person, decided by another. */
export function VarianceDialogs({ act, onClose }: VarianceDialogsProps) {
  return act.kind === 'account' ? (
    <AccountDialog variance={act.variance} onClose={onClose} />
  ) : (
    <DecideDialog act={act} onClose={onClose} />
  );
}

function AccountDialog({ variance: { id, openUsd }, onClose }: { variance: Variance; onClose: () => void }) {
  const t = useTranslations('reconciliation');
  const usd = useUsd();
  const refresh = useRefresh();
  const propose = async ({ kind, explanation }: Record<'kind' | 'explanation', string>) => {
    await unwrap(
      api.POST('/api/finance/v1/variances/{id}/entries', {
        params: { path: { id } },
        body: { kind: kind as (typeof KINDS)[number], explanation },
      }),
    );
    await refresh();
  };
  return (
    <FormDialog
      title={t('accountTitle', { usd: usd(openUsd) })}
      submitLabel={t('propose')}
      onSubmit={propose}
      onClose={onClose}
      fields={[
        {
          name: 'kind',
          label: t('kind'),
          hint: t('kindHint'),
          required: true,
          initial: 'explained',
          choices: KINDS.map((value) => ({ value, label: t(`kinds.${value}`) })),
        },
        { name: 'explanation', label: t('explanation'), hint: t('explanationHint'), required: true, maxLength: 2_000 },
      ]}
    />
  );
}

function DecideDialog({ act: { kind, entry }, onClose }: VarianceDialogsProps) {
  const t = useTranslations('reconciliation');
  const usd = useUsd();
  const refresh = useRefresh();
  if (!entry || kind === 'account') return null;
  const decide = async () => {
    const params = { params: { path: { id: entry.id } } };
    await unwrap(
      kind === 'approve'
        ? api.POST('/api/finance/v1/variance-entries/{id}/approve', params)
        : api.POST('/api/finance/v1/variance-entries/{id}/withdraw', params),
    );
    await refresh();
  };
  return (
    <ConfirmDialog
      title={t(kind === 'approve' ? 'approveEntry' : 'withdrawEntry')}
      confirmLabel={t(kind)}
      onConfirm={decide}
      onClose={onClose}
    >
      <p>{t('entry', { kind: t(`kinds.${entry.kind}`), usd: usd(entry.usd) })}</p>
      <p className="break-words">{entry.explanation}</p>
      <p>{t('byOne', { proposedBy: entry.proposedBy })}</p>
    </ConfirmDialog>
  );
}
