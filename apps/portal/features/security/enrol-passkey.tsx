'use client';

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../components/button.tsx';
import { DialogActions } from '../../components/dialog-actions.tsx';
import { TextField } from '../../components/field.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { makePasskey } from './passkeys.ts';
import { RecoveryCodes } from './recovery-codes.tsx';
import type { Plane } from './security-api.ts';

interface EnrolPasskeyProps {
  plane: Plane;
  onDone: () => void;
  /** The way out, in a dialog. */
  onLeave?: () => void;
}

/** A passkey: named, made by the browser, and the recovery codes kept. */
export function EnrolPasskey({ plane, onDone, onLeave }: EnrolPasskeyProps) {
  const t = useTranslations('security');
  const common = useTranslations('common');
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const make = useMutation({
    mutationFn: (name: string) => makePasskey(plane, name),
    onSuccess: ({ recoveryCodes }) => (recoveryCodes ? setCodes(recoveryCodes) : onDone()),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name') ?? '').trim();
    if (name) make.mutate(name);
    else event.currentTarget.querySelector<HTMLElement>('[name="name"]')?.focus();
  };
  const send = (
    <Button type="submit" className="self-start" inactive={make.isPending}>
      {make.isPending ? common('sending') : t('makePasskey')}
    </Button>
  );
  if (codes) return <RecoveryCodes codes={codes} onDone={onDone} />;
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-5">
      <p>{t('passkeyLead')}</p>
      {make.error && <ProblemNotice error={make.error} />}
      <TextField name="name" label={t('passkeyName')} hint={t('passkeyNameHint')} required maxLength={100} />
      {onLeave ? (
        <DialogActions onLeave={onLeave} isBusy={make.isPending}>
          {send}
        </DialogActions>
      ) : (
        send
      )}
    </form>
  );
}
