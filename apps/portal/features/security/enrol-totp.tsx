'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { CodeForm } from './code-form.tsx';
import { QrCode } from './qr-code.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { type Plane, SECURITY } from './security-api.ts';

interface EnrolTotpProps {
  plane: Plane;
  onDone: () => void;
  /** The way out, in a dialog. */
  onLeave?: () => void;
}

/** An authenticator app: scan, type its first code, keep the recovery codes. */
export function EnrolTotp({ plane, onDone, onLeave }: EnrolTotpProps) {
  const t = useTranslations('security');
  const calls = SECURITY[plane];
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const begun = useQuery({
    queryKey: ['totp-enrolment', plane],
    queryFn: calls.begin,
    // Begun once; asking again would make another secret than the one that was scanned
    staleTime: Infinity,
    gcTime: 0,
    refetchOnMount: false,
    retry: false,
  });
  const confirm = useMutation({
    mutationFn: (code: string) => calls.confirm({ id: begun.data!.id, code }),
    onSuccess: ({ recoveryCodes }) => (recoveryCodes ? setCodes(recoveryCodes) : onDone()),
  });
  if (codes) return <RecoveryCodes codes={codes} onDone={onDone} />;
  if (begun.error) return <ProblemNotice error={begun.error} onRetry={() => void begun.refetch()} />;
  if (!begun.data) return <Skeleton rows={6} />;
  return (
    <div className="flex flex-col gap-5">
      <p>{t('scan')}</p>
      <QrCode text={begun.data.uri} label={t('qr')} />
      <p className="text-dns-14N-130 text-solid-gray-700">{t('typeSecret')}</p>
      <code data-testid="totp-secret" className="rounded-8 bg-solid-gray-50 p-3 font-mono break-all">
        {begun.data.secret}
      </code>
      <CodeForm
        submitLabel={t('confirm')}
        error={confirm.error}
        isPending={confirm.isPending}
        onSubmit={(code) => confirm.mutate(code)}
        onLeave={onLeave}
      />
    </div>
  );
}
