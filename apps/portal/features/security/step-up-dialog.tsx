'use client';

import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { FactorProof } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { DialogActions } from '../../components/dialog-actions.tsx';
import { FormDialog, type FormField } from '../../components/form-dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { answerStepUps } from '../session/step-up.ts';
import { passkeyBar, showPasskey } from './passkeys.ts';
import { type Plane, SECURITY } from './security-api.ts';

type Answer = (proven: boolean) => void;

/** Mounted once per page: asks again who is there when the API wants to know, and lets the request go on. */
export function StepUpDialog({ plane }: { plane: Plane }) {
  const [answer, setAnswer] = useState<Answer | null>(null);
  useEffect(() => answerStepUps(() => new Promise<boolean>((resolve) => setAnswer(() => resolve))), []);
  if (!answer) return null;
  const close = (proven: boolean) => {
    setAnswer(null);
    answer(proven);
  };
  return <Proof plane={plane} onClose={close} />;
}

function Proof({ plane, onClose }: { plane: Plane; onClose: Answer }) {
  const t = useTranslations('security');
  const methods = useQuery({ queryKey: ['step-up', plane], queryFn: SECURITY[plane].stepUpMethods, gcTime: 0 });
  if (!methods.data)
    return (
      <Dialog title={t('stepUpTitle')} onClose={() => onClose(false)}>
        {methods.error ? (
          <ProblemNotice error={methods.error} onRetry={() => void methods.refetch()} />
        ) : (
          <Skeleton rows={3} />
        )}
        <DialogActions onLeave={() => onClose(false)} />
      </Dialog>
    );
  if (!methods.data.hasPassword) return <SignInAgain onClose={onClose} />;
  const hasFactor = methods.data.methods.length > 0;
  const hasPasskey = methods.data.methods.includes('passkey') && !passkeyBar();
  const password: FormField<'password' | 'code'> = {
    name: 'password',
    label: t('yourPassword'),
    required: true,
    password: 'current-password',
  };
  const code: FormField<'password' | 'code'> = {
    name: 'code',
    label: t('code'),
    hint: t(hasPasskey ? 'codeOrPasskeyHint' : 'codeOrRecoveryHint'),
    required: !hasPasskey,
    maxLength: 64,
  };
  return (
    <FormDialog
      title={t('stepUpTitle')}
      lead={t('stepUpLead')}
      submitLabel={t('stepUpSubmit')}
      fields={hasFactor ? [password, code] : [password]}
      onSubmit={async (values) =>
        SECURITY[plane].stepUp({
          password: values.password,
          proof: hasFactor ? await proofOf(plane, values.code) : null,
        })
      }
      onDone={() => onClose(true)}
      onClose={() => onClose(false)}
    />
  );
}

/** For those whom the city's identity provider signs in, and nothing else: the way back to this page leads through it. */
function SignInAgain({ onClose }: { onClose: Answer }) {
  const t = useTranslations('security');
  const leave = () => {
    const { pathname, search } = window.location;
    window.location.assign(`/sign-in?${new URLSearchParams({ next: pathname + search })}`);
  };
  return (
    <Dialog title={t('stepUpTitle')} onClose={() => onClose(false)}>
      <p>{t('signInAgainLead')}</p>
      <DialogActions onLeave={() => onClose(false)}>
        <Button onClick={leave}>{t('signInAgain')}</Button>
      </DialogActions>
    </Dialog>
  );
}

/** A code that was typed; nothing typed means a passkey. */
const proofOf = async (plane: Plane, code: string): Promise<FactorProof> =>
  code ? { method: methodOf(code), code } : showPasskey(plane);

/** Six digits, in any width, are an authenticator's; what has letters is a recovery code. */
const methodOf = (code: string) => (/^[\d\s]+$/.test(code.normalize('NFKC')) ? 'totp' : 'recovery');
