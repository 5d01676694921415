import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemberAdministration } from '#libs/identity';
import { jstMonthOf } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../../test/test-api.ts';
import { CITY_A, type TestCity, addMember, onboardCity, signIn } from '../../../test/test-city.ts';

const MONTH = jstMonthOf(new Date());

describe('limits within the city’s', () => {
  let api: TestApi;
  let city: TestCity;
  let admin: string;
  let manager: string;
  let clerk: string;
  let clerkId: string;
  let departmentId: string;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
    admin = await signIn(api, city, city.admin);
    departmentId = (await send('post', 'departments', { code: 'zeimu', name: '税務課' }).expect(201)).body.id;
    const join = async (loginId: string, role: 'manager' | 'staff') => {
      const member = await addMember(api.app, city, { loginId, role });
      await api.app
        .get(MemberAdministration)
        .change({ tenantId: city.id, segment: 'lgwan' }, { type: 'system', id: null }, member.id, { departmentId });
      return member;
    };
    manager = await signIn(api, city, await join('kacho', 'manager'));
    const staff = await join('tanto', 'staff');
    clerkId = staff.id;
    clerk = await signIn(api, city, staff);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const get = (path: string, cookie = admin) => api.on('lgwan').get(`/api/v1/${path}`).set('cookie', cookie);
  const send = (method: 'post' | 'put', path: string, body: object = {}, cookie = admin) =>
    api.on('lgwan')[method](`/api/v1/${path}`).set('cookie', cookie).send(body);
  const limit = (level: string, id: string, limitTokens: number | null, month = MONTH) =>
    send('put', `budgets/${month}/allotments/${level}/${id}`, { limitTokens });
  const chat = (cookie: string) =>
    send('post', 'jobs', { kind: 'chat', messages: [{ role: 'user', content: '案内文' }], maxTokens: 100 }, cookie);
  const limitsOf = async (cookie: string) =>
    (await get(`budgets/${MONTH}/allotments`, cookie).expect(200)).body.items.map(
      ({ level, name, limitTokens }: { level: string; name: string; limitTokens: number }) => [
        level,
        name,
        limitTokens,
      ],
    );

  it('say which of them refuses, and what to do', async () => {
    await limit('member', clerkId, 10).expect(200);
    const { body } = await chat(clerk).expect(402);
    expect(body).toMatchObject({ code: 'METERING.BUDGET_EXHAUSTED', level: 'member' });
    expect(body.detail).toContain('あなた個人の今月の利用上限');
    await limit('member', clerkId, null).expect(200);
    await limit('department', departmentId, 50).expect(200);
    expect((await chat(clerk).expect(402)).body).toMatchObject({ level: 'department' });
    await limit('department', departmentId, 100_000).expect(200);
    await chat(clerk).expect(202);
  });

  it('are seen by a manager for the own department, and set by no manager', async () => {
    await send('post', 'departments', { code: 'fukushi', name: '福祉課' }).expect(201);
    expect(await limitsOf(admin)).toEqual([
      ['department', '福祉課', null],
      ['department', '税務課', 100_000],
    ]);
    expect(await limitsOf(manager)).toEqual([['department', '税務課', 100_000]]);
    const path = `budgets/${MONTH}/allotments/department/${departmentId}`;
    await send('put', path, { limitTokens: 1 }, manager).expect(403);
    await get(`budgets/${MONTH}/allotments`, clerk).expect(403);
  });

  it('are seen by a manager for the sections below too, and neither upwards nor sideways', async () => {
    const make = async (code: string, parentId: string | null) =>
      (await send('post', 'departments', { code, name: `課${code}`, parentId }).expect(201)).body.id as string;
    const bureau = await make('above', null);
    await make('beside', bureau);
    const move = (parentId: string | null) =>
      api.on('lgwan').patch(`/api/v1/departments/${departmentId}`).set('cookie', admin).send({ parentId }).expect(200);
    await move(bureau);
    const section = await make('below', departmentId);
    await make('deepest', section);
    const names = async () => (await limitsOf(manager)).map(([, name]: string[]) => name);
    expect(await names()).toEqual(['課below', '課deepest', '税務課']);
    await get(`budgets?from=${MONTH}&to=${MONTH}`, manager).expect(403);
    await get('contract', manager).expect(403);
    const days = `from=${MONTH}-01&to=${MONTH}-28&groupBy=department`;
    expect((await get(`usage?${days}`, manager).expect(200)).body.items).toEqual([]);
    await api
      .on('lgwan')
      .patch(`/api/v1/departments/${section}`)
      .set('cookie', admin)
      .send({ parentId: null })
      .expect(200);
    expect(await names()).toEqual(['税務課']);
    await move(null);
  });

  it('are refused for a month that is over and for what another city has', async () => {
    expect((await limit('department', departmentId, 1, '2025-01').expect(422)).body.code).toBe('METERING.MONTH_OVER');
    const unknown = '01900000-0000-7000-8000-000000000000';
    await limit('department', unknown, 1).expect(404);
    await limit('department', departmentId, -1).expect(422);
    await limit('city', city.id, 1).expect(404);
  });

  it('move by a top-up that the department asks for and the administrator approves, all of it on record', async () => {
    const wish = { month: MONTH, tokens: 5_000, reason: '申告期の問い合わせ増のため' };
    await send('post', 'top-up-requests', wish).expect(403);
    const { id } = (await send('post', 'top-up-requests', wish, manager).expect(201)).body;
    expect((await send('post', 'top-up-requests', wish, manager).expect(409)).body.code).toBe('METERING.TOP_UP_OPEN');
    await send('post', `top-up-requests/${id}/approve`, {}, manager).expect(403);
    const outcomes = await Promise.all([1, 2, 3].map(() => send('post', `top-up-requests/${id}/approve`, {})));
    expect(outcomes.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409, 409]);
    expect((await get('top-up-requests', manager).expect(200)).body.items).toEqual([
      expect.objectContaining({
        id,
        state: 'approved',
        limitBefore: 100_000,
        limitAfter: 105_000,
        reason: wish.reason,
      }),
    ]);
    expect(await limitsOf(manager)).toEqual([['department', '税務課', 105_000]]);
    for (const action of ['budget.top-up-requested', 'budget.top-up-approved', 'budget.allotment-set'])
      expect((await get(`audit-entries?action=${action}&limit=1`).expect(200)).body.items).toHaveLength(1);
  });

  it('do not move by a request that is declined, and a refusal says why', async () => {
    const wish = { month: MONTH, tokens: 5_000, reason: '念のため' };
    const { id } = (await send('post', 'top-up-requests', wish, manager).expect(201)).body;
    await send('post', `top-up-requests/${id}/decline`, {}).expect(422);
    await send('post', `top-up-requests/${id}/decline`, { note: '今月の残りで足ります。' }).expect(200);
    expect((await send('post', `top-up-requests/${id}/approve`).expect(409)).body.code).toBe('METERING.TOP_UP_DECIDED');
    expect(await limitsOf(manager)).toEqual([['department', '税務課', 105_000]]);
  });

  it('tell each of those concerned when they are nearly used up, until that person has read it', async () => {
    await limit('department', departmentId, 0).expect(200);
    const told = async (cookie: string) => (await get('budget-notices', cookie).expect(200)).body.items;
    expect(await told(manager)).toEqual([
      expect.objectContaining({ level: 'department', name: '税務課', percent: 100 }),
    ]);
    expect(await told(clerk)).toEqual([]);
    const [notice] = await told(admin);
    await send('post', `budget-notices/${notice.id}/dismiss`).expect(204);
    expect(await told(admin)).toEqual([]);
    expect(await told(manager)).toHaveLength(1);
    await send('post', `budget-notices/${city.id}/dismiss`).expect(404);
    await send('put', `budgets/${MONTH}/notice-percents`, { noticePercents: [80, 50] }).expect(422);
    await send('put', `budgets/${MONTH}/notice-percents`, { noticePercents: [70, 90] }).expect(200);
    expect(await told(manager)).toEqual([expect.objectContaining({ percent: 90 })]);
  });
});
