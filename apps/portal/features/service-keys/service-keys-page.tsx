'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type ServiceKey, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { SecretDialog } from '../../components/secret-dialog.tsx';
import { usePages } from '../../components/use-pages.ts';
import { jstToday } from '../../i18n/jst.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';

type Scope = ServiceKey['scopes'][number];
type Open = { kind: 'issue' } | { kind: 'revoke'; key: ServiceKey } | { kind: 'issued'; name: string; secret: string };

const SCOPES = ['usage', 'prices', 'contracts', 'invoices', 'reconciliation'] as const satisfies readonly Scope[];
const LIFETIMES = ['90', '180', '365'] as const;
const KEY = ['service-keys'];

/** Keys with which the vendor's own systems read the finance API. */
export function ServiceKeysPage() {
  const t = useTranslations('serviceKeys');
  const client = useQueryClient();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const keys = usePages(KEY, (cursor, signal) =>
    unwrap(api.GET('/api/finance/v1/service-keys', { params: { query: { cursor } }, signal })),
  );
  const refresh = () => client.invalidateQueries({ queryKey: KEY });

  const issue = async ({ name, scopes, days }: Record<'name' | 'scopes' | 'days', string>) => {
    const body = {
      name,
      scopes: scopes === 'all' ? [...SCOPES] : [scopes as Scope],
      expiresOn: jstToday(new Date(Date.now() + Number(days) * 86_400_000)),
    };
    const { serviceKey } = await unwrap(api.POST('/api/finance/v1/service-keys', { body }));
    void refresh();
    return { name, secret: serviceKey };
  };
  const revoke = async (id: string) => {
    await unwrap(api.DELETE('/api/finance/v1/service-keys/{id}', { params: { path: { id } } }));
    await refresh();
  };

  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={<Button onClick={() => setOpen({ kind: 'issue' })}>{t('issue')}</Button>}
      />
      <ResourceTable
        caption={t('title')}
        query={keys}
        rows={keys.rows}
        rowKey={({ id }) => id}
        columns={useKeyColumns((key) => setOpen({ kind: 'revoke', key }))}
        empty={t('empty')}
      />
      {open?.kind === 'issue' && (
        <FormDialog
          title={t('issue')}
          submitLabel={t('issueSubmit')}
          onSubmit={issue}
          onDone={(issued) => setOpen({ kind: 'issued', ...issued })}
          onClose={close}
          fields={[
            { name: 'name', label: t('name'), hint: t('nameHint'), required: true, maxLength: 100 },
            {
              name: 'scopes',
              label: t('scopes'),
              hint: t('scopesHint'),
              required: true,
              initial: 'all',
              choices: ['all' as const, ...SCOPES].map((value) => ({ value, label: t(`scopeNames.${value}`) })),
            },
            {
              name: 'days',
              label: t('lifetime'),
              required: true,
              initial: '365',
              pointer: '/expiresOn',
              choices: LIFETIMES.map((value) => ({ value, label: t('days', { days: Number(value) }) })),
            },
          ]}
        />
      )}
      {open?.kind === 'revoke' && (
        <ConfirmDialog
          title={t('revoke')}
          confirmLabel={t('revokeConfirm')}
          danger
          onConfirm={() => revoke(open.key.id)}
          onClose={close}
        >
          {t('revokeLead', { name: open.key.name })}
        </ConfirmDialog>
      )}
      {open?.kind === 'issued' && (
        <SecretDialog
          title={t('issuedTitle')}
          subject={t('issuedFor', { name: open.name })}
          secret={open.secret}
          onClose={close}
        />
      )}
    </>
  );
}

function useKeyColumns(revoke: (key: ServiceKey) => void): Column<ServiceKey>[] {
  const t = useTranslations('serviceKeys');
  const common = useTranslations('common');
  const { time } = useFormats();
  const stateOf = ({ revokedAt, expiresAt }: ServiceKey) =>
    revokedAt ? 'revoked' : Date.parse(expiresAt) <= Date.now() ? 'expired' : 'active';
  return [
    { key: 'name', header: t('name'), isHeader: true, isProse: true, cell: ({ name }) => name },
    {
      key: 'scopes',
      header: t('scopes'),
      isProse: true,
      cell: ({ scopes }) => scopes.map((scope) => t(`scopeNames.${scope}`)).join('、'),
    },
    { key: 'createdBy', header: t('createdBy'), cell: ({ createdBy }) => createdBy },
    { key: 'expiresAt', header: t('expiresAt'), cell: ({ expiresAt }) => time(expiresAt) },
    { key: 'lastUsedAt', header: t('lastUsedAt'), cell: ({ lastUsedAt }) => time(lastUsedAt) },
    {
      key: 'state',
      header: t('state'),
      cell: (key) => <Badge tone={stateOf(key) === 'active' ? 'green' : 'neutral'}>{t(stateOf(key))}</Badge>,
    },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: (key) =>
        stateOf(key) === 'active' ? (
          <Button look="outline" size="sm" aria-label={t('revokeOf', { name: key.name })} onClick={() => revoke(key)}>
            {t('revokeShort')}
          </Button>
        ) : (
          '—'
        ),
    },
  ];
}
