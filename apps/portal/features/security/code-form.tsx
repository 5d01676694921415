'use client';

import type { FormEvent, ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../components/button.tsx';
import { DialogActions } from '../../components/dialog-actions.tsx';
import { TextField } from '../../components/field.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';

interface CodeFormProps {
  submitLabel: string;
  /** A recovery code instead of six digits. */
  recovery?: boolean;
  error: Error | null;
  isPending: boolean;
  onSubmit: (code: string) => void;
  /** The way out, in a dialog. */
  onLeave?: () => void;
  children?: ReactNode;
}

/** One code, typed from a phone or from paper. */
export function CodeForm({ submitLabel, recovery, error, isPending, onSubmit, onLeave, children }: CodeFormProps) {
  const t = useTranslations('security');
  const common = useTranslations('common');
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get('code') ?? '').trim();
    if (code) onSubmit(code);
    else event.currentTarget.querySelector<HTMLElement>('[name="code"]')?.focus();
  };
  const send = (
    <Button type="submit" inactive={isPending}>
      {isPending ? common('sending') : submitLabel}
    </Button>
  );
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-5">
      {error && <ProblemNotice error={error} />}
      <TextField
        key={recovery ? 'recovery' : 'totp'}
        name="code"
        label={recovery ? t('recoveryCode') : t('code')}
        hint={recovery ? t('recoveryCodeHint') : t('codeHint')}
        required
        inputMode={recovery ? 'text' : 'numeric'}
        autoComplete={recovery ? 'off' : 'one-time-code'}
        maxLength={recovery ? 64 : 12}
      />
      {onLeave ? (
        <DialogActions onLeave={onLeave} isBusy={isPending}>
          {send}
        </DialogActions>
      ) : (
        <div className="flex flex-wrap gap-3">
          {send}
          {children}
        </div>
      )}
    </form>
  );
}
