import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, createTestApi } from '../../../test/test-api.ts';
import { CITY_A, type TestCity, addMember, onboardCity, signIn } from '../../../test/test-city.ts';

describe('a session', () => {
  let api: TestApi;
  let city: TestCity;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const attempt = (body: object) => api.on('lgwan').post('/api/v1/sessions').send(body);

  it('is given in a cookie no script can read, and tells who one is', async () => {
    const { body, headers } = await attempt({ cityCode: CITY_A, ...city.admin }).expect(201);
    const [cookie] = headers['set-cookie'] as unknown as string[];
    expect(cookie).toMatch(/^moyai_session=[\w-]+\.[\w-]+\.[\w-]+; Path=\/; Expires=.*; HttpOnly; SameSite=Strict$/);
    expect(body).toMatchObject({
      member: { loginId: 'admin', role: 'admin' },
      city: { code: CITY_A },
      segment: 'lgwan',
    });
    await api.on('lgwan').get('/api/v1/me').set('cookie', cookie!.split(';')[0]!).expect(200, body);
  });

  it('has a new id at every sign-in', async () => {
    expect(await signIn(api, city, city.admin)).not.toBe(await signIn(api, city, city.admin));
  });

  it('accepts the login id in any width and case', async () => {
    await attempt({ cityCode: CITY_A, loginId: 'ＡＤＭＩＮ', password: city.admin.password }).expect(201);
  });

  it('is dead everywhere once signed out', async () => {
    const cookie = await signIn(api, city, city.admin);
    await api.on('lgwan').get('/api/v1/me').set('cookie', cookie).expect(200);
    await api.on('lgwan').delete('/api/v1/sessions/current').set('cookie', cookie).expect(204);
    await api.on('lgwan').get('/api/v1/me').set('cookie', cookie).expect(401);
  });

  it('works on its own network alone', async () => {
    const { password } = await addMember(api.app, city, { loginId: 'mn', role: 'staff', segment: 'my_number' });
    await attempt({ cityCode: CITY_A, loginId: 'mn', password }).expect(401);
    const cookie = await signIn(api, city, { loginId: 'mn', password }, 'my_number');
    await api.on('my_number').get('/api/v1/me').set('cookie', cookie).expect(200);
    await api.on('lgwan').get('/api/v1/me').set('cookie', cookie).expect(401);
    await api.on('vendor').get('/api/v1/me').set('cookie', cookie).expect(404);
  });

  it('dies with the password it was opened with', async () => {
    const admin = await signIn(api, city, city.admin);
    const member = await addMember(api.app, city, { loginId: 'reset', role: 'staff' });
    const cookie = await signIn(api, city, member);
    await api.on('lgwan').get('/api/v1/me').set('cookie', cookie).expect(200);
    const reset = api.on('lgwan').post(`/api/v1/members/${member.id}/password-resets`).set('cookie', admin);
    const { body } = await reset.expect(201);
    await api.on('lgwan').get('/api/v1/me').set('cookie', cookie).expect(401);
    await signIn(api, city, { loginId: 'reset', password: body.initialPassword });
  });

  it('goes on under a new id when the member changes the password, and all others end', async () => {
    const member = await addMember(api.app, city, { loginId: 'own', role: 'staff' });
    const [here, elsewhere] = [await signIn(api, city, member), await signIn(api, city, member)];
    const change = (newPassword: string, currentPassword = member.password) =>
      api.on('lgwan').put('/api/v1/me/password').set('cookie', here).send({ currentPassword, newPassword });
    for (const weak of ['short', 'password1234567890', 'aaaaaaaaaaaaaaaaaaaa', `own試験市${CITY_A}own試験市`]) {
      const { body } = await change(weak).expect(422);
      expect(body.code).toBe('IDENTITY.PASSWORD_REFUSED');
    }
    await change('correct mule stapler 電池', 'not the password').expect(401);
    const { headers } = await change('correct mule stapler 電池').expect(204);
    for (const old of [here, elsewhere]) await api.on('lgwan').get('/api/v1/me').set('cookie', old).expect(401);
    const [fresh] = headers['set-cookie'] as unknown as string[];
    await api.on('lgwan').get('/api/v1/me').set('cookie', fresh!.split(';')[0]!).expect(200);
  });

  it('answers a wrong password, an unknown user and an unknown city alike', async () => {
    const [wrong, nobody, nowhere] = [
      await attempt({ cityCode: CITY_A, loginId: 'admin', password: 'wrong' }).expect(401),
      await attempt({ cityCode: CITY_A, loginId: 'nobody', password: 'wrong' }).expect(401),
      await attempt({ cityCode: '999997', loginId: 'admin', password: 'wrong' }).expect(401),
    ].map(({ body }) => ({ ...body, requestId: '' }));
    expect(nobody).toEqual(wrong);
    expect(nowhere).toEqual(wrong);
  });

  it('records sign-ins, refusals and sign-outs without what was typed', async () => {
    const cookie = await signIn(api, city, city.admin);
    const { body } = await api.on('lgwan').get('/api/v1/audit-entries?limit=100').set('cookie', cookie).expect(200);
    const actions = new Set(body.items.map(({ action }: { action: string }) => action));
    for (const action of ['city.registered', 'session.opened', 'session.refused', 'session.ended'])
      expect(actions).toContain(action);
    expect(JSON.stringify(body)).not.toContain('nobody');
  });
});

describe('throttling', () => {
  let api: TestApi;
  let city: TestCity;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const attempt = (loginId: string, password: string, cookie = '') =>
    api.on('lgwan').post('/api/v1/sessions').set('cookie', cookie).send({ cityCode: CITY_A, loginId, password });

  it.each(['admin', 'nobody'])('slows guessing at %s, whether that account exists or not', async (loginId) => {
    for (let failure = 0; failure < 5; failure += 1) await attempt(loginId, 'wrong').expect(401);
    const { body, headers } = await attempt(loginId, 'wrong').expect(429);
    expect(body.code).toBe('IDENTITY.THROTTLED');
    expect(Number(headers['retry-after'])).toBe(1);
  });

  it('counts attempts of one moment before it checks them', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => attempt('many', 'wrong')));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
  });

  it("is no lock-out weapon: a device that has signed in before is not held up by a stranger's guesses", async () => {
    const member = await addMember(api.app, city, { loginId: 'victim', role: 'staff' });
    const { headers } = await attempt('victim', member.password).expect(201);
    const device = (headers['set-cookie'] as unknown as string[]).find((text) => text.startsWith('moyai_device='))!;
    expect(device).toContain('Path=/api/v1/sessions;');
    for (let failure = 0; failure < 6; failure += 1) await attempt('victim', 'wrong');
    await attempt('victim', member.password).expect(429);
    await attempt('victim', member.password, device.split(';')[0]).expect(201);
  });

  it('holds up nobody who signs in rightly, however many at once', async () => {
    const member = await addMember(api.app, city, { loginId: 'crowd', role: 'staff' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => attempt('crowd', member.password)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 201));
  });

  it('forgets the failures of an account whose owner signs in', async () => {
    const member = await addMember(api.app, city, { loginId: 'typo', role: 'staff' });
    for (let round = 0; round < 3; round += 1) {
      for (let failure = 0; failure < 4; failure += 1) await attempt('typo', 'wrong').expect(401);
      await attempt('typo', member.password).expect(201);
    }
  });
});
