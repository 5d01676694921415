'use client';

import { useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { usePathname, useRouter } from 'next/navigation';
import { useDeferredValue, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type ConversationSummary, unwrap } from '#libs/api-client';
import { Button, buttonClass } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { usePages } from '../../components/use-pages.ts';
import { api } from '../session/api.ts';
import { CONVERSATIONS_KEY } from './use-chat.ts';

const TITLE_MAX = 100;

/** The member's own conversations, newest first, with search over their titles. */
export function History() {
  const t = useTranslations('history');
  const common = useTranslations('common');
  const [search, setSearch] = useState('');
  const query = useDeferredValue(search.trim());
  const list = usePages([...CONVERSATIONS_KEY, query], (cursor, signal) =>
    unwrap(api.GET('/api/v1/conversations', { params: { query: { query: query || undefined, cursor } }, signal })),
  );

  return (
    <nav aria-label={t('label')} className="flex flex-col gap-3">
      <Link href="/" className={buttonClass('outline', 'sm')}>
        {t('new')}
      </Link>
      <TextField
        label={t('search')}
        type="search"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
        className="min-h-10 w-full rounded-6 border border-solid-gray-420 px-3 text-std-16N-170"
      />
      {list.isPending && <Skeleton rows={3} />}
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.data && list.rows.length === 0 && (
        <p className="text-dns-14N-130 text-solid-gray-700">{query ? t('noMatch') : t('empty')}</p>
      )}
      <ul className="flex flex-col gap-0.5">
        {list.rows.map((conversation) => (
          <HistoryItem key={conversation.id} conversation={conversation} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button look="text" size="sm" onClick={() => void list.fetchNextPage()}>
          {common('loadMore')}
        </Button>
      )}
    </nav>
  );
}

function HistoryItem({ conversation: { id, title, handedOverFrom } }: { conversation: ConversationSummary }) {
  const t = useTranslations('history');
  const common = useTranslations('common');
  const client = useQueryClient();
  const router = useRouter();
  const href = `/conversations/${id}`;
  const isOpen = usePathname() === href;
  const [dialog, setDialog] = useState<'rename' | 'delete' | null>(null);
  const params = { path: { id } };

  const rename = async ({ title: next }: { title: string }) => {
    await unwrap(api.PATCH('/api/v1/conversations/{id}', { params, body: { title: next } }));
    // Not awaited: the dialog closes first, and the two places that show the title follow
    void client.invalidateQueries({ queryKey: CONVERSATIONS_KEY });
    void client.invalidateQueries({ queryKey: ['conversation', id] });
  };
  const remove = async () => {
    await unwrap(api.DELETE('/api/v1/conversations/{id}', { params }));
    if (isOpen) router.push('/');
    client.removeQueries({ queryKey: ['conversation', id] });
    void client.invalidateQueries({ queryKey: CONVERSATIONS_KEY });
  };

  return (
    <li className="group relative flex items-center rounded-8 hover:bg-key-50 has-[[aria-current=page]]:bg-key-100">
      <Link
        href={href}
        // A long history would otherwise ask the server for every conversation in sight
        prefetch={false}
        aria-current={isOpen ? 'page' : undefined}
        className="min-w-0 grow truncate rounded-8 px-3 py-2 text-dns-16N-130 hover:underline aria-[current=page]:font-700"
      >
        {title}
        {handedOverFrom && (
          <span className="block truncate text-dns-14N-130 text-solid-gray-700">
            {t('handedOverFrom', { name: handedOverFrom })}
          </span>
        )}
      </Link>
      <span className="flex shrink-0 rounded-8 pr-1 lg:absolute lg:right-0 lg:bg-key-50 lg:opacity-0 lg:group-focus-within:opacity-100 lg:group-hover:opacity-100">
        <Button look="text" size="xs" aria-label={t('renameOf', { title })} onClick={() => setDialog('rename')}>
          <Icon path="M4 20l1-4L16 5l3 3L8 19z" />
        </Button>
        <Button look="text" size="xs" aria-label={t('deleteOf', { title })} onClick={() => setDialog('delete')}>
          <Icon path="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13" />
        </Button>
      </span>
      {dialog === 'rename' && (
        <FormDialog
          title={t('rename')}
          submitLabel={common('save')}
          fields={[{ name: 'title', label: t('title'), required: true, initial: title, maxLength: TITLE_MAX }]}
          onSubmit={rename}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'delete' && (
        <ConfirmDialog
          title={t('delete')}
          confirmLabel={t('deleteConfirm')}
          danger
          onConfirm={remove}
          onClose={() => setDialog(null)}
        >
          {t('deleteLead', { title })}
        </ConfirmDialog>
      )}
    </li>
  );
}

function Icon({ path }: { path: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 24 24" className="size-4" fill="none" stroke="currentColor" strokeWidth="1.8">
      <path d={path} strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  );
}
