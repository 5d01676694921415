import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { TenantDatabase } from '#libs/database';
import {
  ApiKeyRegistry,
  CityAccess,
  Invitations,
  MemberAdministration,
  type MemberRole,
  VendorDirectory,
  type VendorRole,
} from '#libs/identity';
import { type Segment, type TenantId } from '#libs/kernel';
import { SegmentPolicies, type SegmentPolicyChange } from '#libs/tenancy';
import { CityOnboarding } from '../src/ops/city-onboarding.ts';
import { SESSION_COOKIE, VENDOR_SESSION_COOKIE } from '../src/access/cookies.ts';
import type { TestApi } from './test-api.ts';

export const SYSTEM = { type: 'system', id: null } as const;

/** Fictional codes with valid check digits. */
export const CITY_A = '990019';
export const CITY_B = '990027';

export interface TestCity {
  readonly id: TenantId;
  readonly code: string;
  readonly admin: { readonly loginId: string; readonly password: string };
}

export const cookieOf = (name: string, headers: Record<string, unknown>): string => {
  const cookies = (headers['set-cookie'] ?? []) as string[];
  const found = cookies.find((text) => text.startsWith(`${name}=`));
  if (!found) throw new Error(`no ${name} was given`);
  return found.split(';')[0]!;
};

/** Takes a city on the way the vendor does. */
export async function onboardCity(app: NestExpressApplication, code: string, monthlyLimitTokens = 1_000_000_000) {
  const { city, invitation } = await app.get(CityOnboarding).onboard(SYSTEM, {
    code,
    name: `試験市${code}`,
    monthlyLimitTokens,
    firstAdmin: { loginId: 'admin', displayName: '管理 一郎' },
  });
  const password = randomBytes(18).toString('base64url');
  await app.get(Invitations).accept(invitation!.token, 'lgwan', password);
  return { id: city.id, code, admin: { loginId: 'admin', password } } satisfies TestCity;
}

/** @returns the member's id and password */
export async function addMember(
  app: NestExpressApplication,
  city: TestCity,
  { loginId, role, segment = 'lgwan' }: { loginId: string; role: MemberRole; segment?: Segment },
) {
  const { member, initialPassword } = await app
    .get(MemberAdministration)
    .create({ tenantId: city.id, segment: 'lgwan' }, SYSTEM, {
      loginId,
      displayName: `職員 ${loginId}`,
      role,
      segment,
      departmentId: null,
    });
  return { id: member.id, loginId, password: initialPassword };
}

/** @returns the text of a key for everything keys may do */
export async function addApiKey(app: NestExpressApplication, city: TestCity, segment: Segment = 'lgwan') {
  const scope = { tenantId: city.id, segment };
  const { text } = await app.get(ApiKeyRegistry).create(scope, SYSTEM, { name: '試験', scopes: ['jobs', 'models'] });
  return text;
}

/** Changes the policy of one of the city's networks, as its administrator does. */
export async function changePolicy(
  { app }: TestApi,
  { id }: TestCity,
  what: SegmentPolicyChange,
  segment: Segment = 'lgwan',
): Promise<void> {
  const scope = { tenantId: id, segment };
  await app.get(TenantDatabase).run(scope, (tx) => app.get(SegmentPolicies).change(tx, SYSTEM, segment, what));
  app.get(CityAccess).changed(id);
}

/** Signs in over HTTP. @returns the cookie header of the session */
export async function signIn(
  api: TestApi,
  city: Pick<TestCity, 'code'>,
  { loginId, password }: { loginId: string; password: string },
  segment: Segment = 'lgwan',
): Promise<string> {
  const body = { cityCode: city.code, loginId, password };
  const { headers } = await api.on(segment).post('/api/v1/sessions').send(body).expect(201);
  return cookieOf(SESSION_COOKIE, headers);
}

/** What an authenticator shows now, or so many steps of 30 seconds later. @param secret base32 */
export const codeOf = (secret: string, stepsAhead = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + stepsAhead * 30_000 });

/** Makes a vendor user with an authenticator of their own and signs in. @returns the cookie header of the session */
export async function signInVendor(api: TestApi, role: VendorRole): Promise<string> {
  const user = { loginId: role, displayName: role, role };
  return signInEnrolled(api, { loginId: role, ...(await api.app.get(VendorDirectory).ensureEnrolled(user)) });
}

/** In two steps, over HTTP. @returns the cookie header of the session */
export async function signInEnrolled(
  api: TestApi,
  { loginId, password, totpSecret }: { loginId: string; password: string; totpSecret: string },
): Promise<string> {
  const begun = await api.on('vendor').post('/api/ops/v1/sessions').send({ loginId, password }).expect(202);
  const finished = await api
    .on('vendor')
    .post('/api/ops/v1/sessions/current/second-factor')
    .set('cookie', cookieOf(VENDOR_SESSION_COOKIE, begun.headers))
    .send({ method: 'totp', code: codeOf(totpSecret) })
    .expect(201);
  return cookieOf(VENDOR_SESSION_COOKIE, finished.headers);
}
