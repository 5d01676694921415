'use client';

import Link from 'next/link';
import { useDeferredValue, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Member, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button, buttonClass } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { TextField } from '../../components/field.tsx';
import { Named } from '../../components/named.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { type RowAct, RowMenu } from '../../components/row-menu.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { can } from '../session/access.ts';
import { SessionsDialog } from '../security/sessions-dialog.tsx';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import {
  FactorResetDialog,
  type IssuedCredential,
  IssuedDialog,
  MEMBERS_KEY,
  MemberDialog,
  ReissueDialog,
} from './member-dialogs.tsx';

type Open =
  | { kind: 'add' }
  | { kind: 'edit' | 'reset' | 'factors' | 'sessions'; member: Member }
  | { kind: 'issued'; issued: IssuedCredential };

export function MembersPage() {
  const t = useTranslations('members');
  const common = useTranslations('common');
  const security = useTranslations('security');
  const [search, setSearch] = useState('');
  const query = useDeferredValue(search.trim());
  const members = usePages([...MEMBERS_KEY, query], (cursor, signal) =>
    unwrap(api.GET('/api/v1/members', { params: { query: { query: query || undefined, cursor } }, signal })),
  );
  const mayWrite = can(useSignedIn(), 'member:write');
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const columns = useMemberColumns();
  const actsOn = (member: Member): RowAct[] => {
    const { displayName: name } = member;
    return [
      { kind: 'edit', label: common('edit'), name: common('editOf', { name }) } as const,
      { kind: 'reset', label: t('resetShort'), name: t('resetOf', { name }) } as const,
      { kind: 'factors', label: t('factorReset'), name: t('factorResetOf', { name }) } as const,
      { kind: 'sessions', label: security('sessions'), name: security('sessionsOf', { name }) } as const,
    ].map(({ kind, ...act }) => ({ ...act, key: kind, onChoose: () => setOpen({ kind, member }) }));
  };
  const actions: Column<Member> = {
    key: 'actions',
    header: common('actions'),
    isActions: true,
    cell: (member) => <RowMenu of={member.displayName} acts={actsOn(member)} />,
  };

  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={
          mayWrite && (
            <>
              <Link href="/admin/members/import" className={buttonClass('outline')}>
                {t('import')}
              </Link>
              <Button onClick={() => setOpen({ kind: 'add' })}>{t('add')}</Button>
            </>
          )
        }
      />
      <search className="max-w-md">
        <TextField
          label={t('search')}
          type="search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </search>
      <ResourceTable
        caption={t('title')}
        query={members}
        rows={members.rows}
        rowKey={({ id }) => id}
        columns={mayWrite ? [...columns, actions] : columns}
        empty={query ? t('noMatch') : t('empty')}
      />
      {(open?.kind === 'add' || open?.kind === 'edit') && (
        <MemberDialog
          member={open.kind === 'edit' ? open.member : null}
          onIssued={(issued) => setOpen({ kind: 'issued', issued })}
          onClose={close}
        />
      )}
      {open?.kind === 'reset' && (
        <ReissueDialog
          member={open.member}
          onIssued={(issued) => setOpen({ kind: 'issued', issued })}
          onClose={close}
        />
      )}
      {open?.kind === 'factors' && <FactorResetDialog member={open.member} onClose={close} />}
      {open?.kind === 'sessions' && <SessionsDialog plane="city" person={open.member} onClose={close} />}
      {open?.kind === 'issued' && <IssuedDialog issued={open.issued} onClose={close} />}
    </>
  );
}

function useMemberColumns(): Column<Member>[] {
  const t = useTranslations();
  const formats = useFormats();
  return [
    {
      key: 'displayName',
      header: t('members.nameAndLogin'),
      isHeader: true,
      isProse: true,
      cell: ({ displayName, loginId, isProvisioned }) => (
        <Named name={displayName} code={isProvisioned ? t('members.provisioned', { loginId }) : loginId} />
      ),
    },
    {
      key: 'department',
      header: t('members.departmentAndRole'),
      isProse: true,
      cell: ({ department, role }) => <Named name={department?.name ?? '—'} code={t(`roles.${role}`)} />,
    },
    { key: 'segment', header: t('members.segment'), cell: ({ segment }) => t(`segments.${segment}`) },
    {
      key: 'status',
      header: t('members.status'),
      cell: (member) => (
        <span className="flex flex-col gap-1">
          <MemberState member={member} />
          {member.lastDay && (
            <span className="text-dns-14N-130">{t('members.until', { day: formats.day(member.lastDay) })}</span>
          )}
        </span>
      ),
    },
    {
      key: 'lastSignInAt',
      header: t('members.lastSignIn'),
      cell: ({ lastSignInAt }) => formats.time(lastSignInAt),
    },
  ];
}

function MemberState({ member }: { member: Member }) {
  const t = useTranslations('members');
  const { status, hasPassword, invitedUntil } = member;
  if (status === 'disabled' || hasPassword)
    return <Badge tone={status === 'active' ? 'green' : 'neutral'}>{t(`statuses.${status}`)}</Badge>;
  if (!invitedUntil) return <Badge tone="neutral">{t('noPassword')}</Badge>;
  const isOpen = Date.parse(invitedUntil) > Date.now();
  return <Badge tone={isOpen ? 'blue' : 'yellow'}>{t(isOpen ? 'invited' : 'invitationExpired')}</Badge>;
}
