'use client';

import { useTranslations } from 'use-intl';
import { type RosterChange, type RosterImport, unwrap } from '#libs/api-client';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { useChangeWords } from './use-change-words.ts';
import { useRosterAct } from './use-roster.ts';

interface WithdrawDialogProps {
  found: RosterImport;
  line: RosterChange;
  onClose: () => void;
}

/** Takes one line out of a plan before its day. */
export function WithdrawDialog({ found: { id, effectiveOn }, line, onClose }: WithdrawDialogProps) {
  const t = useTranslations('roster');
  const common = useTranslations('common');
  const { day } = useFormats();
  const wordsOf = useChangeWords();
  const { subject, key } = line;
  const params = { path: { id } };
  const withdraw = useRosterAct(id, () =>
    unwrap(api.POST('/api/v1/roster-imports/{id}/withdrawals', { params, body: { subject, key } })),
  );
  return (
    <ConfirmDialog
      danger
      title={t('withdrawLineOf', { key })}
      confirmLabel={t('withdrawLine')}
      leaveLabel={common('back')}
      onConfirm={() => withdraw.mutateAsync(undefined)}
      onDone={onClose}
      onClose={onClose}
    >
      <p>{wordsOf(line)}</p>
      <p>{t('withdrawLineLead', { day: day(effectiveOn) })}</p>
    </ConfirmDialog>
  );
}
