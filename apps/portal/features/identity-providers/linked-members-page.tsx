'use client';

import { useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useDeferredValue, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type LinkedMember, type Member, unwrap } from '#libs/api-client';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { TextField } from '../../components/field.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { Named } from '../../components/named.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { RowButton } from '../../components/row-button.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import { useProviders } from './use-providers.ts';

const linkedKey = (id: string) => ['identity-providers', id, 'members'] as const;

type Open = { act: 'link'; member: Member } | { act: 'unlink'; linked: LinkedMember };

/** Which member a subject of one identity provider is: seen, tied and untied by hand. */
export function LinkedMembersPage({ id }: { id: string }) {
  const t = useTranslations('linkedMembers');
  const common = useTranslations('common');
  const mayWrite = can(useSignedIn(), 'identity-provider:write');
  const name = useProviders().data?.items.find((provider) => provider.id === id)?.name;
  const [open, setOpen] = useState<Open | null>(null);
  const linked = usePages(linkedKey(id), (cursor, signal) =>
    unwrap(api.GET('/api/v1/identity-providers/{id}/members', { params: { path: { id }, query: { cursor } }, signal })),
  );
  const columns = useLinkedColumns();
  const actions: Column<LinkedMember> = {
    key: 'actions',
    header: common('actions'),
    isActions: true,
    cell: (row) => (
      <RowButton
        label={t('unlink')}
        name={t('unlinkOf', { name: row.displayName })}
        onPress={() => setOpen({ act: 'unlink', linked: row })}
      />
    ),
  };
  return (
    <>
      <PageHeader
        title={name ? t('titleOf', { name }) : t('title')}
        lead={t('lead')}
        actions={
          <Link href="/admin/sign-in" className="text-key-900 underline underline-offset-4">
            {t('back')}
          </Link>
        }
      />
      <ResourceTable
        caption={t('title')}
        query={linked}
        rows={linked.rows}
        rowKey={({ memberId }) => memberId}
        columns={mayWrite ? [...columns, actions] : columns}
        empty={t('empty')}
      />
      {mayWrite && <Search onChoose={(member) => setOpen({ act: 'link', member })} />}
      {open && <ActDialog id={id} open={open} onClose={() => setOpen(null)} />}
    </>
  );
}

/** Finds the member to tie; of other networks nobody can be. */
function Search({ onChoose }: { onChoose: (member: Member) => void }) {
  const t = useTranslations('linkedMembers');
  const common = useTranslations('common');
  const { segment } = useSignedIn();
  const [search, setSearch] = useState('');
  const query = useDeferredValue(search.trim());
  const found = usePages(['members', 'to-link', query], async (cursor, signal) =>
    query
      ? unwrap(api.GET('/api/v1/members', { params: { query: { query, cursor, limit: 20 } }, signal }))
      : { items: [], nextCursor: null },
  );
  const columns: Column<Member>[] = [
    {
      key: 'name',
      header: t('member'),
      isHeader: true,
      cell: ({ displayName, loginId }) => <Named name={displayName} code={loginId} />,
    },
    { key: 'department', header: t('department'), cell: ({ department }) => department?.name ?? '—' },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: (member) => (
        <RowButton
          label={t('link')}
          name={t('linkOf', { name: member.displayName })}
          onPress={() => onChoose(member)}
        />
      ),
    },
  ];
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-std-20B-150">{t('linkTitle')}</h2>
      <search className="max-w-md">
        <TextField
          label={t('search')}
          type="search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </search>
      {query && (
        <ResourceTable
          caption={t('found')}
          query={found}
          rows={found.rows.filter((member) => member.segment === segment)}
          rowKey={(member) => member.id}
          columns={columns}
          empty={t('noMatch')}
        />
      )}
    </section>
  );
}

function ActDialog({ id, open, onClose }: { id: string; open: Open; onClose: () => void }) {
  const t = useTranslations('linkedMembers');
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: linkedKey(id) });
  if (open.act === 'link') {
    const { id: memberId, displayName: name } = open.member;
    return (
      <FormDialog
        title={t('linkOf', { name })}
        lead={t('linkLead', { name })}
        submitLabel={t('link')}
        fields={[{ name: 'subject', label: t('subject'), hint: t('subjectHint'), required: true, maxLength: 500 }]}
        onSubmit={async ({ subject }) => {
          const params = { path: { id, memberId } };
          await unwrap(api.PUT('/api/v1/identity-providers/{id}/members/{memberId}', { params, body: { subject } }));
          await refresh();
        }}
        onClose={onClose}
      />
    );
  }
  const { memberId, displayName: name } = open.linked;
  return (
    <ConfirmDialog
      danger
      title={t('unlinkOf', { name })}
      confirmLabel={t('unlink')}
      onConfirm={async () => {
        const params = { path: { id, memberId } };
        await unwrap(api.DELETE('/api/v1/identity-providers/{id}/members/{memberId}', { params }));
        await refresh();
      }}
      onClose={onClose}
    >
      {t('unlinkLead', { name })}
    </ConfirmDialog>
  );
}

function useLinkedColumns(): Column<LinkedMember>[] {
  const t = useTranslations('linkedMembers');
  const { time } = useFormats();
  return [
    {
      key: 'name',
      header: t('member'),
      isHeader: true,
      cell: ({ displayName, loginId }) => <Named name={displayName} code={loginId} />,
    },
    {
      key: 'subject',
      header: t('subject'),
      isProse: true,
      cell: ({ subject }) => <span className="break-all">{subject}</span>,
    },
    { key: 'linkedAt', header: t('linkedAt'), cell: ({ linkedAt }) => time(linkedAt) },
  ];
}
