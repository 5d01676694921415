import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SamlIdentityProvider } from '#libs/testing';
import { SsoDesk } from '../../test/sso-desk.ts';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, CITY_B, addMember, changePolicy, onboardCity, signIn } from '../../test/test-city.ts';

describe('signing in by a SAML identity provider', () => {
  let api: TestApi;
  let desk: SsoDesk;
  let other: SsoDesk;
  let idp: SamlIdentityProvider;
  let providerId: string;
  beforeAll(async () => {
    api = await createTestApi();
    const [a, b] = [await onboardCity(api.app, CITY_A), await onboardCity(api.app, CITY_B)];
    desk = new SsoDesk(api, a, await signIn(api, a, a.admin));
    other = new SsoDesk(api, b, await signIn(api, b, b.admin));
    idp = await SamlIdentityProvider.start();
    providerId = await desk.connectSaml(idp, { createsMembers: true });
  });
  afterAll(async () => {
    await idp[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
  });

  const come = async (nameId: string, attributes: Record<string, string> = {}, id = providerId) => {
    const leaving = await desk.leave(id);
    const SAMLResponse = await idp.answer(leaving.location, nameId, { attributes });
    return desk.arrive(leaving, { SAMLResponse });
  };
  const rules = (change: object, id = providerId) => desk.ask('patch', `/${id}`, change).expect(200);

  it('makes a member without a password at the first sign-in, and is the same member ever after', async () => {
    const first = await come('h.yamada', { displayName: '山田 花子' });
    const me = await desk.me(first.session!);
    expect(me).toMatchObject({ loginId: 'h.yamada', displayName: '山田 花子', role: 'staff' });
    const again = await come('h.yamada', { displayName: '山田 花子' });
    expect((await desk.me(again.session!)).id).toBe(me.id);
    const password = { cityCode: CITY_A, loginId: 'h.yamada', password: 'any password at all' };
    await api.on('lgwan').post('/api/v1/sessions').send(password).expect(401);
    const proof = await api.on('lgwan').get('/api/v1/me/step-up').set('cookie', again.session!).expect(200);
    expect(proof.body).toEqual({ hasPassword: false, methods: [] });
  });

  it('puts new members into the department their group is given', async () => {
    await api
      .on('lgwan')
      .post('/api/v1/departments')
      .set('cookie', desk.cookie)
      .send({ code: 'D10', name: '総務課', parentId: null })
      .expect(201);
    await rules({ departmentAttribute: 'group', departmentCodes: { 'cn=soumu': 'D10' } });
    const { session } = await come('soumu1', { group: 'cn=soumu' });
    const me = await api.on('lgwan').get('/api/v1/me').set('cookie', session!).expect(200);
    expect(me.body.member.department).toMatchObject({ code: 'D10' });
    const lost = await come('soumu2', { group: 'cn=nobody' });
    expect((await desk.me(lost.session!)).department).toBeNull();
    await rules({ departmentAttribute: null, departmentCodes: {} });
  });

  it('never takes an existing member over silently; an administrator’s tie or rule does', async () => {
    const member = await addMember(api.app, desk.city, { loginId: 't.suzuki', role: 'manager' });
    expect((await come('t.suzuki')).code).toBe('SSO.LOGIN_ID_TAKEN');
    await rules({ linksByLoginId: true });
    expect(await desk.me((await come('T.SUZUKI')).session!)).toMatchObject({ id: member.id, role: 'manager' });
    // Known by the tie from now on, and nobody else gets it by the same login id
    await rules({ linksByLoginId: false, loginIdAttribute: 'uid' });
    expect((await come('T.SUZUKI', { uid: 'whatever' })).code).toBeNull();
    await rules({ linksByLoginId: true });
    expect((await come('newcomer', { uid: 't.suzuki' })).code).toBe('SSO.LOGIN_ID_TAKEN');
    await rules({ linksByLoginId: false, loginIdAttribute: null });
    const byHand = await addMember(api.app, desk.city, { loginId: 'k.sato', role: 'staff' });
    await desk.ask('put', `/${providerId}/members/${byHand.id}`, { subject: 'S-0815' }).expect(204);
    const tied = (await come('S-0815')).session!;
    expect((await desk.me(tied)).id).toBe(byHand.id);
    await desk.ask('put', `/${providerId}/members/${byHand.id}`, { subject: 'S-0816' }).expect(409);
    await desk.ask('delete', `/${providerId}/members/${byHand.id}`).expect(204);
    await api.on('lgwan').get('/api/v1/me').set('cookie', tied).expect(401);
    await rules({ createsMembers: false });
    expect((await come('S-0815')).code).toBe('SSO.MEMBER_UNKNOWN');
    await rules({ createsMembers: true });
  });

  it('refuses a member who is disabled, or belongs to another network', async () => {
    const { session } = await come('leaver');
    const { id } = await desk.me(session!);
    await api
      .on('lgwan')
      .patch(`/api/v1/members/${id}`)
      .set('cookie', desk.cookie)
      .send({ status: 'disabled' })
      .expect(200);
    expect((await come('leaver')).code).toBe('SSO.MEMBER_DISABLED');
    await addMember(api.app, desk.city, { loginId: 'mynumber', role: 'staff', segment: 'my_number' });
    await rules({ linksByLoginId: true });
    expect((await come('mynumber')).code).toBe('SSO.MEMBER_DISABLED');
    await rules({ linksByLoginId: false });
  });

  it('keeps cities apart: the same NameID at another city is somebody else', async () => {
    await come('twin');
    const theirs = await other.connectSaml(idp, { createsMembers: false });
    const leaving = await other.leave(theirs);
    const SAMLResponse = await idp.answer(leaving.location, 'twin');
    expect((await other.arrive(leaving, { SAMLResponse })).code).toBe('SSO.MEMBER_UNKNOWN');
    // and our provider is not there for them
    await other.ask('get', `/${providerId}`).expect(404);
    const request = api.on('lgwan').post('/api/v1/sso/requests');
    await request.send({ cityCode: CITY_B, providerId }).expect(404);
    const mine = await desk.connectSaml(idp, { createsMembers: true }, 'もう一つ');
    idp.trust((await desk.ask('get', `/${mine}/service-provider.xml`).buffer(true)).text);
    await desk.ask('patch', `/${mine}`, { enabled: false }).expect(200);
    await desk.ask('delete', `/${mine}`).expect(204);
    idp.trust((await desk.ask('get', `/${providerId}/service-provider.xml`).buffer(true)).text);
  });

  it('tells a stranger nothing about a city that has none, is suspended or does not exist', async () => {
    const options = async (cityCode: string, on: 'lgwan' | 'my_number' = 'lgwan') =>
      (await api.on(on).get(`/api/v1/sso/options?cityCode=${cityCode}`).expect(200)).text;
    expect(JSON.parse(await options(CITY_A)).providers).toEqual([{ id: providerId, name: '庁内認証基盤' }]);
    expect(await options('999997')).toBe(await options('990035'));
    expect(await options(CITY_A, 'my_number')).toBe(await options('999997'));
  });

  it('signs everybody out who came through a provider that is switched off', async () => {
    const { session } = await come('ends');
    await desk.me(session!);
    const leaving = await desk.leave(providerId);
    const SAMLResponse = await idp.answer(leaving.location, 'ends');
    await rules({ enabled: false });
    await api.on('lgwan').get('/api/v1/me').set('cookie', session!).expect(401);
    expect((await desk.arrive(leaving, { SAMLResponse })).code).toBe('SSO.PROVIDER_DISABLED');
    await desk.ask('delete', `/${providerId}/members/${newUuid}`).expect(404);
    await rules({ enabled: true });
    await desk.ask('delete', `/${providerId}`).expect(409);
  });

  it('leads back to the page the person left, and nowhere that the provider, a form or a cookie would rather', async () => {
    const comeBack = async (returnTo?: string, fields: object = {}, changed = (cookie: string) => cookie) => {
      const leaving = await desk.leave(providerId, returnTo);
      const SAMLResponse = await idp.answer(leaving.location, 'h.yamada');
      return (await desk.arrive({ ...leaving, cookie: changed(leaving.cookie) }, { SAMLResponse, ...fields })).to;
    };
    expect(await comeBack('/batches?state=done')).toBe('/batches?state=done');
    expect(await comeBack()).toBe('/');
    expect(await comeBack('/account', { RelayState: 'https://evil.example/' })).toBe('/account');
    expect(await comeBack('/account', {}, (cookie) => cookie.split('; ')[0]!)).toBe('/');
    for (const place of ['//evil.example', '/\\evil.example', '/\t/evil.example', '/%2f/evil.example', '/api/v1/me']) {
      expect(await comeBack(place)).toBe('/');
      const written = `moyai_sso_return=${Buffer.from(place).toString('base64url')}`;
      expect(await comeBack('/account', {}, (cookie) => `${cookie.split('; ')[0]}; ${written}`)).toBe('/');
    }
    const refused = await desk.arrive(await desk.leave(providerId, '/account'), { SAMLResponse: 'bm8=' });
    expect(refused.to).toMatch(/^\/sign-in\?failure=SSO\.\w+&requestId=[\w-]+&next=%2Faccount$/);
    await changePolicy(api, desk.city, { mfa: 'required' });
    expect(await comeBack('/account')).toBe('/sign-in?step=1&next=%2Faccount');
    await changePolicy(api, desk.city, { mfa: 'optional' });
  });

  it('is tried out by an administrator without anybody being signed in', async () => {
    const { body, headers } = await desk.ask('post', `/${providerId}/tests`).expect(201);
    const cookie = (headers['set-cookie'] as unknown as string[])[0]!.split(';')[0]!;
    const SAMLResponse = await idp.answer(body.location, 'tester', { attributes: { displayName: '試験 太郎' } });
    const answer = await api
      .on('lgwan')
      .post(`/api/v1/sso/${providerId}/acs`)
      .set('cookie', cookie)
      .type('form')
      .send({ SAMLResponse })
      .expect(303);
    expect(answer.headers['location']).toBe(`/admin/sign-in?tested=${providerId}`);
    expect(JSON.stringify(answer.headers['set-cookie'])).not.toContain('moyai_session');
    const { body: provider } = await desk.ask('get', `/${providerId}`).expect(200);
    expect(provider.lastTest).toMatchObject({ code: null, identity: { subject: 'tester', displayName: '試験 太郎' } });
  });

  it('leaves a trail of every setting, sign-in and refusal', async () => {
    const { body } = await api
      .on('lgwan')
      .get('/api/v1/audit-entries?limit=100')
      .set('cookie', desk.cookie)
      .expect(200);
    const actions = new Set(body.items.map(({ action }: { action: string }) => action));
    for (const action of [
      'identity-provider.created',
      'identity-provider.configured',
      'identity-provider.changed',
      'identity-provider.tested',
      'identity-provider.removed',
      'member.identity-linked',
      'member.identity-unlinked',
      'session.opened',
      'session.refused',
    ])
      expect(actions).toContain(action);
  });

  it('asks for metadata before it is enabled, and refuses metadata that is none', async () => {
    const { body } = await desk.ask('post', '', { kind: 'saml', name: '準備中' }).expect(201);
    const refusal = await desk.ask('patch', `/${body.id}`, { enabled: true }).expect(409);
    expect(refusal.body.code).toBe('SSO.NOT_READY');
    const bomb = `<!DOCTYPE a [<!ENTITY b "bb">]>${idp.metadata}`;
    for (const metadata of ['', 'no xml', '<a/>', bomb, idp.metadata.replace('IDPSSODescriptor', 'SPSSODescriptor')]) {
      const { status } = await desk.ask('put', `/${body.id}/saml`, { metadata });
      expect(status).toBe(422);
    }
    await desk.ask('put', `/${body.id}/oidc`, { metadata: '{}', keys: '{}', clientId: 'x', flow: 'code' }).expect(404);
  });

  it('is created once under one Idempotency-Key', async () => {
    const create = (name: string) => desk.ask('post', '', { kind: 'oidc', name }).set('idempotency-key', 'provider-1');
    const [first, second] = [await create('一度だけ').expect(201), await create('一度だけ').expect(201)];
    expect(second.body.id).toBe(first.body.id);
    expect((await create('別の名前').expect(409)).body.code).toBe('REQUEST.IDEMPOTENCY_MISMATCH');
  });
});

const newUuid = '01970000-0000-7000-8000-000000000000';
