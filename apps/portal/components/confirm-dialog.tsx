'use client';

import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { DialogActions } from './dialog-actions.tsx';
import { ProblemNotice } from './problem-notice.tsx';

interface ConfirmDialogProps<Result> {
  title: string;
  confirmLabel: string;
  /** The way out, where to cancel is what is asked: the two would be one word. */
  leaveLabel?: string;
  children: ReactNode;
  danger?: boolean;
  onConfirm: () => Promise<Result>;
  /** Takes over from onClose when something is to be shown after success. */
  onDone?: (result: Result) => void;
  onClose: () => void;
}

/** Asks before something that is felt by others or cannot be undone. */
export function ConfirmDialog<Result>(props: ConfirmDialogProps<Result>) {
  const { title, confirmLabel, leaveLabel, children, danger, onConfirm, onClose, onDone = onClose } = props;
  const action = useMutation({ mutationFn: onConfirm, onSuccess: onDone });
  return (
    <Dialog title={title} isBusy={action.isPending} onClose={onClose}>
      <div className="text-std-16N-170">{children}</div>
      {action.error && <ProblemNotice error={action.error} />}
      <DialogActions onLeave={onClose} {...(leaveLabel && { leaveLabel })} isBusy={action.isPending}>
        <Button look={danger ? 'danger' : 'solid'} inactive={action.isPending} onClick={() => action.mutate()}>
          {confirmLabel}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
