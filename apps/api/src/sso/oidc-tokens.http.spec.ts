import { createPublicKey } from 'node:crypto';
import { CompactSign, type JWK, SignJWT, exportJWK, exportSPKI, generateKeyPair, importJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenIdProvider } from '#libs/testing';
import { type Leaving, SsoDesk } from '../../test/sso-desk.ts';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, onboardCity, signIn } from '../../test/test-city.ts';

type Claims = Record<string, unknown>;
type Forge = (claims: Claims, tools: Tools) => Promise<string> | string;

interface Tools {
  readonly idp: OpenIdProvider;
  /** Signs as the provider does; what is given replaces what it would say. */
  sign(claims: Claims, header?: object): Promise<string>;
  /** Signs with another key, of the attacker's own. */
  signWith(key: JWK, claims: Claims, header: object): Promise<string>;
}

const now = () => Math.floor(Date.now() / 1000);
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const freshKey = async (alg: string): Promise<JWK> => ({
  ...(await exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey)),
  alg,
});

/** What an attacker puts in place of the token, and how we refuse it. */
const CORPUS: [string, string, Forge][] = [
  ['says it needs no signature', 'SSO.RESPONSE_MALFORMED', (claims) => `${base64({ alg: 'none' })}.${base64(claims)}.`],
  ['names no algorithm', 'SSO.ALGORITHM_REFUSED', (claims) => `${base64({ kid: 'signing-1' })}.${base64(claims)}.AA`],
  ['says none and brings one', 'SSO.ALGORITHM_REFUSED', (claims) => `${base64({ alg: 'none' })}.${base64(claims)}.AA`],
  ['says nOnE', 'SSO.ALGORITHM_REFUSED', (claims) => `${base64({ alg: 'nOnE' })}.${base64(claims)}.AA`],
  [
    'is signed with the public key as a secret (HS256)',
    'SSO.ALGORITHM_REFUSED',
    async (claims, { idp }) => {
      const pem = await exportSPKI(createPublicKey({ key: idp.key, format: 'jwk' }));
      return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: idp.key.kid! }).sign(Buffer.from(pem));
    },
  ],
  [
    'is signed with the modulus as a secret (HS512)',
    'SSO.ALGORITHM_REFUSED',
    (claims, { idp }) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'HS512', kid: idp.key.kid! }).sign(Buffer.from(idp.key.n!)),
  ],
  [
    'is signed by another key under the known kid',
    'SSO.SIGNATURE_INVALID',
    async (claims, { signWith, idp }) => signWith(await freshKey('RS256'), claims, { alg: 'RS256', kid: idp.key.kid }),
  ],
  [
    'is signed by another kind of key under the known kid',
    'SSO.KEY_UNKNOWN',
    async (claims, { signWith, idp }) => signWith(await freshKey('ES256'), claims, { alg: 'ES256', kid: idp.key.kid }),
  ],
  ['names an unknown kid', 'SSO.KEY_UNKNOWN', (claims, { sign }) => sign(claims, { kid: 'signing-2' })],
  ['names no kid', 'SSO.KEY_UNKNOWN', (claims, { sign }) => sign(claims, { kid: undefined })],
  ['names a path for a kid', 'SSO.KEY_UNKNOWN', (claims, { sign }) => sign(claims, { kid: '../../dev/null' })],
  [
    'brings its own key (jwk)',
    'SSO.RESPONSE_MALFORMED',
    async (claims, { signWith, idp }) => {
      const own = await freshKey('RS256');
      return signWith(own, claims, { alg: 'RS256', kid: idp.key.kid, jwk: { kty: own.kty, n: own.n, e: own.e } });
    },
  ],
  [
    'points to a key (jku)',
    'SSO.RESPONSE_MALFORMED',
    (claims, { sign }) => sign(claims, { jku: 'http://127.0.0.1:1/' }),
  ],
  ['points to a certificate (x5u)', 'SSO.RESPONSE_MALFORMED', (claims, { sign }) => sign(claims, { x5u: 'http://x/' })],
  [
    'demands what we do not know (crit)',
    'SSO.RESPONSE_MALFORMED',
    async (claims, { sign }) => {
      const [, ...rest] = (await sign(claims)).split('.');
      return [base64({ alg: 'RS256', kid: 'signing-1', crit: ['x'], x: 1 }), ...rest].join('.');
    },
  ],
  ['is for another client', 'SSO.AUDIENCE_WRONG', (claims, { sign }) => sign({ ...claims, aud: 'other' })],
  ['is for others and not us', 'SSO.AUDIENCE_WRONG', (claims, { sign }) => sign({ ...claims, aud: ['a', 'b'] })],
  ['is for us and others', 'SSO.AUDIENCE_WRONG', (claims, { sign }) => sign({ ...claims, aud: ['moyai', 'other'] })],
  ['was asked for by another', 'SSO.AUDIENCE_WRONG', (claims, { sign }) => sign({ ...claims, azp: 'other' })],
  ['is for nobody', 'SSO.RESPONSE_MALFORMED', (claims, { sign }) => sign({ ...claims, aud: undefined })],
  ['is for an empty list', 'SSO.RESPONSE_MALFORMED', (claims, { sign }) => sign({ ...claims, aud: [] })],
  ['is of another issuer', 'SSO.ISSUER_WRONG', (claims, { sign }) => sign({ ...claims, iss: 'https://evil.example' })],
  [
    'is of an issuer that looks alike',
    'SSO.ISSUER_WRONG',
    (claims, { sign }) => sign({ ...claims, iss: `${String(claims['iss'])}/` }),
  ],
  ['is of no issuer', 'SSO.RESPONSE_MALFORMED', (claims, { sign }) => sign({ ...claims, iss: undefined })],
  ['is of another sign-in', 'SSO.NONCE_WRONG', (claims, { sign }) => sign({ ...claims, nonce: 'other' })],
  ['is of no sign-in', 'SSO.NONCE_WRONG', (claims, { sign }) => sign({ ...claims, nonce: undefined })],
  ['has ended', 'SSO.RESPONSE_EXPIRED', (claims, { sign }) => sign({ ...claims, exp: now() - 180 })],
  ['never ends', 'SSO.RESPONSE_MALFORMED', (claims, { sign }) => sign({ ...claims, exp: undefined })],
  ['ends in words', 'SSO.RESPONSE_MALFORMED', (claims, { sign }) => sign({ ...claims, exp: '9999999999' })],
  ['was made in the future', 'SSO.CLOCK_DIFFERENCE', (claims, { sign }) => sign({ ...claims, iat: now() + 180 })],
  [
    'was made before it was asked for',
    'SSO.CLOCK_DIFFERENCE',
    (claims, { sign }) => sign({ ...claims, iat: now() - 180 }),
  ],
  ['has not begun', 'SSO.CLOCK_DIFFERENCE', (claims, { sign }) => sign({ ...claims, nbf: now() + 180 })],
  ['was never made', 'SSO.RESPONSE_MALFORMED', (claims, { sign }) => sign({ ...claims, iat: undefined })],
  ['is about nobody', 'SSO.SUBJECT_UNUSABLE', (claims, { sign }) => sign({ ...claims, sub: '' })],
  [
    'is about something that is no name',
    'SSO.RESPONSE_MALFORMED',
    (claims, { sign }) => sign({ ...claims, sub: ['x'] }),
  ],
  ['is cut off', 'SSO.SIGNATURE_INVALID', async (claims, { sign }) => (await sign(claims)).slice(0, -8)],
  [
    'has lost its signature',
    'SSO.RESPONSE_MALFORMED',
    async (claims, { sign }) => (await sign(claims)).replace(/[^.]*$/, ''),
  ],
  [
    'says another subject than was signed',
    'SSO.SIGNATURE_INVALID',
    async (claims, { sign }) => {
      const [header, , signature] = (await sign(claims)).split('.');
      return `${header}.${base64({ ...claims, sub: 'victim' })}.${signature}`;
    },
  ],
  [
    'says its subject twice',
    'SSO.RESPONSE_MALFORMED',
    async (claims, { idp }) => {
      const text = JSON.stringify(claims).replace(/\}$/, ',"sub":"victim"}');
      const key = await importJWK(idp.key, 'RS256');
      const header = { alg: 'RS256', kid: idp.key.kid! };
      return new CompactSign(Buffer.from(text)).setProtectedHeader(header).sign(key);
    },
  ],
  [
    'says its algorithm twice',
    'SSO.RESPONSE_MALFORMED',
    async (claims, { sign }) => {
      const [, ...rest] = (await sign(claims)).split('.');
      const header = Buffer.from('{"alg":"none","alg":"RS256","kid":"signing-1"}').toString('base64url');
      return [header, ...rest].join('.');
    },
  ],
  ['is encrypted', 'SSO.RESPONSE_MALFORMED', () => `${base64({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.AA.AA.AA.AA`],
  ['is no token', 'SSO.RESPONSE_MALFORMED', () => 'not a token'],
  ['is nothing', 'SSO.RESPONSE_MALFORMED', () => ''],
  ['is endless', 'SSO.RESPONSE_MALFORMED', () => `A.${'A'.repeat(70_000)}.A`],
];

