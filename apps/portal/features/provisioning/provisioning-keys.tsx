'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type ApiKey, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { SecretDialog } from '../../components/secret-dialog.tsx';
import { usePages } from '../../components/use-pages.ts';
import { jstToday } from '../../i18n/jst.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';

type Open = { kind: 'issue' } | { kind: 'revoke'; key: ApiKey } | { kind: 'issued'; name: string; secret: string };

const LIFETIMES = ['90', '180', '365'] as const;
/** Below the list of all API keys: what renews that one renews this. */
const KEY = ['api-keys', 'scim'] as const;

/** The keys with which the identity provider keeps members. */
export function ProvisioningKeys() {
  const t = useTranslations('provisioning');
  const client = useQueryClient();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const keys = usePages(KEY, (cursor, signal) =>
    unwrap(api.GET('/api/v1/api-keys', { params: { query: { cursor, scope: 'scim' } }, signal })),
  );
  const refresh = () => client.invalidateQueries({ queryKey: ['api-keys'] });

  const issue = async ({ name, days }: Record<'name' | 'days', string>) => {
    const expiresOn = jstToday(new Date(Date.now() + Number(days) * 86_400_000));
    const { apiKey } = await unwrap(api.POST('/api/v1/api-keys', { body: { name, scopes: ['scim'], expiresOn } }));
    void refresh();
    return { name, secret: apiKey };
  };
  const revoke = async (id: string) => {
    await unwrap(api.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } }));
    await refresh();
  };

  return (
    <>
      <div className="flex flex-wrap items-end justify-between gap-3">
        <h3 className="text-std-18B-160">{t('keys')}</h3>
        <Button size="sm" onClick={() => setOpen({ kind: 'issue' })}>
          {t('issue')}
        </Button>
      </div>
      <ResourceTable
        caption={t('keys')}
        query={keys}
        rows={keys.rows}
        rowKey={({ id }) => id}
        columns={useKeyColumns((key) => setOpen({ kind: 'revoke', key }))}
        empty={t('noKeys')}
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

function useKeyColumns(revoke: (key: ApiKey) => void): Column<ApiKey>[] {
  const t = useTranslations('provisioning');
  const common = useTranslations('common');
  const { time } = useFormats();
  const stateOf = ({ revokedAt, expiresAt }: ApiKey) =>
    revokedAt ? 'revoked' : expiresAt && Date.parse(expiresAt) <= Date.now() ? 'expired' : 'active';
  return [
    { key: 'name', header: t('name'), isHeader: true, isProse: true, cell: ({ name }) => name },
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
