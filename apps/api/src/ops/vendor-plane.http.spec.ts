import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jstMonthOf, newId } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, CITY_B, type TestCity, addApiKey, onboardCity, signIn, signInVendor } from '../../test/test-city.ts';

const NEW_CITY = {
  code: CITY_B,
  name: '新市',
  monthlyLimitTokens: 1_000,
  firstAdmin: { loginId: '管理者', displayName: '新市 管理' },
};

describe("the vendor's plane", () => {
  let api: TestApi;
  let city: TestCity;
  let cookies: Record<'ops' | 'finance', string>;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
    cookies = { ops: await signInVendor(api, 'ops'), finance: await signInVendor(api, 'finance') };
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const get = (path: string, who: 'ops' | 'finance' = 'ops') => api.on('vendor').get(path).set('cookie', cookies[who]);
  const send = (method: 'post' | 'patch', path: string, body: object) =>
    api.on('vendor')[method](path).set('cookie', cookies.ops).send(body);

  it('has sessions of its own', async () => {
    const { body } = await get('/api/ops/v1/me', 'finance').expect(200);
    expect(body).toMatchObject({ vendorUser: { loginId: 'finance', role: 'finance' } });
    const own = await signInVendor(api, 'ops');
    await api.on('vendor').delete('/api/ops/v1/sessions/current').set('cookie', own).expect(204);
    await api.on('vendor').get('/api/ops/v1/me').set('cookie', own).expect(401);
    cookies.ops = await signInVendor(api, 'ops');
    const [wrong, unknown] = await Promise.all(
      ['ops', 'nobody'].map((loginId) =>
        api.on('vendor').post('/api/ops/v1/sessions').send({ loginId, password: 'wrong' }).expect(401),
      ),
    );
    expect(unknown!.body).toEqual({ ...wrong!.body, requestId: unknown!.body.requestId });
  });

  it('knows no city session, and no city network knows a vendor session', async () => {
    const member = await signIn(api, city, city.admin);
    await api.on('vendor').get('/api/ops/v1/me').set('cookie', member).expect(401);
    await api.on('lgwan').get('/api/v1/me').set('cookie', cookies.ops).expect(401);
  });

  it('lets operations see where a colleague is signed in, and end it', async () => {
    const colleague = await signInVendor(api, 'approver');
    const { body: people } = await get('/api/ops/v1/vendor-users').expect(200);
    const { id } = people.items.find(({ loginId }: { loginId: string }) => loginId === 'approver');
    const path = `/api/ops/v1/vendor-users/${id}/sessions`;
    const end = (who: 'ops' | 'finance') => api.on('vendor').delete(path).set('cookie', cookies[who]);
    expect((await get(path).expect(200)).body.items).toMatchObject([{ isCurrent: false }]);
    await get(path, 'finance').expect(403);
    await end('finance').expect(403);
    await get(`/api/ops/v1/vendor-users/${newId()}/sessions`).expect(404);
    await api.on('vendor').get('/api/ops/v1/me').set('cookie', colleague).expect(200);
    await end('ops').expect(204);
    await api.on('vendor').get('/api/ops/v1/me').set('cookie', colleague).expect(401);
    expect((await get(path).expect(200)).body.items).toEqual([]);
  });

  it('divides its roles', async () => {
    await get('/api/ops/v1/cities', 'finance').expect(403);
    await get('/api/finance/v1/usage?month=2026-06', 'ops').expect(403);
  });

  it('takes a city on: it can sign in, has its budget, and both chains say so', async () => {
    const { body } = await send('post', '/api/ops/v1/cities', NEW_CITY).expect(201);
    expect(body.city).toMatchObject({
      code: CITY_B,
      status: 'active',
      members: 1,
      month: { month: jstMonthOf(new Date()), limitTokens: 1_000, usedTokens: 0, reservedTokens: 0 },
      jobs: { waiting: 0, running: 0 },
    });
    const admin = { loginId: '管理者', password: 'correct mule stapler 電池' };
    const acceptance = { token: body.invitation.token, newPassword: admin.password };
    await api.on('lgwan').post('/api/v1/invitation-acceptances').send(acceptance).expect(204);
    const cookie = await signIn(api, { code: CITY_B }, admin);
    const { items } = (await api.on('lgwan').get('/api/v1/audit-entries').set('cookie', cookie).expect(200)).body;
    expect(items.at(-1)).toMatchObject({ action: 'city.registered', actor: { type: 'vendor', label: '運営事業者' } });
    expect((await send('post', '/api/ops/v1/cities', NEW_CITY).expect(409)).body.code).toBe('TENANCY.CODE_TAKEN');
    await send('post', '/api/ops/v1/cities', { ...NEW_CITY, code: '990018' }).expect(422);
  });

  it('lists cities by code, page by page, without a name of a person', async () => {
    const first = (await get('/api/ops/v1/cities?limit=1').expect(200)).body;
    const second = (await get(`/api/ops/v1/cities?limit=1&cursor=${first.nextCursor}`).expect(200)).body;
    expect([first.items[0].code, second.items[0].code]).toEqual([CITY_A, CITY_B]);
    expect(second.nextCursor).toBeNull();
    expect(JSON.stringify([first, second])).not.toMatch(/管理/);
  });

  it('suspends a city at once for members and systems, and takes it up again', async () => {
    const member = await signIn(api, city, city.admin);
    const key = await addApiKey(api.app, city);
    const turn = (to: 'suspend' | 'resume', body: object) => send('post', `/api/ops/v1/cities/${city.id}/${to}`, body);
    const suspension = { reason: '契約の手続き中のため', running: 'finish' };
    await turn('suspend', { running: 'finish' }).expect(422);
    const { body: suspended } = await turn('suspend', suspension).expect(200);
    expect(suspended).toMatchObject({ status: 'suspended', stage: 'suspended', statusReason: suspension.reason });
    expect((await turn('suspend', suspension).expect(409)).body.code).toBe('TENANCY.STATUS_CHANGED');
    const credentials = [{ cookie: member }, { authorization: `Bearer ${key}` }];
    for (const credential of credentials) {
      const { body } = await api.on('lgwan').get('/api/v1/models').set(credential).expect(403);
      expect(body.code).toBe('TENANCY.SUSPENDED');
    }
    await api
      .on('lgwan')
      .post('/api/v1/sessions')
      .send({ cityCode: CITY_A, ...city.admin })
      .expect(403);
    const { body: resumed } = await turn('resume', { reason: '手続きが済んだため' }).expect(200);
    expect(resumed.status).toBe('active');
    for (const credential of credentials) await api.on('lgwan').get('/api/v1/models').set(credential).expect(200);
    await send('post', `/api/ops/v1/cities/${newId()}/resume`, { reason: '再開' }).expect(404);
    const { items } = (await api.on('lgwan').get('/api/v1/audit-entries').set('cookie', member).expect(200)).body;
    const told = items.filter(({ action }: { action: string }) => /^city\.(suspended|resumed)$/.test(action));
    expect(told.map(({ details }: { details: { reason: string } }) => details.reason)).toEqual(
      expect.arrayContaining([suspension.reason, '手続きが済んだため']),
    );
  });

  it('gives finance the use per city, and a table in which no cell is a formula', async () => {
    const name = '=HYPERLINK("http://evil.example")';
    await send('patch', `/api/ops/v1/cities/${city.id}`, { name }).expect(200);
    const month = jstMonthOf(new Date());
    const { body } = await get(`/api/finance/v1/usage?month=${month}`, 'finance').expect(200);
    expect(body.items.map(({ code }: { code: string }) => code)).toEqual([CITY_A, CITY_B]);
    expect(body.total).toMatchObject({ jobs: 0, inputTokens: 0 });
    const { text, headers } = await get(`/api/finance/v1/usage.csv?month=${month}`, 'finance').expect(200);
    expect(headers['content-type']).toContain('text/csv');
    expect(headers['content-disposition']).toContain(`moyai-usage-${month}.csv`);
    expect(text.startsWith('\uFEFF対象月,団体コード,団体名,')).toBe(true);
    expect(text).toContain(`,"'=HYPERLINK(""http://evil.example"")",`);
    expect(text.trimEnd().split('\r\n')).toHaveLength(3);
    await get('/api/finance/v1/usage?month=2026-13', 'finance').expect(422);
  });

  it("keeps a chain of the vendor's own doings", async () => {
    const { rows } = await api.eyes.query<{ action: string }>(
      `SELECT DISTINCT action FROM audit_entries WHERE tenant_id = '00000000-0000-0000-0000-000000000000'`,
    );
    const actions = rows.map(({ action }) => action);
    for (const action of [
      'session.opened',
      'session.refused',
      'session.ended',
      'vendor-user.signed-out',
      'access.refused',
    ])
      expect(actions).toContain(action);
    for (const action of ['city.registered', 'city.changed', 'usage.exported']) expect(actions).toContain(action);
  });
});
