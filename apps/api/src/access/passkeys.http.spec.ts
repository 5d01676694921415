import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VendorDirectory } from '#libs/identity';
import { SoftwarePasskey, type Twist } from '../../test/software-passkey.ts';
import { ORIGIN, type TestApi, createTestApi } from '../../test/test-api.ts';
import {
  CITY_A,
  CITY_B,
  type TestCity,
  addMember,
  codeOf,
  cookieOf,
  onboardCity,
  signIn,
} from '../../test/test-city.ts';
import { SESSION_COOKIE, VENDOR_SESSION_COOKIE } from './cookies.ts';

describe('a passkey', () => {
  let api: TestApi;
  let city: TestCity;
  let otherCity: TestCity;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
    otherCity = await onboardCity(api.app, CITY_B);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const ask = (cookie: string, verb: 'get' | 'post' | 'delete', path: string, body?: object) =>
    api.on('lgwan')[verb](`/api/v1/${path}`).set({ cookie }).send(body);
  const creation = async (cookie: string) => (await ask(cookie, 'post', 'me/passkeys/options').expect(200)).body;
  const challenge = async (cookie: string) =>
    (await ask(cookie, 'post', 'sessions/current/passkey-options').expect(200)).body;
  const add = (cookie: string, made: object) => ask(cookie, 'post', 'me/passkeys', { name: '庁内PC', ...made });
  const finish = (cookie: string, proof: object) => ask(cookie, 'post', 'sessions/current/second-factor', proof);
  const refused = { code: 'IDENTITY.PASSKEY_REFUSED' };

  async function enrolled(loginId: string, where = city) {
    const member = await addMember(api.app, where, { loginId, role: 'staff' });
    const cookie = await signIn(api, where, member);
    const passkey = new SoftwarePasskey(ORIGIN);
    const { body } = await add(cookie, passkey.create(await creation(cookie))).expect(201);
    return { ...member, code: where.code, cookie, passkey, recoveryCodes: body.recoveryCodes as string[] };
  }
  type Enrolled = Awaited<ReturnType<typeof enrolled>>;

  async function begin({ code, loginId, password }: Enrolled): Promise<string> {
    const body = { cityCode: code, loginId, password };
    const begun = await api.on('lgwan').post('/api/v1/sessions').send(body).expect(202);
    expect(begun.body).toEqual({ step: 'second-factor', methods: ['passkey'] });
    return cookieOf(SESSION_COOKIE, begun.headers);
  }

  it('is made once with recovery codes, finishes signing in, and is named, used and removed', async () => {
    const member = await enrolled('basic');
    expect(member.recoveryCodes).toHaveLength(10);
    const unfinished = await begin(member);
    const options = await challenge(unfinished);
    expect(options).toMatchObject({ rpId: '127.0.0.1', userVerification: 'required' });
    expect(options.allowCredentials).toMatchObject([{ id: member.passkey.id }]);
    const { headers } = await finish(unfinished, member.passkey.get(options)).expect(201);
    const whole = cookieOf(SESSION_COOKIE, headers);
    await ask(unfinished, 'get', 'me').expect(401);
    const { body } = await ask(whole, 'get', 'me/second-factors').expect(200);
    expect(body.factors).toMatchObject([{ kind: 'passkey', name: '庁内PC', lastUsedAt: expect.any(String) }]);
    await api.eyes.query(`UPDATE sessions SET proven_at = now() - interval '11 minutes'`);
    const remove = () => ask(whole, 'delete', `me/second-factors/${body.factors[0].id}`);
    expect((await remove().expect(403)).body.code).toBe('IDENTITY.STEP_UP_REQUIRED');
    const proof = member.passkey.get(await challenge(whole));
    await ask(whole, 'post', 'me/step-up', { password: 'wrong', proof }).expect(422);
    await ask(whole, 'post', 'me/step-up', { password: member.password }).expect(422);
    await ask(whole, 'post', 'me/step-up', { password: member.password, proof }).expect(204);
    await remove().expect(204);
    await ask(whole, 'post', 'sessions/current/passkey-options').expect(409);
  });

  const TWISTS: [string, Twist][] = [
    ['a page of another origin', { origin: 'http://evil.example' }],
    ['another port', { origin: 'http://127.0.0.1:3001' }],
    ['another relying party', { rpId: 'evil.example' }],
    ['another challenge', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
    ['an authenticator that did not verify its user', { isUnverified: true }],
  ];

  it.each(TWISTS)('of %s is neither added nor accepted, and its challenge is spent', async (what, twist) => {
    const member = await enrolled(`twist-${TWISTS.findIndex(([name]) => name === what)}`);
    const made = await creation(member.cookie);
    const second = new SoftwarePasskey(ORIGIN);
    expect((await add(member.cookie, second.create(made, twist)).expect(422)).body).toMatchObject(refused);
    await add(member.cookie, second.create(made)).expect(422);
    const unfinished = await begin(member);
    const options = await challenge(unfinished);
    expect((await finish(unfinished, member.passkey.get(options, twist)).expect(422)).body).toMatchObject(refused);
    await finish(unfinished, member.passkey.get(options)).expect(422);
    await finish(unfinished, member.passkey.get(await challenge(unfinished))).expect(201);
  });

  it('answers a challenge once: of ten at the same moment one signs in, and none later or in another session', async () => {
    const member = await enrolled('replay');
    const unfinished = await begin(member);
    const other = await begin(member);
    const answer = member.passkey.get(await challenge(unfinished));
    await challenge(other);
    await finish(other, answer).expect(422);
    const answers = await Promise.all(Array.from({ length: 10 }, () => finish(unfinished, answer)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => ![201, 401, 422, 429].includes(status))).toEqual([]);
    await api.eyes.query('DELETE FROM sign_in_attempts');
    await finish(await begin(member), answer).expect(422);
  });

  it('answers within five minutes', async () => {
    const member = await enrolled('slow');
    const unfinished = await begin(member);
    const answer = member.passkey.get(await challenge(unfinished));
    await api.eyes.query(`UPDATE sessions SET challenge_expires_at = now() WHERE challenge IS NOT NULL`);
    expect((await finish(unfinished, answer).expect(422)).body).toMatchObject(refused);
  });

  it('whose counter does not grow has been copied, and is refused', async () => {
    const member = await enrolled('copied');
    member.passkey.counter = 40;
    const first = await begin(member);
    await finish(first, member.passkey.get(await challenge(first))).expect(201);
    for (const counter of [40, 11]) {
      member.passkey.counter = counter;
      const unfinished = await begin(member);
      expect(
        (await finish(unfinished, member.passkey.get(await challenge(unfinished))).expect(422)).body,
      ).toMatchObject(refused);
    }
  });

  it('is its holder’s alone, in the city and beyond it', async () => {
    const [member, colleague, stranger] = [
      await enrolled('holder'),
      await enrolled('colleague'),
      await enrolled('holder', otherCity),
    ];
    for (const somebody of [colleague, stranger]) {
      const unfinished = await begin(member);
      const answer = somebody.passkey.get(await challenge(unfinished));
      expect((await finish(unfinished, answer).expect(422)).body).toMatchObject(refused);
      const claimed = { ...somebody.passkey.get(await challenge(unfinished)), id: member.passkey.id };
      expect((await finish(unfinished, claimed).expect(422)).body).toMatchObject(refused);
    }
    const taken = colleague.passkey.create(await creation(member.cookie));
    expect((await add(member.cookie, taken).expect(422)).body).toMatchObject(refused);
  });

  it('serves the vendor’s people, who enrol it at their first sign-in', async () => {
    const person = { loginId: 'newcomer', displayName: '新人', role: 'ops' } as const;
    const password = await api.app.get(VendorDirectory).ensure(person);
    const at = (path: string, cookie = '', body?: object) =>
      api.on('vendor').post(`/api/ops/v1/${path}`).set({ cookie }).send(body);
    const open = async () => {
      const { headers } = await at('sessions', '', { loginId: person.loginId, password }).expect(202);
      return cookieOf(VENDOR_SESSION_COOKIE, headers);
    };
    const passkey = new SoftwarePasskey(ORIGIN);
    const unfinished = await open();
    const { body: made } = await at('me/passkeys/options', unfinished).expect(200);
    const added = await at('me/passkeys', unfinished, { name: '鍵', ...passkey.create(made) }).expect(201);
    expect(added.body.recoveryCodes).toHaveLength(10);
    const whole = cookieOf(VENDOR_SESSION_COOKIE, added.headers);
    await api.on('vendor').get('/api/ops/v1/me').set('cookie', whole).expect(200);
    const next = await open();
    const { body: options } = await at('sessions/current/passkey-options', next).expect(200);
    await at('sessions/current/second-factor', next, passkey.get(options)).expect(201);
  });

  it('stands beside an authenticator app', async () => {
    const member = await enrolled('both');
    const { body } = await ask(member.cookie, 'post', 'me/second-factors').expect(201);
    const confirmation = { id: body.id, code: codeOf(body.secret) };
    await ask(member.cookie, 'post', 'me/second-factors/confirmations', confirmation).expect(201);
    const { body: means } = await ask(member.cookie, 'get', 'me/step-up').expect(200);
    expect(means).toEqual({ hasPassword: true, methods: ['passkey', 'totp'] });
  });
});
