'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type VendorUser, unwrap } from '#libs/api-client';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Named } from '../../components/named.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { type RowAct, RowMenu } from '../../components/row-menu.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useVendorMe } from '../session/use-session.ts';
import { SessionsDialog } from './sessions-dialog.tsx';

const KEY = ['vendor-users'] as const;

/** The vendor's people, so that one can help a colleague who lost the authenticator, or a device that is signed in. */
export function VendorPeoplePage() {
  const t = useTranslations('vendorPeople');
  const security = useTranslations('security');
  const roles = useTranslations('vendorRoles');
  const formats = useFormats();
  const client = useQueryClient();
  const me = useVendorMe();
  const people = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/ops/v1/vendor-users', { signal })),
  });
  const [lost, setLost] = useState<VendorUser | null>(null);
  const [watched, setWatched] = useState<VendorUser | null>(null);
  const mayWrite = me.data ? can(me.data, 'vendor-user:write') : false;
  const columns: Column<VendorUser>[] = [
    {
      key: 'name',
      header: t('name'),
      isHeader: true,
      cell: ({ displayName, loginId }) => <Named name={displayName} code={loginId} />,
    },
    { key: 'role', header: t('role'), cell: ({ role }) => roles(role) },
    { key: 'factor', header: t('factor'), cell: ({ hasFactor }) => t(hasFactor ? 'enrolled' : 'notEnrolled') },
    { key: 'lastSignInAt', header: t('lastSignIn'), cell: ({ lastSignInAt }) => formats.time(lastSignInAt) },
  ];
  const actsOn = (user: VendorUser): RowAct[] => {
    const name = user.displayName;
    const sessions = { label: security('sessionsShort'), name: security('sessionsOf', { name }) };
    const reset = { label: t('reset'), name: t('resetOf', { name }) };
    return [
      { ...sessions, key: 'sessions', onChoose: () => setWatched(user) },
      ...(user.hasFactor ? [{ ...reset, key: 'reset', onChoose: () => setLost(user) }] : []),
    ];
  };
  const actions: Column<VendorUser> = {
    key: 'actions',
    header: t('actions'),
    isActions: true,
    // One's own are on the account page
    cell: (user) => (user.id === me.data?.vendorUser.id ? null : <RowMenu of={user.displayName} acts={actsOn(user)} />),
  };
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <ResourceTable
        caption={t('title')}
        query={people}
        rows={people.data?.items ?? []}
        rowKey={({ id }) => id}
        columns={mayWrite ? [...columns, actions] : columns}
        empty={t('empty')}
      />
      {watched && <SessionsDialog plane="vendor" person={watched} onClose={() => setWatched(null)} />}
      {lost && (
        <ConfirmDialog
          danger
          title={t('reset')}
          confirmLabel={t('resetConfirm')}
          onConfirm={() =>
            unwrap(api.DELETE('/api/ops/v1/vendor-users/{id}/second-factors', { params: { path: { id: lost.id } } }))
          }
          onDone={() => {
            setLost(null);
            void client.invalidateQueries({ queryKey: KEY });
          }}
          onClose={() => setLost(null)}
        >
          {t('resetLead', { name: lost.displayName })}
        </ConfirmDialog>
      )}
    </>
  );
}
