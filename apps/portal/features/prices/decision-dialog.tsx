'use client';

import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Decision } from './dated-columns.tsx';

interface DecisionDialogProps {
  decision: Decision;
  /** What it is about, figures and all: whoever approves must see what. */
  children: ReactNode;
  /** @returns how many calls were rated by it */
  onConfirm: () => Promise<number>;
  onDone: (ratedCalls: number) => void;
  onClose: () => void;
}

export function DecisionDialog({ decision, children, ...actions }: DecisionDialogProps) {
  const t = useTranslations('prices');
  return (
    <ConfirmDialog
      title={t(`${decision}Title`)}
      confirmLabel={t(decision)}
      danger={decision === 'withdraw'}
      {...actions}
    >
      <div className="flex flex-col gap-4">
        {children}
        <p>{t(`${decision}Lead`)}</p>
      </div>
    </ConfirmDialog>
  );
}

/** Terms and what they are, one under the other. */
export function Facts({ facts }: { facts: readonly (readonly [term: string, value: string])[] }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1">
      {facts.map(([term, value]) => (
        <div key={term} className="contents">
          <dt className="text-std-16B-170">{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
