'use client';

import { useTranslations } from 'use-intl';
import { type ApiKey, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { IssuedKeys } from '../keys/issued-keys.tsx';
import { api } from '../session/api.ts';

type Scope = ApiKey['scopes'][number];

/** What a key may be used for, as offered when one is issued. */
const SCOPE_SETS = { both: ['jobs', 'models'], jobs: ['jobs'], models: ['models'] } satisfies Record<string, Scope[]>;
const SCOPE_CHOICES = ['both', 'jobs', 'models'] as const;

/** Keys with which the city's own systems ask questions. */
export function ApiKeysPage() {
  const t = useTranslations('apiKeys');
  const issue = async ({ name, scopes }: Record<'name' | 'scopes', string>) => {
    const body = { name, scopes: SCOPE_SETS[scopes as keyof typeof SCOPE_SETS] };
    return (await unwrap(api.POST('/api/v1/api-keys', { body }))).apiKey;
  };
  return (
    <IssuedKeys
      kind="apiKeys"
      queryKey={['api-keys']}
      list={(cursor, signal) => unwrap(api.GET('/api/v1/api-keys', { params: { query: { cursor } }, signal }))}
      issue={issue}
      revoke={(id) => unwrap(api.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } }))}
      columns={useApiKeyColumns()}
      fields={[
        {
          name: 'scopes',
          label: t('scopes'),
          required: true,
          initial: 'both',
          choices: SCOPE_CHOICES.map((value) => ({ value, label: t(`scopeSets.${value}`) })),
        },
      ]}
      heading={(openIssue) => (
        <PageHeader title={t('title')} lead={t('lead')} actions={<Button onClick={openIssue}>{t('issue')}</Button>} />
      )}
    />
  );
}

function useApiKeyColumns(): Column<ApiKey>[] {
  const t = useTranslations('apiKeys');
  const segments = useTranslations('segments');
  const { time } = useFormats();
  return [
    {
      key: 'scopes',
      header: t('scopes'),
      cell: ({ scopes }) => scopes.map((scope) => t(`scopeNames.${scope}`)).join('、'),
    },
    { key: 'segment', header: t('segment'), cell: ({ segment }) => segments(segment) },
    { key: 'createdAt', header: t('createdAt'), cell: ({ createdAt }) => time(createdAt) },
  ];
}
