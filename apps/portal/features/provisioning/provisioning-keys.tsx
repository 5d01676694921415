'use client';

import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { IssuedKeys } from '../keys/issued-keys.tsx';
import { useExpiry } from '../keys/use-expiry.ts';
import { api } from '../session/api.ts';

/** The keys with which the identity provider keeps members: API keys of the scope `scim`. */
export function ProvisioningKeys() {
  const t = useTranslations('scimKeys');
  const expiry = useExpiry();
  const issue = async ({ name, days }: Record<'name' | 'days', string>) => {
    const body = { name, scopes: ['scim' as const], expiresOn: expiry.expiresOn(days) };
    return (await unwrap(api.POST('/api/v1/api-keys', { body }))).apiKey;
  };
  return (
    <IssuedKeys
      kind="scimKeys"
      queryKey={['api-keys', 'scim']}
      list={(cursor, signal) =>
        unwrap(api.GET('/api/v1/api-keys', { params: { query: { cursor, scope: 'scim' } }, signal }))
      }
      issue={issue}
      revoke={(id) => unwrap(api.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } }))}
      columns={[expiry.column]}
      fields={[expiry.field]}
      heading={(openIssue) => (
        <div className="flex flex-wrap items-end justify-between gap-3">
          <h3 className="text-std-18B-160">{t('title')}</h3>
          <Button size="sm" onClick={openIssue}>
            {t('issue')}
          </Button>
        </div>
      )}
    />
  );
}
