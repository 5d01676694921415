import { randomBytes, randomInt } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { expect } from 'vitest';
import { type ProvidedStack, runningStack } from '#libs/testing';
import { Client } from './client.ts';

export type DemoCity = ProvidedStack['cities'][number];
export type DemoMember = DemoCity['members'][number];
export type Network = 'lgwan' | 'my_number';

/** The demo city at this place of the list. Tests that count or exhaust something make a city of their own. */
export const demoCity = (index: number): DemoCity => runningStack().cities[index]!;

export function memberOf(city: DemoCity, role: DemoMember['role'], segment: Network = 'lgwan'): DemoMember {
  const member = city.members.find((one) => one.role === role && one.segment === segment);
  if (!member) throw new Error(`${city.name} has no ${role} in ${segment}`);
  return member;
}

export interface Credentials {
  readonly cityCode: string;
  readonly loginId: string;
  readonly password: string;
}

export const credentialsOf = (city: DemoCity, { loginId, password }: DemoMember): Credentials => ({
  cityCode: city.code,
  loginId,
  password,
});

/** A stranger at the door of a network. */
export const visitor = (network: keyof ProvidedStack['origins'] = 'lgwan'): Client =>
  new Client(runningStack().origins[network]);

/** @returns a client that carries the session of whoever these credentials belong to */
export async function signIn(credentials: Credentials, network: Network = 'lgwan'): Promise<Client> {
  const door = visitor(network);
  return door.with({ cookie: cookieOf(await door.post('/api/v1/sessions', credentials).expect(201)) });
}

export const signInAs = (city: DemoCity, role: DemoMember['role'], network: Network = 'lgwan'): Promise<Client> =>
  signIn(credentialsOf(city, memberOf(city, role, network)), network);

export const withApiKey = (apiKey: string, network: Network = 'lgwan'): Client =>
  visitor(network).with({ authorization: `Bearer ${apiKey}` });

/** The vendor's people of the demo. Each is called as their role; `ops-lead` is a second `ops`. */
type VendorLoginId = 'ops' | 'ops-lead' | 'finance' | 'approver';

/** The session that the whole run shares: their authenticator's code works once. Do not end it. */
export const signInVendor = (loginId: VendorLoginId): Promise<Client> =>
  Promise.resolve(visitor('vendor').with({ cookie: vendorUser(loginId).cookie }));

/**
 * Proves again who is there, ahead of what is dangerous: the run may be older than a proof may be. Takes the code of now,
 * which nobody can use again.
 */
export async function proveAgain(loginId: VendorLoginId): Promise<void> {
  const { password, totpSecret } = vendorUser(loginId);
  const session = await signInVendor(loginId);
  const proof = { method: 'totp', code: codeOf(totpSecret) };
  const { status } = await session.post('/api/ops/v1/me/step-up', { password, proof });
  // 422: the code of now is spent, so the session was opened or proven half a minute ago
  expect([204, 422]).toContain(status);
}

/** What an authenticator shows now, or so many steps of 30 seconds later. @param secret base32 */
export const codeOf = (secret: string, stepsAhead = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + stepsAhead * 30_000 });

export const vendorUser = (loginId: VendorLoginId): ProvidedStack['vendor'][number] =>
  runningStack().vendor.find((user) => user.loginId === loginId)!;

const cookieOf = ({ headers }: { headers: Record<string, unknown> }): string =>
  [headers['set-cookie']]
    .flat()
    .map((cookie) => String(cookie).split(';')[0])
    .join('; ');

export interface NewCity {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly firstAdmin: Credentials;
  readonly admin: Client;
}

/** A city that nobody else uses, as the vendor's operator onboards one. */
export async function onboardCity(name: string, monthlyLimitTokens = 10_000_000): Promise<NewCity> {
  const ops = await signInVendor('ops');
  const firstAdmin = { loginId: 'first-admin', displayName: '最初の管理者' };
  const code = municipalityCode();
  const { status, body } = await ops.post('/api/ops/v1/cities', { code, name, monthlyLimitTokens, firstAdmin });
  // Another test drew the same code: draw again
  if (status === 409) return onboardCity(name, monthlyLimitTokens);
  expect(status).toBe(201);
  const password = randomBytes(18).toString('base64url');
  await visitor()
    .post('/api/v1/invitation-acceptances', { token: body.invitation.token, newPassword: password })
    .expect(204);
  const credentials = { cityCode: code, loginId: firstAdmin.loginId, password };
  return { id: body.city.id, code, name, firstAdmin: credentials, admin: await signIn(credentials) };
}

/** A 団体コード with its check digit, of a prefecture that does not exist (48 to 98; the demo cities have 99). */
export function municipalityCode(): string {
  const body = String(randomInt(48_000, 99_000));
  const remainder = [6, 5, 4, 3, 2].reduce((sum, weight, at) => sum + weight * Number(body[at]), 0) % 11;
  return `${body}${(11 - remainder) % 10}`;
}

/** A number that could be someone's 個人番号: twelve digits with a right check digit. */
export function myNumber(): string {
  const digits = Array.from({ length: 11 }, () => randomInt(10));
  const remainder = digits.toReversed().reduce((sum, digit, at) => sum + digit * (at < 6 ? at + 2 : at - 4), 0) % 11;
  return `${digits.join('')}${remainder <= 1 ? 0 : 11 - remainder}`;
}
