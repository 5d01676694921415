'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { FactorProof, PendingSignIn } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { CodeForm } from './code-form.tsx';
import { EnrolPasskey } from './enrol-passkey.tsx';
import { EnrolTotp } from './enrol-totp.tsx';
import { PasskeyNote } from './passkey-note.tsx';
import { passkeyBar, showPasskey } from './passkeys.ts';
import { type Plane, SECURITY } from './security-api.ts';

interface SecondStepProps {
  plane: Plane;
  pending: PendingSignIn;
  /** The session is whole. */
  onWhole: () => void;
}

/** What follows a right password: a second factor is proven, or enrolled where there is none. */
export function SecondStep({ plane, pending, onWhole }: SecondStepProps) {
  if (pending.step === 'enrolment') return <EnrolFactor plane={plane} onWhole={onWhole} />;
  return <ProveFactor plane={plane} methods={pending.methods} onWhole={onWhole} />;
}

function EnrolFactor({ plane, onWhole }: Omit<SecondStepProps, 'pending'>) {
  const t = useTranslations('security');
  const [isPasskey, setPasskey] = useState(false);
  const Enrol = isPasskey ? EnrolPasskey : EnrolTotp;
  return (
    <>
      <p>{t('enrolLead')}</p>
      <Enrol plane={plane} onDone={onWhole} />
      {passkeyBar() ? (
        <PasskeyNote />
      ) : (
        <Button look="text" className="self-start" onClick={() => setPasskey(!isPasskey)}>
          {isPasskey ? t('enrolTotpInstead') : t('enrolPasskeyInstead')}
        </Button>
      )}
    </>
  );
}

interface ProveFactorProps extends Omit<SecondStepProps, 'pending'> {
  methods: PendingSignIn['methods'];
}

function ProveFactor({ plane, methods, onWhole }: ProveFactorProps) {
  const t = useTranslations('security');
  const common = useTranslations('common');
  const hasCodes = methods.includes('totp');
  // Without an authenticator app the only code there is comes from paper
  const [isRecovery, setRecovery] = useState(!hasCodes);
  const prove = useMutation({
    mutationFn: async (proof: FactorProof | 'passkey'): Promise<void> => {
      await SECURITY[plane].finish(proof === 'passkey' ? await showPasskey(plane) : proof);
    },
    onSuccess: onWhole,
  });
  return (
    <>
      {methods.includes('passkey') && <PasskeyNote />}
      {methods.includes('passkey') && !passkeyBar() && (
        <Button className="self-start" inactive={prove.isPending} onClick={() => prove.mutate('passkey')}>
          {prove.isPending ? common('sending') : t('usePasskey')}
        </Button>
      )}
      <CodeForm
        submitLabel={t('continue')}
        recovery={isRecovery}
        error={prove.error}
        isPending={prove.isPending}
        onSubmit={(code) => prove.mutate({ method: isRecovery ? 'recovery' : 'totp', code })}
      >
        {hasCodes && (
          <Button
            look="text"
            onClick={() => {
              prove.reset();
              setRecovery(!isRecovery);
            }}
          >
            {isRecovery ? t('useCode') : t('useRecoveryCode')}
          </Button>
        )}
      </CodeForm>
    </>
  );
}
