'use client';

import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { FactorProof } from '#libs/api-client';
import { FormDialog, type FormField } from '../../components/form-dialog.tsx';
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
  if (!methods.data) return null;
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

/** A code that was typed; nothing typed means a passkey. */
const proofOf = async (plane: Plane, code: string): Promise<FactorProof> =>
  code ? { method: methodOf(code), code } : showPasskey(plane);

/** Six digits, in any width, are an authenticator's; what has letters is a recovery code. */
const methodOf = (code: string) => (/^[\d\s]+$/.test(code.normalize('NFKC')) ? 'totp' : 'recovery');
