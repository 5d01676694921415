'use client';

import { useMutation } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { ApiProblem, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { DialogActions } from '../../components/dialog-actions.tsx';
import { ProblemNotice, useProblemWords } from '../../components/problem-notice.tsx';
import { api } from '../session/api.ts';

export type BulkStep = 'review' | 'approve' | 'issue';

const MOST = 100;

const PATHS = {
  review: '/api/finance/v1/invoices/review',
  approve: '/api/finance/v1/invoices/approve',
  issue: '/api/finance/v1/invoices/issue',
} as const;

/** One step for one or many invoices. @returns how many were refused, by code */
export async function takeStep(step: BulkStep, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const refused = new Map<string, number>();
  for (let from = 0; from < ids.length; from += MOST) {
    const { items } = await unwrap(api.POST(PATHS[step], { body: { ids: ids.slice(from, from + MOST) } }));
    for (const { code } of items) if (code) refused.set(code, (refused.get(code) ?? 0) + 1);
  }
  return refused;
}

interface BulkDialogProps {
  step: BulkStep;
  ids: readonly string[];
  onDone: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks before a step for many, and says afterwards which of them were left as they were and why. */
export function BulkDialog({ step, ids, onDone, onClose }: BulkDialogProps) {
  const t = useTranslations('invoices');
  const common = useTranslations('common');
  const words = useProblemWords();
  const action = useMutation({
    mutationFn: async () => {
      const refused = await takeStep(step, ids);
      await onDone();
      return refused;
    },
    onSuccess: (refused) => {
      if (refused.size === 0) onClose();
    },
  });
  return (
    <Dialog title={t(`bulk.${step}`, { count: ids.length })} isBusy={action.isPending} onClose={onClose}>
      <p className="text-std-16N-170">{t(`bulkLead.${step}`)}</p>
      {action.error && <ProblemNotice error={action.error} />}
      <ul role="status" className="list-disc pl-6 text-std-16N-170">
        {[...(action.data ?? [])].map(([code, count]) => (
          <li key={code}>
            {t('refused', { count, reason: words(new ApiProblem({ title: code, status: 409, code })).title })}
          </li>
        ))}
      </ul>
      <DialogActions onLeave={onClose} isBusy={action.isPending} leaveLabel={action.data && common('close')}>
        {!action.data && (
          <Button inactive={action.isPending} onClick={() => action.mutate()}>
            {t(`steps.${step}`)}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}
