'use client';

import { useTranslations } from 'use-intl';
import { type ServiceKey, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { IssuedKeys } from '../keys/issued-keys.tsx';
import { useExpiry } from '../keys/use-expiry.ts';
import { api } from '../session/api.ts';

type Scope = ServiceKey['scopes'][number];

const SCOPES = ['usage', 'prices', 'contracts', 'invoices', 'reconciliation'] as const satisfies readonly Scope[];

/** Keys with which the vendor's own systems read the finance API. */
export function ServiceKeysPage() {
  const t = useTranslations('serviceKeys');
  const expiry = useExpiry();
  const issue = async ({ name, scopes, days }: Record<'name' | 'scopes' | 'days', string>) => {
    const chosen = scopes === 'all' ? [...SCOPES] : [scopes as Scope];
    const body = { name, scopes: chosen, expiresOn: expiry.expiresOn(days) };
    return (await unwrap(api.POST('/api/finance/v1/service-keys', { body }))).serviceKey;
  };
  const columns: Column<ServiceKey>[] = [
    {
      key: 'scopes',
      header: t('scopes'),
      isProse: true,
      cell: ({ scopes }) => scopes.map((scope) => t(`scopeNames.${scope}`)).join('、'),
    },
    { key: 'createdBy', header: t('createdBy'), cell: ({ createdBy }) => createdBy },
    expiry.column,
  ];
  return (
    <IssuedKeys
      kind="serviceKeys"
      queryKey={['service-keys']}
      list={(cursor, signal) =>
        unwrap(api.GET('/api/finance/v1/service-keys', { params: { query: { cursor } }, signal }))
      }
      issue={issue}
      revoke={(id) => unwrap(api.DELETE('/api/finance/v1/service-keys/{id}', { params: { path: { id } } }))}
      columns={columns}
      fields={[
        {
          name: 'scopes',
          label: t('scopes'),
          hint: t('scopesHint'),
          required: true,
          initial: 'all',
          choices: ['all' as const, ...SCOPES].map((value) => ({ value, label: t(`scopeNames.${value}`) })),
        },
        expiry.field,
      ]}
      heading={(openIssue) => (
        <PageHeader title={t('title')} lead={t('lead')} actions={<Button onClick={openIssue}>{t('issue')}</Button>} />
      )}
    />
  );
}
