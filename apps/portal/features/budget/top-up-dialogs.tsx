'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type TopUpRequest, unwrap } from '#libs/api-client';
import { FormDialog } from '../../components/form-dialog.tsx';
import { jstMonth } from '../../i18n/jst.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { monthsFromNow } from './months.ts';

export const TOP_UPS_KEY = ['top-up-requests'] as const;

const MONTHS_AHEAD = 3;
const MAX_WORDS = 500;

/** A manager asks for more tokens for the own department. */
export function TopUpDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('budget.topUps');
  const budget = useTranslations('budget');
  const common = useTranslations('common');
  const formats = useFormats();
  const client = useQueryClient();
  const send = async ({ month, tokens, reason }: Record<'month' | 'tokens' | 'reason', string>) => {
    await unwrap(api.POST('/api/v1/top-up-requests', { body: { month, tokens: Number(tokens), reason } }));
    await client.invalidateQueries({ queryKey: TOP_UPS_KEY });
  };
  return (
    <FormDialog
      title={t('ask')}
      submitLabel={t('send')}
      onSubmit={send}
      onClose={onClose}
      fields={[
        {
          name: 'month',
          label: budget('month'),
          required: true,
          initial: jstMonth(),
          choices: monthsFromNow(MONTHS_AHEAD).map((value) => ({ value, label: formats.month(value) })),
        },
        {
          name: 'tokens',
          label: t('tokens'),
          required: true,
          inputMode: 'numeric',
          check: (value) => (/^[1-9]\d{0,12}$/.test(value) ? undefined : common('wholeNumberFault')),
        },
        { name: 'reason', label: t('reason'), required: true, maxLength: MAX_WORDS },
      ]}
    />
  );
}

interface DecisionProps {
  kind: 'approve' | 'decline';
  request: TopUpRequest;
  onClose: () => void;
}

/** An approval moves the limit at once; a refusal says why. */
export function DecisionDialog({ kind, request: { id, departmentName, tokens }, onClose }: DecisionProps) {
  const t = useTranslations('budget.topUps');
  const { number } = useFormats();
  const client = useQueryClient();
  const decide = async ({ note }: { note: string }) => {
    const params = { path: { id } };
    await unwrap<unknown>(
      kind === 'approve'
        ? api.POST('/api/v1/top-up-requests/{id}/approve', { params, body: note ? { note } : {} })
        : api.POST('/api/v1/top-up-requests/{id}/decline', { params, body: { note } }),
    );
    await Promise.all(
      ['top-up-requests', 'allotments', 'budget-notices'].map((key) => client.invalidateQueries({ queryKey: [key] })),
    );
  };
  return (
    <FormDialog
      title={t(`${kind}Of`, { name: departmentName })}
      submitLabel={t(kind)}
      onSubmit={decide}
      onClose={onClose}
      fields={[
        {
          name: 'note',
          label: t(kind === 'approve' ? 'note' : 'declineReason'),
          hint: t(kind === 'approve' ? 'approveHint' : 'declineHint', { tokens: number(tokens) }),
          required: kind === 'decline',
          maxLength: MAX_WORDS,
        },
      ]}
    />
  );
}
