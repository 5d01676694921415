import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../../test/test-api.ts';
import {
  CITY_A,
  CITY_B,
  type TestCity,
  addMember,
  onboardCity,
  signIn,
  signInVendor,
} from '../../../test/test-city.ts';

const NOTICES = '/api/ops/v1/maintenance-notices';
const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

describe('notices', () => {
  let api: TestApi;
  let city: TestCity;
  let other: TestCity;
  let cookies: Record<'ops' | 'finance' | 'admin' | 'staff' | 'other', string>;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
    other = await onboardCity(api.app, CITY_B);
    const staff = await addMember(api.app, city, { loginId: 'staff', role: 'staff' });
    cookies = {
      ops: await signInVendor(api, 'ops'),
      finance: await signInVendor(api, 'finance'),
      admin: await signIn(api, city, city.admin),
      staff: await signIn(api, city, staff),
      other: await signIn(api, other, other.admin),
    };
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const onVendor = (who: 'ops' | 'finance' = 'ops') => api.on('vendor').set('cookie', cookies[who]);
  const maintenance = (more: object = {}) => ({
    severity: 'warning',
    title: '定期保守',
    body: '作業中は回答が遅くなることがあります。',
    startsAt: inHours(24),
    endsAt: inHours(26),
    cityIds: null,
    onSignIn: false,
    ...more,
  });
  const announce = (more: object = {}) => onVendor().post(NOTICES).send(maintenance(more));
  const withdraw = (id: string) => onVendor().post(`${NOTICES}/${id}/withdraw`);
  const shownTo = async (who: 'admin' | 'staff' | 'other') =>
    (await api.on('lgwan').get('/api/v1/notices').set('cookie', cookies[who]).expect(200)).body;
  const read = (who: 'admin' | 'staff' | 'other', id: string) =>
    api.on('lgwan').post(`/api/v1/notices/${id}/read`).set('cookie', cookies[who]);
  const atTheDoor = async (listener: 'lgwan' | 'vendor') =>
    (
      await api
        .on(listener)
        .get(`/api/${listener === 'vendor' ? 'ops/' : ''}v1/sign-in-notices`)
        .expect(200)
    ).body.items;

  it('of maintenance reach all cities and the vendor’s own people until withdrawn', async () => {
    const { body } = await announce().expect(201);
    expect(body).toMatchObject({ title: '定期保守', cities: null, announcedBy: 'ops', withdrawnAt: null });
    expect((await shownTo('staff')).items).toMatchObject([{ kind: 'maintenance', id: body.id, isRead: false }]);
    expect((await shownTo('other')).unread).toBe(1);
    expect(JSON.stringify(await shownTo('staff'))).not.toContain('announcedBy');
    const { body: own } = await onVendor('finance').get('/api/ops/v1/notices').expect(200);
    expect(own.items).toMatchObject([{ id: body.id }]);
    expect((await withdraw(body.id).expect(200)).body.withdrawnBy).toBe('ops');
    expect((await shownTo('staff')).items).toEqual([]);
    expect((await withdraw(body.id).expect(409)).body.code).toBe('NOTICES.OVER');
    await withdraw(newId()).expect(404);
  });

  it('for some cities are shown to them, and are to others as if they never were', async () => {
    const { body } = await announce({ cityIds: [city.id] }).expect(201);
    expect(body.cities).toMatchObject([{ id: city.id, code: CITY_A }]);
    expect((await shownTo('staff')).items).toHaveLength(1);
    expect((await shownTo('other')).items).toEqual([]);
    const [theirs, missing] = await Promise.all([read('other', body.id), read('other', newId())]);
    expect({ ...theirs.body, requestId: '', instance: '' }).toEqual({ ...missing.body, requestId: '', instance: '' });
    expect(theirs.status).toBe(404);
    await withdraw(body.id).expect(200);
  });

  it('are read by each member for themselves', async () => {
    const { body } = await announce().expect(201);
    await read('staff', body.id).expect(204);
    await read('staff', body.id).expect(204);
    expect(await shownTo('staff')).toMatchObject({ unread: 0, items: [{ isRead: true }] });
    expect(await shownTo('admin')).toMatchObject({ unread: 1, items: [{ isRead: false }] });
    await withdraw(body.id).expect(200);
  });

  it('stand before the sign-in only when they are for all and meant to', async () => {
    const { body } = await announce({ onSignIn: true }).expect(201);
    const { body: inside } = await announce({ title: '内部' }).expect(201);
    for (const listener of ['lgwan', 'vendor'] as const)
      expect(await atTheDoor(listener)).toMatchObject([{ id: body.id, title: '定期保守' }]);
    await announce({ onSignIn: true, cityIds: [city.id] }).expect(422);
    for (const { id } of [body, inside]) await withdraw(id).expect(200);
  });

  it('of every kind stand in one list, each to those concerned', async () => {
    const opening = { reason: '台風第10号', cityIds: [city.id], endsAt: inHours(2) };
    await onVendor().post('/api/ops/v1/urgent-openings').send(opening).expect(201);
    const wish = { cityId: city.id, segment: 'lgwan', reason: '調査', ticket: 'INC-1', minutes: 15 };
    const access = await onVendor().post('/api/ops/v1/content-accesses').send(wish).expect(201);
    const { body } = await announce().expect(201);
    const kinds = async (who: 'admin' | 'staff' | 'other') =>
      (await shownTo(who)).items.map(({ kind }: { kind: string }) => kind);
    expect(await kinds('admin')).toEqual(['content-access', 'urgent', 'maintenance']);
    expect(await kinds('staff')).toEqual(['urgent', 'maintenance']);
    expect(await kinds('other')).toEqual(['urgent', 'maintenance']);
    const approval = `/api/v1/content-accesses/${access.body.id}/approve`;
    await api.on('lgwan').post(approval).set('cookie', cookies.admin).send({}).expect(200);
    expect(await kinds('admin')).toEqual(['urgent', 'maintenance']);
    await withdraw(body.id).expect(200);
  });

  it('of maintenance are announced once under one key, by operations, with an end that is to come', async () => {
    const faults = async (more: object) =>
      (await announce(more).expect(422)).body.faults.map(({ pointer }: { pointer: string }) => pointer);
    expect(await faults({ endsAt: inHours(-1), startsAt: inHours(-2) })).toEqual(['/endsAt']);
    expect(await faults({ endsAt: inHours(23) })).toEqual(['/endsAt']);
    expect(await faults({ endsAt: inHours(24 + 32 * 24) })).toEqual(['/endsAt']);
    expect(await faults({ cityIds: [city.id, newId()] })).toEqual(['/cityIds/1']);
    expect(await faults({ title: '' })).toEqual(['/title']);
    await onVendor('finance').post(NOTICES).send(maintenance()).expect(403);
    const notice = maintenance();
    const send = (more: object = {}) =>
      onVendor()
        .post(NOTICES)
        .set('idempotency-key', 'once')
        .send({ ...notice, ...more });
    const [first, second] = await Promise.all([send().expect(201), send().expect(201)]);
    expect(first.body.id).toBe(second.body.id);
    expect((await send({ title: '別の保守' }).expect(409)).body.code).toBe('REQUEST.IDEMPOTENCY_MISMATCH');
    const { body } = await onVendor().get(`${NOTICES}?limit=1`).expect(200);
    expect(body.items).toMatchObject([{ id: first.body.id }]);
    expect(body.nextCursor).not.toBeNull();
  });
});
