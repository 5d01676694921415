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
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { SecretDialog } from '../../components/secret-dialog.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';

type Scope = ApiKey['scopes'][number];
type Open = { kind: 'issue' } | { kind: 'revoke'; key: ApiKey } | { kind: 'issued'; name: string; secret: string };

/** What a key may be used for, as offered when one is issued. */
const SCOPE_SETS = { both: ['jobs', 'models'], jobs: ['jobs'], models: ['models'] } satisfies Record<string, Scope[]>;
const SCOPE_CHOICES = ['both', 'jobs', 'models'] as const;

export function ApiKeysPage() {
  const t = useTranslations('apiKeys');
  const client = useQueryClient();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const keys = usePages(['api-keys'], (cursor, signal) =>
    unwrap(api.GET('/api/v1/api-keys', { params: { query: { cursor } }, signal })),
  );
  const refresh = () => client.invalidateQueries({ queryKey: ['api-keys'] });

  const issue = async ({ name, scopes }: Record<'name' | 'scopes', string>) => {
    const body = { name, scopes: SCOPE_SETS[scopes as keyof typeof SCOPE_SETS] };
    const { apiKey } = await unwrap(api.POST('/api/v1/api-keys', { body }));
    void refresh();
    return { name, secret: apiKey };
  };
  const revoke = async (id: string) => {
    await unwrap(api.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } }));
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
            { name: 'name', label: t('name'), hint: t('nameHint'), required: true },
            {
              name: 'scopes',
              label: t('scopes'),
              required: true,
              initial: 'both',
              choices: SCOPE_CHOICES.map((value) => ({ value, label: t(`scopeSets.${value}`) })),
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
  const t = useTranslations('apiKeys');
  const segments = useTranslations('segments');
  const common = useTranslations('common');
  const { time } = useFormats();
  return [
    { key: 'name', header: t('name'), isHeader: true, isProse: true, cell: ({ name }) => name },
    {
      key: 'scopes',
      header: t('scopes'),
      cell: ({ scopes }) => scopes.map((scope) => t(`scopeNames.${scope}`)).join('、'),
    },
    { key: 'segment', header: t('segment'), cell: ({ segment }) => segments(segment) },
    { key: 'createdAt', header: t('createdAt'), cell: ({ createdAt }) => time(createdAt) },
    { key: 'lastUsedAt', header: t('lastUsedAt'), cell: ({ lastUsedAt }) => time(lastUsedAt) },
    {
      key: 'state',
      header: t('state'),
      cell: ({ revokedAt }) => (
        <Badge tone={revokedAt ? 'neutral' : 'green'}>{t(revokedAt ? 'revoked' : 'active')}</Badge>
      ),
    },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: (key) =>
        key.revokedAt ? (
          '—'
        ) : (
          <Button look="outline" size="sm" aria-label={t('revokeOf', { name: key.name })} onClick={() => revoke(key)}>
            {t('revokeShort')}
          </Button>
        ),
    },
  ];
}
