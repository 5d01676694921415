'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type BilledCall, unwrap } from '#libs/api-client';
import { FormDialog } from '../../components/form-dialog.tsx';
import { api } from '../session/api.ts';
import { useAttemptKey } from '../session/use-attempt-key.ts';
import { CORRECTIONS_KEY, CORRECTION_KINDS } from './corrections.ts';

interface CorrectCallDialogProps {
  call: BilledCall;
  onDone: () => void;
  onClose: () => void;
}

/** Proposes what to add to one call, or to take back from it; another person approves it. */
export function CorrectCallDialog({ call, onDone, onClose }: CorrectCallDialogProps) {
  const t = useTranslations('corrections');
  const client = useQueryClient();
  const attempt = useAttemptKey();
  const amounts = CORRECTION_KINDS.map((kind) => ({
    name: kind,
    label: t('delta', { kind: t(`kinds.${kind}`) }),
    hint: t('recorded', { amount: call[kind] }),
    initial: '0',
    required: true,
    check: (value: string) => (/^-?\d{1,12}$/.test(value) ? undefined : t('deltaFault')),
  }));
  return (
    <FormDialog
      title={t('proposeTitle')}
      submitLabel={t('propose')}
      fields={[
        ...amounts,
        { name: 'reason', label: t('reason'), hint: t('reasonHint'), required: true, maxLength: 200 },
      ]}
      onSubmit={async (values) => {
        const body = {
          usageRecordId: call.id,
          reason: values.reason,
          inputTokens: Number(values.inputTokens),
          outputTokens: Number(values.outputTokens),
          cacheReadTokens: Number(values.cacheReadTokens),
          cacheWriteTokens: Number(values.cacheWriteTokens),
          inputCharacters: Number(values.inputCharacters),
          outputCharacters: Number(values.outputCharacters),
        };
        const params = { header: { 'Idempotency-Key': attempt.keyOf(body) } };
        await unwrap(api.POST('/api/finance/v1/usage-corrections', { params, body }));
        await client.invalidateQueries({ queryKey: CORRECTIONS_KEY });
      }}
      onDone={onDone}
      onClose={onClose}
    />
  );
}
