import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '#libs/audit';
import type { SegmentPolicyChange } from '#libs/tenancy';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, CITY_B, type TestCity, addApiKey, changePolicy, onboardCity, signIn } from '../../test/test-city.ts';
import { INGRESS_HEADER, signIngress } from '../http/ingress.ts';

const RANGES = ['10.20.0.0/16', '2001:db8:1::/48'];
const INSIDE = '10.20.30.40';
const OUTSIDE = '10.21.0.1';

let api: TestApi;
let city: TestCity;
let other: TestCity;

beforeAll(async () => {
  api = await createTestApi();
  city = await onboardCity(api.app, CITY_A);
  other = await onboardCity(api.app, CITY_B);
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(() => change({ open: true, addressRanges: RANGES }));

const change = (what: SegmentPolicyChange) => changePolicy(api, city, what);

const signInFrom = (address: string, credentials: { loginId: string; password: string } = city.admin) =>
  api
    .on('lgwan', address)
    .post('/api/v1/sessions')
    .send({ cityCode: CITY_A, ...credentials });

/** A session opened at a desk inside. */
async function session(): Promise<string> {
  const { headers } = await signInFrom(INSIDE).expect(201);
  return (headers['set-cookie'] as unknown as string[])[0]!.split(';')[0]!;
}

const refusals = async (cookie: string, action: string) => {
  const { body } = await api
    .on('lgwan', INSIDE)
    .get(`/api/v1/audit-entries?action=${action}`)
    .set('cookie', cookie)
    .expect(200);
  return (body.items as AuditEntry[]).filter(({ details }) => details['code'] === 'TENANCY.ADDRESS_REFUSED');
};

describe('a network with address ranges', () => {
  it.each([INSIDE, `::ffff:${INSIDE}`, '2001:db8:1:ffff::1'])('lets people in from inside: %s', async (address) => {
    const cookie = await session();
    await api.on('lgwan', address).get('/api/v1/me').set('cookie', cookie).expect(200);
  });

  it.each([OUTSIDE, `::ffff:${OUTSIDE}`, '2001:db8:2::1'])('refuses a session from outside: %s', async (address) => {
    const cookie = await session();
    const { body } = await api.on('lgwan', address).get('/api/v1/me').set('cookie', cookie).expect(403);
    expect(body).toMatchObject({ code: 'TENANCY.ADDRESS_REFUSED', title: expect.stringContaining('IPアドレス') });
    await api.on('lgwan', INSIDE).get('/api/v1/me').set('cookie', cookie).expect(200);
  });

  it('refuses a key from outside, on both of its apis', async () => {
    const authorization = `Bearer ${await addApiKey(api.app, city)}`;
    await api.on('lgwan', INSIDE).get('/api/v1/models').set({ authorization }).expect(200);
    await api.on('lgwan', OUTSIDE).get('/api/v1/models').set({ authorization }).expect(403);
    const { body } = await api.on('lgwan', OUTSIDE).get('/api/openai/v1/models').set({ authorization }).expect(403);
    expect(body.error.code).toBe('TENANCY.ADDRESS_REFUSED');
  });

  it('refuses the sign-in before it looks at the password, so that nobody outside learns or counts anything', async () => {
    const wrong = { ...city.admin, password: 'not the password' };
    for (const credentials of [city.admin, ...Array.from({ length: 7 }, () => wrong)])
      expect((await signInFrom(OUTSIDE, credentials).expect(403)).body.code).toBe('TENANCY.ADDRESS_REFUSED');
    await signInFrom(INSIDE).expect(201);
  });

  it('writes who knocked and from where into the trail, once and not at every knock', async () => {
    const cookie = await session();
    for (let knock = 0; knock < 5; knock += 1)
      await api.on('lgwan', OUTSIDE).get('/api/v1/me').set('cookie', cookie).expect(403);
    const [atTheDoor, ...more] = await refusals(cookie, 'session.refused');
    expect(atTheDoor).toMatchObject({ outcome: 'refused', details: { address: OUTSIDE } });
    expect(more).toEqual([]);
    const within = await refusals(cookie, 'access.refused');
    expect(within.filter(({ actor }) => actor.type === 'member')).toHaveLength(1);
  });

  it('is this city’s own: another one is not asked where it comes from', async () => {
    const cookie = await signIn(api, other, other.admin);
    await api.on('lgwan', OUTSIDE).get('/api/v1/me').set('cookie', cookie).expect(200);
  });
});

describe('what a client says about its address', () => {
  it.each<Record<string, string>>([
    { 'x-forwarded-for': INSIDE },
    { 'x-real-ip': INSIDE },
    { 'true-client-ip': INSIDE },
    { 'x-client-ip': INSIDE },
    { forwarded: `for=${INSIDE};proto=http` },
    { 'x-moyai-address': INSIDE },
  ])('has no effect: %o', async (claims) => {
    const cookie = await session();
    const { body } = await api
      .on('lgwan', OUTSIDE)
      .get('/api/v1/me')
      .set({ ...claims, cookie })
      .expect(403);
    expect(body.code).toBe('TENANCY.ADDRESS_REFUSED');
  });

  it('has no effect as a second ingress header either: such a request came through no ingress', async () => {
    const cookie = await session();
    const claim = { listener: 'lgwan', expiresAt: 4_000_000_000 } as const;
    const { ingressSecret } = api.config.api;
    const signed = signIngress(ingressSecret, { ...claim, address: OUTSIDE });
    for (const forged of [signIngress('guessed', { ...claim, address: INSIDE }), signed])
      for (const headers of [
        [signed, forged],
        [forged, signed],
      ])
        expect(await rawStatus(headers, cookie)).toBe(404);
  });
});

describe('a closed network', () => {
  it('refuses the sign-in, the sessions and the keys of before, at once, and only of this city', async () => {
    const authorization = `Bearer ${await addApiKey(api.app, city)}`;
    const cookie = await session();
    await change({ open: false });
    expect((await signInFrom(INSIDE).expect(403)).body.code).toBe('TENANCY.SEGMENT_CLOSED');
    for (const credential of [{ cookie }, { authorization }]) {
      const { body } = await api.on('lgwan', INSIDE).get('/api/v1/models').set(credential).expect(403);
      expect(body.code).toBe('TENANCY.SEGMENT_CLOSED');
    }
    await signIn(api, other, other.admin);
    await change({ open: true });
    await api.on('lgwan', INSIDE).get('/api/v1/me').set({ cookie }).expect(200);
  });

  it('answers a city that does not exist as it always does', async () => {
    const { body } = await api
      .on('internet', OUTSIDE)
      .post('/api/v1/sessions')
      .send({ cityCode: '990035', ...city.admin })
      .expect(401);
    expect(body.code).toBe('IDENTITY.SIGN_IN_FAILED');
  });
});

/** Headers exactly as given, which supertest would merge. */
async function rawStatus(ingress: string[], cookie: string): Promise<number | undefined> {
  const { port } = api.app.getHttpServer().address() as AddressInfo;
  const outgoing = request({ port, host: '127.0.0.1', path: '/api/v1/me' });
  outgoing.setHeader(INGRESS_HEADER, ingress);
  outgoing.setHeader('cookie', cookie);
  const [answer] = (await once(outgoing.end(), 'response')) as [IncomingMessage];
  await text(answer);
  return answer.statusCode;
}
