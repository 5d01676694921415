import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jstDayOf, newId } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, CITY_B, signIn, signInVendor } from '../../test/test-city.ts';

const DAY_MS = 86_400_000;
const day = (days: number): string => jstDayOf(new Date(Date.now() + days * DAY_MS));
const PASSWORD = 'correct mule stapler 電池';
const ADMIN = { loginId: 'joho', displayName: '情報 花子' };
const ANSWERS = { code: CITY_A, name: '始市', monthlyLimitTokens: 100_000, firstAdmin: ADMIN };
const QUESTION = { kind: 'chat', messages: [{ role: 'user', content: '窓口の開く時間を教えてください。' }] };

describe('taking a city on', () => {
  let api: TestApi;
  let ops: string;
  beforeAll(async () => {
    api = await createTestApi();
    ops = await signInVendor(api, 'ops');
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const as =
    (cookie: string, on: 'vendor' | 'lgwan') =>
    (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, body?: object, key?: string) => {
      const request = api.on(on)[method](path).set('cookie', cookie);
      if (key) request.set('idempotency-key', key);
      return body ? request.send(body) : request;
    };
  const send = (...request: Parameters<ReturnType<typeof as>>) => as(ops, 'vendor')(...request);
  const accept = (token: string, status = 204) =>
    api.on('lgwan').post('/api/v1/invitation-acceptances').send({ token, newPassword: PASSWORD }).expect(status);

  it('keeps the answers between sittings and says of each what is wrong with it', async () => {
    const { body: begun } = await send('post', '/api/ops/v1/onboardings', {}, 'first').expect(201);
    expect((await send('post', '/api/ops/v1/onboardings', {}, 'first').expect(201)).body.id).toBe(begun.id);
    const path = `/api/ops/v1/onboardings/${begun.id}`;
    const wrong = {
      code: '990018',
      name: '始市',
      contractWish: { planId: newId(), startsOn: '2026-12-01', endsOn: '2027-04-30', billingName: '始市長' },
      firstAdmin: { loginId: '', displayName: '情報 花子' },
    };
    const { body: saved } = await send('put', path, wrong).expect(200);
    expect(saved.draft).toEqual(wrong);
    expect(saved.faults.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual([
      '/code',
      '/contractWish/endsOn',
      '/firstAdmin/loginId',
      '/monthlyLimitTokens',
    ]);
    expect((await send('post', `${path}/complete`).expect(422)).body.faults).toHaveLength(4);
    await send('put', path, { ...ANSWERS, surprise: true }).expect(422);
    expect((await send('put', path, { ...ANSWERS, trialEndsOn: day(30) }).expect(200)).body.faults).toEqual([]);
    const { items } = (await send('get', '/api/ops/v1/onboardings').expect(200)).body;
    expect(items.map(({ id }: { id: string }) => id)).toEqual([begun.id]);
  });

  it('registers the city once, and forgets the person’s name it had noted', async () => {
    const [{ id }] = (await send('get', '/api/ops/v1/onboardings').expect(200)).body.items;
    const complete = () => send('post', `/api/ops/v1/onboardings/${id}/complete`);
    const answers = await Promise.all([complete(), complete()]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 404]));
    const { body } = answers.find(({ status }) => status === 201)!;
    expect(body.city).toMatchObject({ code: CITY_A, stage: 'trial', trialEndsOn: day(30) });
    await send('get', `/api/ops/v1/onboardings/${id}`).expect(404);
    const { rows } = await api.eyes.query('SELECT draft, city_id FROM city_onboardings');
    expect(rows).toEqual([{ draft: {}, city_id: body.city.id }]);
    const report = async () => (await send('get', `/api/ops/v1/cities/${body.city.id}/report`).expect(200)).body;
    expect((await report()).ready).toEqual({
      agreement: true,
      admin: false,
      network: false,
      budget: true,
      purpose: false,
      members: false,
    });
    const { body: again } = await send('post', `/api/ops/v1/cities/${body.city.id}/invitation`).expect(200);
    await accept(body.invitation.token, 409);
    await accept(again.token);
    await signIn(api, { code: CITY_A }, { loginId: ADMIN.loginId, password: PASSWORD });
    expect(await report()).toMatchObject({ ready: { admin: true }, admins: { invited: 1, came: 1 } });
    const refused = await send('post', `/api/ops/v1/cities/${body.city.id}/invitation`).expect(409);
    expect(refused.body.code).toBe('TENANCY.ADMIN_CAME');
  });

  it('makes one city of one key, with an invitation that works, and refuses another city under it', async () => {
    const body = { ...ANSWERS, code: CITY_B, name: '継市' };
    const first = await send('post', '/api/ops/v1/cities', body, 'key').expect(201);
    const second = await send('post', '/api/ops/v1/cities', body, 'key').expect(201);
    expect(second.body.city.id).toBe(first.body.city.id);
    await accept(first.body.invitation.token, 409);
    await accept(second.body.invitation.token);
    const other = await send('post', '/api/ops/v1/cities', { ...body, code: CITY_A }, 'key').expect(409);
    expect(other.body.code).toBe('REQUEST.IDEMPOTENCY_MISMATCH');
  });

  it('refuses nothing by halves: an unknown plan, a wrong range or a trial that is over leave no city', async () => {
    const code = '990035';
    const wish = { planId: newId(), startsOn: '2026-12-01', endsOn: '2027-03-31', billingName: '無市長' };
    const policy = { open: true, models: null, retentionDays: null };
    for (const [more, refusal] of [
      [{ contractWish: wish }, 'CONTRACTS.PLAN_UNKNOWN'],
      [{ trialEndsOn: day(-1) }, 'TENANCY.TRIAL_INVALID'],
      [{ segments: [{ ...policy, segment: 'lgwan', addressRanges: ['10.0.0.1/8'] }] }, 'TENANCY.ADDRESS_RANGE_INVALID'],
      [{ segments: [{ ...policy, open: false, segment: 'lgwan', addressRanges: [] }] }, 'REQUEST.INVALID'],
    ] as const) {
      const { body } = await send('post', '/api/ops/v1/cities', { ...ANSWERS, code, ...more });
      expect(body.code).toBe(refusal);
    }
    expect((await api.eyes.query('SELECT 1 FROM tenants WHERE code = $1', [code])).rowCount).toBe(0);
  });

  it('ends a trial by itself after its last day, until a contract begins or the day is moved', async () => {
    const admin = await signIn(api, { code: CITY_A }, { loginId: ADMIN.loginId, password: PASSWORD });
    const city = as(admin, 'lgwan');
    const { rows } = await api.eyes.query('SELECT id FROM tenants WHERE code = $1', [CITY_A]);
    const path = `/api/ops/v1/cities/${rows[0].id}`;
    expect((await city('get', '/api/v1/me').expect(200)).body.trialEndsOn).toBe(day(30));
    await city('post', '/api/v1/jobs', QUESTION).expect(202);
    await api.eyes.query('UPDATE tenants SET trial_ends_on = $2 WHERE id = $1', [rows[0].id, day(-1)]);
    await send('patch', path, { name: '始市' }).expect(200);
    expect((await city('post', '/api/v1/jobs', QUESTION).expect(403)).body.code).toBe('TENANCY.TRIAL_ENDED');
    await city('get', '/api/v1/conversations').expect(200);
    expect((await send('patch', path, { trialEndsOn: day(-2) }).expect(422)).body.code).toBe('TENANCY.TRIAL_INVALID');
    await send('patch', path, { trialEndsOn: day(0) }).expect(200);
    await city('post', '/api/v1/jobs', QUESTION).expect(202);
  });

  it('leads the city’s administrator through first steps, each done when the facts say so', async () => {
    const admin = await signIn(api, { code: CITY_A }, { loginId: ADMIN.loginId, password: PASSWORD });
    const city = as(admin, 'lgwan');
    const undone = async () => {
      const { body } = await city('get', '/api/v1/first-steps').expect(200);
      return body.steps.flatMap(({ step, done }: { step: string; done: boolean }) => (done ? [] : [step]));
    };
    const all = ['departments', 'members', 'signIn', 'purposes', 'networks', 'budget', 'question', 'auditor'];
    expect(await undone()).toEqual(all);
    await city('post', '/api/v1/departments', { code: '01', name: '総務部' }).expect(201);
    await city('post', '/api/v1/purposes', { code: 'koho', name: '広報' }).expect(201);
    const auditor = { loginId: 'kansa', displayName: '監査 一郎', role: 'auditor', segment: 'lgwan' };
    await city('post', '/api/v1/members', auditor).expect(201);
    // A city without an identity provider has nothing to link
    expect(await undone()).toEqual(['signIn', 'networks', 'budget', 'question']);
    await city('put', '/api/v1/first-steps/dismissal').expect(204);
    await city('put', '/api/v1/first-steps/dismissal').expect(204);
    expect((await city('get', '/api/v1/first-steps').expect(200)).body.dismissed).toBe(true);
  });
});
