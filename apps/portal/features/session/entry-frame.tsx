'use client';

import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { LocaleSwitch } from './locale-switch.tsx';

interface EntryFrameProps {
  title: string;
  lead?: string;
  children: ReactNode;
}

/** The narrow page of those who are not signed in yet. */
export function EntryFrame({ title, lead, children }: EntryFrameProps) {
  const t = useTranslations('signIn');
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-[30rem] flex-col justify-center gap-6 px-4 py-8">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-std-24B-150 text-key-900">{t('product')}</p>
        <LocaleSwitch />
      </div>
      <div className="flex flex-col gap-1">
        <h1 className="text-std-28B-150">{title}</h1>
        {lead && <p className="text-solid-gray-700">{lead}</p>}
      </div>
      {children}
    </main>
  );
}
