import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CityAccess, VendorDirectory } from '#libs/identity';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, type TestCity, addMember, codeOf, cookieOf, onboardCity, signIn } from '../../test/test-city.ts';
import { SESSION_COOKIE, VENDOR_SESSION_COOKIE } from './cookies.ts';

describe('a second factor', () => {
  let api: TestApi;
  let city: TestCity;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  type Verb = 'get' | 'post' | 'delete';
  const ask = (cookie: string, verb: Verb, path: string, body?: object) =>
    api.on('lgwan')[verb](`/api/v1/${path}`).set({ cookie }).send(body);
  const passwordOf = ({ loginId, password }: { loginId: string; password: string }) =>
    api.on('lgwan').post('/api/v1/sessions').send({ cityCode: CITY_A, loginId, password });
  const prove = (cookie: string, code: string, method = 'totp') =>
    ask(cookie, 'post', 'sessions/current/second-factor', { method, code });

  /** A member with an authenticator, whose present code has been used to enrol it. */
  async function enrolled(loginId: string) {
    const member = await addMember(api.app, city, { loginId, role: 'staff' });
    const cookie = await signIn(api, city, member);
    const { body } = await ask(cookie, 'post', 'me/second-factors').expect(201);
    const confirmation = { id: body.id, code: codeOf(body.secret) };
    const confirmed = await ask(cookie, 'post', 'me/second-factors/confirmations', confirmation).expect(201);
    return { ...member, cookie, secret: body.secret, recoveryCodes: confirmed.body.recoveryCodes as string[] };
  }

  async function begin(member: { loginId: string; password: string }): Promise<string> {
    const { body, headers } = await passwordOf(member).expect(202);
    expect(body).toEqual({ step: 'second-factor', methods: ['totp'] });
    return cookieOf(SESSION_COOKIE, headers);
  }

  it('is asked for once it is enrolled, and until then the session reaches nothing', async () => {
    const member = await enrolled('basic');
    const unfinished = await begin(member);
    for (const path of ['me', 'conversations', 'me/second-factors'])
      expect((await ask(unfinished, 'get', path).expect(401)).body.code).toBe('IDENTITY.SECOND_FACTOR_REQUIRED');
    await ask(unfinished, 'post', 'me/second-factors').expect(401);
    expect((await prove(unfinished, '000000').expect(422)).body.code).toBe('IDENTITY.PROOF_WRONG');
    const { headers } = await prove(unfinished, codeOf(member.secret, 1)).expect(201);
    const whole = cookieOf(SESSION_COOKIE, headers);
    expect(whole).not.toBe(unfinished);
    await ask(whole, 'get', 'me').expect(200);
    await ask(unfinished, 'get', 'me').expect(401);
  });

  it('takes each code once: of fifty at the same moment exactly one signs in', async () => {
    const member = await enrolled('replay');
    const [unfinished, code] = [await begin(member), codeOf(member.secret, 1)];
    const answers = await Promise.all(Array.from({ length: 50 }, () => prove(unfinished, code)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => ![201, 401, 422, 429].includes(status))).toEqual([]);
    await api.eyes.query('DELETE FROM sign_in_attempts');
    for (const spent of [code, codeOf(member.secret)])
      expect((await prove(await begin(member), spent).expect(422)).body.code).toBe('IDENTITY.PROOF_WRONG');
  });

  it('is guessed at no faster than a password', async () => {
    const member = await enrolled('guessed');
    const unfinished = await begin(member);
    for (let failure = 0; failure < 5; failure += 1) await prove(unfinished, '000000').expect(422);
    const { body } = await prove(unfinished, '000000').expect(429);
    expect(body.code).toBe('IDENTITY.THROTTLED');
  });

  it('is replaced by each of ten recovery codes once', async () => {
    const { recoveryCodes, ...member } = await enrolled('recovery');
    expect(recoveryCodes).toHaveLength(10);
    const [first, second] = recoveryCodes as [string, string];
    await prove(await begin(member), first.toUpperCase().replaceAll('-', ' '), 'recovery').expect(201);
    await prove(await begin(member), first, 'recovery').expect(422);
    const { headers } = await prove(await begin(member), second, 'recovery').expect(201);
    const { body } = await ask(cookieOf(SESSION_COOKIE, headers), 'get', 'me/second-factors').expect(200);
    expect(body).toMatchObject({ factors: [{ kind: 'totp' }], recoveryCodesLeft: 8 });
  });

  it('is stored sealed, its recovery codes as hashes', async () => {
    const { secret, recoveryCodes } = await enrolled('sealed');
    const { rows } = await api.eyes.query<{ text: string }>(
      `SELECT encode(secret_sealed, 'escape') AS text FROM member_factors
       UNION ALL SELECT encode(code_hash, 'escape') FROM member_recovery_codes`,
    );
    const stored = rows.map(({ text }) => text).join();
    for (const clear of [secret, ...recoveryCodes]) expect(stored).not.toContain(clear);
  });

  it('is taken away by an administrator who has just proven who they are, and the sessions end', async () => {
    const member = await enrolled('lost');
    const admin = await signIn(api, city, city.admin);
    const reset = () => ask(admin, 'delete', `members/${member.id}/second-factors`);
    await api.eyes.query(`UPDATE sessions SET proven_at = now() - interval '11 minutes'`);
    expect((await reset().expect(403)).body.code).toBe('IDENTITY.STEP_UP_REQUIRED');
    await ask(admin, 'post', 'me/step-up', { password: 'wrong' }).expect(422);
    await reset().expect(403);
    await ask(admin, 'post', 'me/step-up', { password: city.admin.password }).expect(204);
    await reset().expect(204);
    await ask(member.cookie, 'get', 'me').expect(401);
    await passwordOf(member).expect(201);
  });

  it('belongs to a proof, where somebody has one', async () => {
    const member = await enrolled('proof');
    const stepUp = (body: object) => ask(member.cookie, 'post', 'me/step-up', body);
    const { body } = await ask(member.cookie, 'get', 'me/step-up').expect(200);
    expect(body).toEqual({ hasPassword: true, methods: ['totp'] });
    await stepUp({ password: member.password }).expect(422);
    const proof = { method: 'totp', code: codeOf(member.secret, 1) };
    await stepUp({ password: 'wrong', proof }).expect(422);
    await stepUp({ password: member.password, proof }).expect(204);
  });

  it('is enrolled before anything else where the policy of the network demands it, and the last one stays', async () => {
    const member = await addMember(api.app, city, { loginId: 'demanded', role: 'staff' });
    const before = await signIn(api, city, member);
    const demand = async (mfa: string) => {
      await api.eyes.query(`UPDATE segment_policies SET mfa = $1 WHERE segment = 'lgwan'`, [mfa]);
      api.app.get(CityAccess).changed(city.id);
    };
    await demand('required');
    await ask(before, 'get', 'me').expect(401);
    const { body, headers } = await passwordOf(member).expect(202);
    expect(body).toEqual({ step: 'enrolment', methods: [] });
    const unfinished = cookieOf(SESSION_COOKIE, headers);
    await ask(unfinished, 'get', 'me').expect(401);
    await prove(unfinished, '000000').expect(401);
    const { body: begun } = await ask(unfinished, 'post', 'me/second-factors').expect(201);
    const code = { id: begun.id, code: codeOf(begun.secret) };
    const confirmed = await ask(unfinished, 'post', 'me/second-factors/confirmations', code).expect(201);
    const whole = cookieOf(SESSION_COOKIE, confirmed.headers);
    await ask(whole, 'get', 'me').expect(200);
    const last = await ask(whole, 'delete', `me/second-factors/${begun.id}`).expect(409);
    expect(last.body.code).toBe('IDENTITY.LAST_FACTOR');
    await demand('optional');
  });

  it('is always demanded of the vendor’s people, first to enrol and then to prove; a colleague takes it away', async () => {
    const vendors = api.app.get(VendorDirectory);
    const person = { loginId: 'newcomer', displayName: '新人', role: 'ops' } as const;
    const password = await vendors.ensure(person);
    const at = (verb: Verb, path: string, cookie = '', body?: object) =>
      api.on('vendor')[verb](`/api/ops/v1/${path}`).set({ cookie }).send(body);
    const open = () => at('post', 'sessions', '', { loginId: person.loginId, password }).expect(202);
    const begun = await open();
    expect(begun.body).toEqual({ step: 'enrolment', methods: [] });
    const unfinished = cookieOf(VENDOR_SESSION_COOKIE, begun.headers);
    await at('get', 'cities', unfinished).expect(401);
    const { body: factor } = await at('post', 'me/second-factors', unfinished).expect(201);
    const code = { id: factor.id, code: codeOf(factor.secret) };
    const confirmed = await at('post', 'me/second-factors/confirmations', unfinished, code).expect(201);
    const whole = cookieOf(VENDOR_SESSION_COOKIE, confirmed.headers);
    const { body: users } = await at('get', 'vendor-users', whole).expect(200);
    expect(users.items).toMatchObject([{ loginId: 'newcomer', hasFactor: true }]);
    const own = await at('delete', `vendor-users/${users.items[0].id}/second-factors`, whole).expect(409);
    expect(own.body.code).toBe('IDENTITY.OWN_FACTORS');
    expect((await open()).body).toEqual({ step: 'second-factor', methods: ['totp'] });

    const { password: theirs, totpSecret } = await vendors.ensureEnrolled({ ...person, loginId: 'colleague' });
    const first = await at('post', 'sessions', '', { loginId: 'colleague', password: theirs }).expect(202);
    const step = cookieOf(VENDOR_SESSION_COOKIE, first.headers);
    const proof = { method: 'totp', code: codeOf(totpSecret) };
    const done = await at('post', 'sessions/current/second-factor', step, proof).expect(201);
    const colleague = cookieOf(VENDOR_SESSION_COOKIE, done.headers);
    await at('delete', `vendor-users/${users.items[0].id}/second-factors`, colleague).expect(204);
    await at('get', 'me', whole).expect(401);
    expect((await open()).body).toEqual({ step: 'enrolment', methods: [] });
  });
});
