'use client';

import { useMutation } from '@tanstack/react-query';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiProblem } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { LocaleSwitch } from './locale-switch.tsx';

interface ShellProps {
  /** Whose pages these are: the city's name, or the vendor's plane. */
  owner: ReactNode;
  person: string;
  /** What a person can do with the own account, beside leaving. */
  account?: ReactNode;
  home: string;
  sidebar: ReactNode;
  signOut: () => Promise<unknown>;
  signInPath: string;
  children: ReactNode;
}

/** Header, side navigation (a sheet on narrow screens) and the main region of every signed-in page. */
export function Shell(props: ShellProps) {
  const { owner, person, home, sidebar, signOut, signInPath, children } = props;
  const t = useTranslations('shell');
  const [isMenuOpen, setMenuOpen] = useState(false);
  const pathname = usePathname();
  useEffect(() => setMenuOpen(false), [pathname]);

  // A real page load, so that drafts, answers and cached lists of this person leave the memory of a shared PC
  const leave = useMutation({
    mutationFn: async () => {
      await signOut().catch((error: unknown) => {
        // Whose session has ended is out already
        if (!(error instanceof ApiProblem) || error.status !== 401) throw error;
      });
    },
    onSuccess: () => {
      sessionStorage.clear();
      window.location.assign(signInPath);
    },
  });
  const leaving = leave.error && (
    <div className="p-4">
      <ProblemNotice error={leave.error} title={t('stillSignedIn')} onRetry={() => leave.mutate()} />
    </div>
  );

  const account = (
    <>
      <span className="px-3 text-dns-14N-130">{person}</span>
      {props.account}
      <LocaleSwitch />
      <Button look="text" size="sm" inactive={leave.isPending} onClick={() => leave.mutate()}>
        {t('signOut')}
      </Button>
    </>
  );

  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="sr-only z-30 rounded-8 bg-white px-4 py-2 text-key-900 underline focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t('skip')}
      </a>
      <header className="print:hidden tall:sticky top-0 z-20 flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-solid-gray-420 bg-white px-4 py-2">
        <Button look="outline" size="sm" className="lg:hidden" onClick={() => setMenuOpen(true)}>
          {t('menu')}
        </Button>
        <Link href={home} className="text-std-20B-150 text-key-900">
          {t('product')}
        </Link>
        <div className="flex flex-wrap items-center gap-2">{owner}</div>
        <div className="-mr-3 ml-auto flex items-center max-sm:hidden">{account}</div>
      </header>
      <div className="flex grow">
        <aside className="sticky top-[3.25rem] hidden h-[calc(100dvh-3.25rem)] w-72 shrink-0 flex-col gap-6 overflow-y-auto p-4 lg:flex print:hidden">
          {sidebar}
        </aside>
        <main
          id="main"
          tabIndex={-1}
          className="flex min-w-0 grow flex-col border-solid-gray-300 outline-none lg:border-l"
        >
          {leaving}
          {children}
        </main>
      </div>
      {isMenuOpen && (
        <Dialog title={t('menu')} sheet onClose={() => setMenuOpen(false)}>
          {sidebar}
          <div className="-ml-3 flex flex-wrap items-center sm:hidden">{account}</div>
          {leaving}
          <Button look="outline" onClick={() => setMenuOpen(false)}>
            {t('closeMenu')}
          </Button>
        </Dialog>
      )}
    </div>
  );
}

/** The column that every page but the chat stands in. */
export function PageBody({ children }: { children: ReactNode }) {
  return <div className="flex w-full max-w-[80rem] flex-col gap-6 px-4 py-6 sm:px-8">{children}</div>;
}
