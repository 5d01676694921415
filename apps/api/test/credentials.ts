import {
  API_KEY_SCOPES,
  ApiKeyRegistry,
  MEMBER_ROLES,
  type Permission,
  ROLE_PERMISSIONS,
  SCOPE_PERMISSIONS,
  SERVICE_KEY_SCOPES,
  SERVICE_SCOPE_PERMISSIONS,
  ServiceKeys,
  VENDOR_PERMISSIONS,
  VENDOR_ROLES,
  VendorAuthenticator,
} from '#libs/identity';
import { jstDayOf } from '#libs/kernel';
import type { TestApi } from './test-api.ts';
import { SYSTEM, type TestCity, addMember, signIn, signInVendor } from './test-city.ts';

const DAY_MS = 86_400_000;

/** One way of being somebody, and what the table of permissions lets that be. */
export interface Credential {
  readonly name: string;
  readonly plane: 'city' | 'vendor';
  readonly headers: Record<string, string>;
  readonly permissions: readonly Permission[];
}

export const NOBODY: Pick<Credential, 'name' | 'headers' | 'permissions'> = {
  name: 'nobody',
  headers: {},
  permissions: [],
};

export const nextMonth = () => jstDayOf(new Date(Date.now() + 30 * DAY_MS));
export const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

/** A member of each role and a key of each scope, on LGWAN. */
export async function cityCredentials(api: TestApi, city: TestCity): Promise<Credential[]> {
  const keys = api.app.get(ApiKeyRegistry);
  const scope = { tenantId: city.id, segment: 'lgwan' } as const;
  const members = MEMBER_ROLES.map(async (role): Promise<Credential> => {
    const member = await addMember(api.app, city, { loginId: `as-${role}`, role });
    const headers = { cookie: await signIn(api, city, member) };
    return { name: role, plane: 'city', headers, permissions: ROLE_PERMISSIONS[role] };
  });
  const systems = API_KEY_SCOPES.map(async (name): Promise<Credential> => {
    const { text } = await keys.create(scope, SYSTEM, { name, scopes: [name], expiresOn: nextMonth() });
    return { name: `API key: ${name}`, plane: 'city', headers: bearer(text), permissions: SCOPE_PERMISSIONS[name] };
  });
  return Promise.all([...members, ...systems]);
}

/** A person of each role of the vendor and a service key of each scope. */
export async function vendorCredentials(api: TestApi): Promise<Credential[]> {
  const people = await Promise.all(
    VENDOR_ROLES.map(async (role): Promise<Credential> => {
      const headers = { cookie: await signInVendor(api, role) };
      return { name: role, plane: 'vendor', headers, permissions: VENDOR_PERMISSIONS[role] };
    }),
  );
  const session = people.find(({ name }) => name === 'finance')!.headers['cookie']!.split('=')[1]!;
  const maker = await api.app.get(VendorAuthenticator).authenticate(session);
  const systems = await Promise.all(
    SERVICE_KEY_SCOPES.map(async (name): Promise<Credential> => {
      const { text } = await api.app.get(ServiceKeys).create(maker!, { name, scopes: [name], expiresOn: nextMonth() });
      const permissions = SERVICE_SCOPE_PERMISSIONS[name];
      return { name: `service key: ${name}`, plane: 'vendor', headers: bearer(text), permissions };
    }),
  );
  return [...people, ...systems];
}
