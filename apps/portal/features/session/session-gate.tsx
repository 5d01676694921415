'use client';

import type { UseQueryResult } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type ReactNode, useEffect } from 'react';
import { useTranslations } from 'use-intl';
import type { ApiProblem } from '#libs/api-client';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';

interface SessionGateProps<Holder> {
  session: UseQueryResult<Holder, ApiProblem>;
  signInPath: string;
  children: (holder: Holder) => ReactNode;
}

/** Shows pages to the signed-in only. Someone whose session has ended is told so and comes back to the same page as it was. */
export function SessionGate<Holder>({ session, signInPath, children }: SessionGateProps<Holder>) {
  const t = useTranslations('errors');
  const router = useRouter();
  const { data, error } = session;
  const isSignedOut = error?.status === 401;
  const wasSignedIn = data !== undefined;
  useEffect(() => {
    if (!isSignedOut) return;
    const { pathname, search } = window.location;
    const query = new URLSearchParams({ next: pathname + search, ...(wasSignedIn ? { reason: 'expired' } : {}) });
    router.replace(`${signInPath}?${query}`);
  }, [isSignedOut, wasSignedIn, router, signInPath]);

  if (data !== undefined && !isSignedOut) return children(data);
  return (
    <main className="mx-auto flex w-full max-w-[40rem] flex-col gap-4 p-8">
      {error && !isSignedOut ? (
        <>
          <h1 className="text-std-28B-150">{t('unexpected')}</h1>
          <ProblemNotice error={error} onRetry={() => void session.refetch()} />
        </>
      ) : (
        <Skeleton rows={6} />
      )}
    </main>
  );
}
