import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceKeys, SessionAuthenticator, VendorAuthenticator } from '#libs/identity';
import { jstDayOf, newId } from '#libs/kernel';
import { type Answer, send } from '../../test/send.ts';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import {
  CITY_A,
  CITY_B,
  type TestCity,
  addApiKey,
  addMember,
  onboardCity,
  signIn,
  signInVendor,
} from '../../test/test-city.ts';
import { INGRESS_HEADER, type IngressClaim, type RequestNetwork, signIngress } from '../http/ingress.ts';
import { SESSION_COOKIE, VENDOR_SESSION_COOKIE } from './cookies.ts';

type Headers = Record<string, string | string[]>;
/** What is sent, and the network it is sent on (LGWAN unless told). */
type Trial = readonly [name: string, headers: Headers, listener?: RequestNetwork['listener']];

const PATHS = ['/api/v1/me', '/api/v1/models', '/api/openai/v1/models', '/api/v1/conversations'];
const VENDOR_PATHS = ['/api/ops/v1/me', '/api/finance/v1/usage?month=2026-06'];

const bearer = (text: string): Headers => ({ authorization: `Bearer ${text}` });
const session = (text: string): Headers => ({ cookie: `${SESSION_COOKIE}=${text}` });
const vendorSession = (text: string): Headers => ({ cookie: `${VENDOR_SESSION_COOKIE}=${text}` });
const valueOf = (cookie: string): string => cookie.slice(cookie.indexOf('=') + 1);
const lastFlipped = (text: string): string => text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A');
/** Other characters that decode to the same bytes. */
const respelt = (packed: string): string =>
  packed.slice(0, -1) + String.fromCodePoint(packed.codePointAt(packed.length - 1)! + 1);
const packed = (id: string): string => Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');

/** Ways to spoil any credential. */
const spoilt = (text: string): readonly (readonly [string, string])[] => [
  ['cut short', text.slice(0, -1)],
  ['cut in half', text.slice(0, text.length / 2)],
  ['made longer', `${text}A`],
  ['oversized', text + 'A'.repeat(6_000)],
  ['with another secret', text.slice(0, -43) + 'A'.repeat(43)],
  ['with one bit of its secret turned', lastFlipped(text)],
  ['without its secret', text.slice(0, -43)],
  ['in capitals', text.toUpperCase()],
  ['in standard base64', `${text.slice(0, -2)}+/`],
  ['percent-encoded', text.replace(/^./, (c) => `%${c.codePointAt(0)!.toString(16)}`)],
  ['in quotes', `"${text}"`],
  ['with SQL behind it', `${text}' OR '1'='1`],
  ['with SQL in it', text.replace(/.{6}$/, `'--abc`)],
  ['with a full-width letter', Buffer.from(text.replace(/^./, 'ｍ')).toString('latin1')],
  ['with a path in it', `../${text}`],
  ['with a comma and a second one', `${text},${text}`],
];

