'use client';

import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from './button.tsx';

interface DialogActionsProps {
  /** The way out: to cancel, unless `leaveLabel` says otherwise. */
  onLeave: () => void;
  leaveLabel?: string;
  /** No way out now; see Dialog. */
  isBusy?: boolean;
  /** The button that acts. */
  children?: ReactNode;
}

/** The last line of a dialog: out, and on. */
export function DialogActions({ onLeave, leaveLabel, isBusy, children }: DialogActionsProps) {
  const t = useTranslations('common');
  return (
    <div className="flex flex-wrap justify-end gap-3">
      <Button look="outline" inactive={isBusy} onClick={onLeave}>
        {leaveLabel ?? t('cancel')}
      </Button>
      {children}
    </div>
  );
}
