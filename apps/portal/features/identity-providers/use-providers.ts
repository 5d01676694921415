'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type IdentityProvider, unwrap } from '#libs/api-client';
import { api } from '../session/api.ts';

const KEY = ['identity-providers'] as const;

/** The city's identity providers on this network. */
export const useProviders = () =>
  useQuery({ queryKey: KEY, queryFn: ({ signal }) => unwrap(api.GET('/api/v1/identity-providers', { signal })) });

/** What changes a provider, each with the list read anew after it. */
export function useProviderActions() {
  const client = useQueryClient();
  const then = async <Result>(work: Promise<Result>): Promise<Result> => {
    const result = await work;
    await client.invalidateQueries({ queryKey: KEY });
    return result;
  };
  const at = (id: string) => ({ path: { id } });
  return {
    create: (body: { kind: IdentityProvider['kind']; name: string }, key: string) =>
      then(unwrap(api.POST('/api/v1/identity-providers', { body, params: { header: { 'Idempotency-Key': key } } }))),
    change: (id: string, body: ProviderChange) =>
      then(unwrap(api.PATCH('/api/v1/identity-providers/{id}', { params: at(id), body }))),
    uploadSaml: (id: string, metadata: string) =>
      then(unwrap(api.PUT('/api/v1/identity-providers/{id}/saml', { params: at(id), body: { metadata } }))),
    uploadOidc: (id: string, body: OidcUpload) =>
      then(unwrap(api.PUT('/api/v1/identity-providers/{id}/oidc', { params: at(id), body }))),
    remove: (id: string) => then(unwrap(api.DELETE('/api/v1/identity-providers/{id}', { params: at(id) }))),
    /** Leaves this page for the identity provider's. */
    async test(id: string): Promise<void> {
      const { location } = await unwrap(api.POST('/api/v1/identity-providers/{id}/tests', { params: at(id) }));
      window.location.assign(location);
    },
  };
}

export type ProviderChange = Partial<
  Pick<
    IdentityProvider,
    | 'name'
    | 'enabled'
    | 'vouchesForMfa'
    | 'createsMembers'
    | 'linksByLoginId'
    | 'loginIdAttribute'
    | 'displayNameAttribute'
    | 'departmentAttribute'
    | 'departmentCodes'
  >
>;

export interface OidcUpload {
  metadata: string;
  keys: string;
  clientId: string;
  clientSecret?: string;
  flow: 'code' | 'id_token';
}