describe('a credential that is none', () => {
  let api: TestApi;
  let good: Record<'member' | 'key' | 'vendor' | 'service', string>;
  let dead: Trial[];
  beforeAll(async () => {
    api = await createTestApi();
    const [ours, theirs] = [await onboardCity(api.app, CITY_A), await onboardCity(api.app, CITY_B)];
    const vendor = valueOf(await signInVendor(api, 'finance'));
    good = {
      member: await memberOf(ours, 'good'),
      key: await addApiKey(api.app, ours),
      vendor,
      service: await serviceKey(vendor),
    };
    dead = await deadOnes(ours, theirs, vendor);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const memberOf = async (city: TestCity, loginId: string) =>
    valueOf(await signIn(api, city, await addMember(api.app, city, { loginId, role: 'admin' })));

  async function serviceKey(vendor: string): Promise<string> {
    const maker = await api.app.get(VendorAuthenticator).authenticate(vendor);
    const key = { name: '会計', scopes: ['usage'], expiresOn: jstDayOf(new Date(Date.now() + 86_400_000)) } as const;
    return (await api.app.get(ServiceKeys).create(maker!, key)).text;
  }

  /** Credentials that were good, and such as are good elsewhere. */
  async function deadOnes(ours: TestCity, theirs: TestCity, vendor: string): Promise<Trial[]> {
    const [ended, expired, disabled, changed] = await Promise.all(
      ['ended', 'expired', 'disabled', 'changed'].map((loginId) => memberOf(ours, loginId)),
    );
    const [foreign, foreignKey] = [await memberOf(theirs, 'theirs'), await addApiKey(api.app, theirs)];
    const revoked = await addApiKey(api.app, ours);
    const [elsewhere, oldService, revokedService] = [
      await addApiKey(api.app, ours, 'my_number'),
      await serviceKey(vendor),
      await serviceKey(vendor),
    ];
    const by = (token: string) => Buffer.from(token.split('.')[1]!, 'base64url').toString('hex');
    const keyId = (text: string) => Buffer.from(text.slice(6, 49), 'base64url').subarray(16).toString('hex');
    const serviceId = (text: string) => Buffer.from(text.slice(10, 32), 'base64url').toString('hex');
    await api.on('lgwan').delete('/api/v1/sessions/current').set(session(ended!)).expect(204);
    await api.eyes.query(`UPDATE sessions SET expires_at = now() WHERE id = $1`, [by(expired!)]);
    await api.eyes.query(`UPDATE members SET status = 'disabled' WHERE login_id = 'disabled'`);
    await api.eyes.query(`UPDATE members SET password_changed_at = now() + interval '1 s' WHERE login_id = 'changed'`);
    await api.eyes.query(`UPDATE api_keys SET revoked_at = now() WHERE id = $1`, [keyId(revoked)]);
    await api.eyes.query(`UPDATE vendor_service_keys SET expires_at = now() WHERE id = $1`, [serviceId(oldService)]);
    await api.eyes.query(`UPDATE vendor_service_keys SET revoked_at = now() WHERE id = $1`, [
      serviceId(revokedService),
    ]);
    // What was done behind the product's back, its memory has not heard of.
    api.app.get(SessionAuthenticator).forget(() => true);
    const [tenant, id, secret] = good.member.split('.') as [string, string, string];
    const [theirTenant, theirId, theirSecret] = foreign.split('.') as [string, string, string];
    const ids = Buffer.from(good.key.slice(6, 49), 'base64url');
    const theirIds = Buffer.from(foreignKey.slice(6, 49), 'base64url');
    const keyWith = (bytes: Buffer, from: string) => `moyai_${bytes.toString('base64url')}_${from.slice(-43)}`;
    return [
      ['a session that was ended', session(ended!)],
      ['a session that expired', session(expired!)],
      ["a disabled member's session", session(disabled!)],
      ['a session older than its password', session(changed!)],
      ["another city's id before our session", session(`${theirTenant}.${id}.${secret}`)],
      ["our city's id before their session", session(`${tenant}.${theirId}.${theirSecret}`)],
      ["a colleague's session with our secret", session(`${tenant}.${disabled!.split('.')[1]}.${secret}`)],
      ['a session nobody opened', session(`${tenant}.${packed(newId())}.${secret}`)],
      ['a session of no city', session(`${packed(newId())}.${id}.${secret}`)],
      ['a session of the nil city', session(`${packed('00000000-0000-0000-0000-000000000000')}.${id}.${secret}`)],
      ['a session with its city spelt otherwise', session(`${respelt(tenant)}.${id}.${secret}`)],
      ['a session with its id spelt otherwise', session(`${tenant}.${respelt(id)}.${secret}`)],
      ['a session of LGWAN on the My Number segment', session(good.member), 'my_number'],
      ['a session of LGWAN on the internet segment', session(good.member), 'internet'],
      ["a vendor's session in a city", session(good.vendor)],
      ["a vendor's cookie in a city", vendorSession(good.vendor)],
      ["a city's session at the vendor", session(good.member), 'vendor'],
      ["a city's session as the vendor's cookie", vendorSession(good.member), 'vendor'],
      ['a key that was revoked', bearer(revoked)],
      ['a key of the My Number segment on LGWAN', bearer(elsewhere)],
      ['a key of LGWAN on the My Number segment', bearer(good.key), 'my_number'],
      [
        "another city's id in our key",
        bearer(keyWith(Buffer.concat([theirIds.subarray(0, 16), ids.subarray(16)]), good.key)),
      ],
      [
        "our city's id in their key",
        bearer(keyWith(Buffer.concat([ids.subarray(0, 16), theirIds.subarray(16)]), foreignKey)),
      ],
      ["our key's id with their secret", bearer(keyWith(ids, foreignKey))],
      ['a key as a cookie', session(good.key)],
      ['a session as a key', bearer(good.member)],
      ['a key under another scheme', { authorization: `Basic ${Buffer.from(`x:${good.key}`).toString('base64')}` }],
      ['a key in the address', { 'x-api-key': good.key }],
      ['a session with a bad key beside it', { ...session(good.member), ...bearer('moyai_x') }],
      ['a session with an empty authorization beside it', { ...session(good.member), authorization: '' }],
      ['a bad key before a good one', { authorization: ['Bearer moyai_x', `Bearer ${good.key}`] }],
      ['a bad session before a good one', { cookie: `${SESSION_COOKIE}=x; ${SESSION_COOKIE}=${good.member}` }],
      ['a service key in a city', bearer(good.service)],
      ["a city's key at the vendor", bearer(good.key), 'vendor'],
      ['a service key that expired', bearer(oldService), 'vendor'],
      ['a service key that was revoked', bearer(revokedService), 'vendor'],
      [
        'a service key with its id spelt otherwise',
        bearer(good.service.replace(/(?<=^moyai_svc_).{22}/, respelt)),
        'vendor',
      ],
    ];
  }

  const trials = (): Trial[] => [
    ...dead,
    ...spoilt(good.member).map(([how, text]): Trial => [`a session ${how}`, session(text)]),
    ...spoilt(good.key).map(([how, text]): Trial => [`a key ${how}`, bearer(text)]),
    ...spoilt(good.vendor).map(([how, text]): Trial => [`a vendor's session ${how}`, vendorSession(text), 'vendor']),
    ...spoilt(good.service).map(([how, text]): Trial => [`a service key ${how}`, bearer(text), 'vendor']),
  ];

  const ask = (listener: RequestNetwork['listener'], path: string, headers: Headers) =>
    send(api, listener, { method: 'get', path, headers });

  it('is compared with some that are', async () => {
    const statuses = [
      await ask('lgwan', '/api/v1/me', session(good.member)),
      await ask('lgwan', '/api/v1/conversations', session(good.member)),
      await ask('lgwan', '/api/openai/v1/models', session(good.member)),
      await ask('vendor', '/api/ops/v1/me', vendorSession(good.vendor)),
      await ask('vendor', VENDOR_PATHS[1]!, bearer(good.service)),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 200, 200]);
  });

  it('opens nothing and tells nothing', async () => {
    const opened: string[] = [];
    const said = new Set<string>();
    for (const [name, headers, listener = 'lgwan'] of trials())
      for (const path of listener === 'vendor' ? VENDOR_PATHS : PATHS) {
        const { status, text }: Answer = await ask(listener, path, headers);
        // Node refuses a header block this large before anybody reads it.
        if (status !== 401 && !(status === 431 && name.endsWith('oversized')))
          opened.push(`${name} at ${path}: ${status} ${text}`);
        if (status === 401) said.add(text.replace(/"requestId":"[^"]*"/, ''));
      }
    expect(opened).toEqual([]);
    // One answer of ours and one in the shape of OpenAI's API.
    expect(said.size).toBe(2);
    expect(trials().length).toBeGreaterThan(90);
  });

  it('is a forged vouching of an ingress as well: nothing exists behind it', async () => {
    const real = api.ingressOf('lgwan')[INGRESS_HEADER]!;
    const future = Math.floor(Date.now() / 1000) + 600;
    const secret = api.config.api.ingressSecret;
    const claim = { listener: 'lgwan', expiresAt: future, address: '127.0.0.1' } as const;
    const signed = (wrong: Partial<IngressClaim>, by = secret) => signIngress(by, { ...claim, ...wrong });
    const forged: (string | string[])[] = [
      '',
      real.slice(0, -1),
      `${real}0`,
      real.slice(0, -1) + (real.endsWith('0') ? '1' : '0'),
      real.toUpperCase(),
      real.replace('lgwan', 'my_number'),
      real.replace('lgwan', 'vendor'),
      real.replace('lgwan', 'ＬＧＷＡＮ'.normalize('NFKC')),
      real.replace(/\.\d+\./, `.${future + 1}.`),
      real.replace(/\.\d+\./, '.99999999999999999999.'),
      real.replace(/\.[0-9a-f]{64}$/, '.'),
      real.replace(/\.[0-9a-f]{64}$/, `.${'0'.repeat(64)}`),
      real.replace('127.0.0.1', '10.0.0.1'),
      real.replace('127.0.0.1', '127.0.0.1, 10.0.0.1'),
      signed({ expiresAt: 1 }),
      signed({}, `${secret}x`),
      signed({}, ''),
      signed({ listener: 'intranet' as 'lgwan' }),
      signed({ listener: '' as 'lgwan' }),
      [real, real],
      [real, 'x'],
    ];
    const found: string[] = [];
    for (const header of forged) {
      const { status } = await send(api, 'lgwan', {
        method: 'get',
        path: '/api/v1/me',
        headers: { ...session(good.member), [INGRESS_HEADER]: header },
      });
      if (status !== 404) found.push(`${String(header)}: ${status}`);
    }
    expect(found).toEqual([]);
  });
});