describe('an ID token', () => {
  let api: TestApi;
  let desk: SsoDesk;
  let idp: OpenIdProvider;
  let providerId: string;
  let tools: Tools;
  const codes: (string | null)[] = [];
  beforeAll(async () => {
    api = await createTestApi();
    const city = await onboardCity(api.app, CITY_A);
    desk = new SsoDesk(api, city, await signIn(api, city, city.admin));
    idp = await OpenIdProvider.start();
    providerId = await desk.connectOidc(idp, 'id_token', { createsMembers: true });
    const signWith = async (key: JWK, claims: Claims, header: object) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', ...header }).sign(await importJWK(key, String(key.alg)));
    tools = { idp, signWith, sign: (claims, header) => signWith(idp.key, claims, { kid: idp.key.kid, ...header }) };
  });
  afterAll(async () => {
    const accepted = codes.filter((code) => code === null).length;
    process.stdout.write(`OIDC corpus: ${codes.length} tokens, ${accepted} accepted\n`);
    await idp[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
  });

  const claimsFor = ({ location }: Leaving): Claims => ({
    iss: idp.issuer,
    sub: 'attacker',
    aud: 'moyai',
    nonce: new URL(location).searchParams.get('nonce'),
    iat: now(),
    exp: now() + 300,
    preferred_username: 'attacker',
  });
  const stateOf = ({ location }: Leaving): string => new URL(location).searchParams.get('state')!;

  it('is accepted as the provider makes it, by form post and without any call to the provider', async () => {
    idp.person = 'h.yamada';
    const leaving = await desk.leave(providerId);
    const { method, parameters } = await idp.answer(leaving.location);
    expect(method).toBe('POST');
    const { session } = await desk.arrive(leaving, parameters);
    expect(await desk.me(session!)).toMatchObject({ loginId: 'h.yamada', displayName: '職員 h.yamada' });
  });

  it('is accepted as this spec forges it when nothing is wrong with it', async () => {
    const leaving = await desk.leave(providerId);
    const id_token = await tools.sign(claimsFor(leaving));
    expect((await desk.arrive(leaving, { id_token, state: stateOf(leaving) })).code).toBeNull();
  });

  it.each(CORPUS)('is refused when it %s', async (_, code, forge) => {
    const leaving = await desk.leave(providerId);
    const id_token = await forge(claimsFor(leaving), tools);
    const outcome = await desk.arrive(leaving, { id_token, state: stateOf(leaving) });
    codes.push(outcome.code);
    expect(outcome.code).toBe(code);
  });

  it('is refused with another browser’s state, and with the provider’s refusal', async () => {
    const [mine, theirs] = [await desk.leave(providerId), await desk.leave(providerId)];
    const id_token = await tools.sign(claimsFor(theirs));
    expect((await desk.arrive(mine, { id_token, state: stateOf(theirs) })).code).toBe('SSO.NOT_STARTED_HERE');
    const denied = { error: 'access_denied', state: stateOf(theirs) };
    expect((await desk.arrive(theirs, denied)).code).toBe('SSO.REFUSED_BY_PROVIDER');
  });

  it('was never accepted from an attacker', () => {
    expect(codes.length).toBeGreaterThanOrEqual(30);
    expect(codes).not.toContain(null);
  });
});
