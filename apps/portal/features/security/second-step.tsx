'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { PendingSignIn } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { CodeForm } from './code-form.tsx';
import { EnrolTotp } from './enrol-totp.tsx';
import { type Plane, SECURITY } from './security-api.ts';

interface SecondStepProps {
  plane: Plane;
  pending: PendingSignIn;
  /** The session is whole. */
  onWhole: () => void;
}

/** What follows a right password: a code, or enrolling the authenticator that will give one. */
export function SecondStep({ plane, pending, onWhole }: SecondStepProps) {
  const t = useTranslations('security');
  if (pending.step === 'second-factor') return <ProveFactor plane={plane} onWhole={onWhole} />;
  return (
    <>
      <p>{t('enrolLead')}</p>
      <EnrolTotp plane={plane} onDone={onWhole} />
    </>
  );
}

function ProveFactor({ plane, onWhole }: Omit<SecondStepProps, 'pending'>) {
  const t = useTranslations('security');
  const [isRecovery, setRecovery] = useState(false);
  const prove = useMutation({
    mutationFn: async (code: string): Promise<void> => {
      await SECURITY[plane].finish({ method: isRecovery ? 'recovery' : 'totp', code });
    },
    onSuccess: onWhole,
  });
  return (
    <CodeForm
      submitLabel={t('continue')}
      recovery={isRecovery}
      error={prove.error}
      isPending={prove.isPending}
      onSubmit={(code) => prove.mutate(code)}
    >
      <Button
        look="text"
        onClick={() => {
          prove.reset();
          setRecovery(!isRecovery);
        }}
      >
        {isRecovery ? t('useCode') : t('useRecoveryCode')}
      </Button>
    </CodeForm>
  );
}
