import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, CITY_B, type TestCity, addApiKey, onboardCity, signIn, signInVendor } from '../../test/test-city.ts';

const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();
const OPENINGS = '/api/ops/v1/urgent-openings';

describe('the urgent lane', () => {
  let api: TestApi;
  let struck: TestCity;
  let other: TestCity;
  let cookies: Record<'ops' | 'finance' | 'struck' | 'other', string>;
  beforeAll(async () => {
    api = await createTestApi();
    struck = await onboardCity(api.app, CITY_A);
    other = await onboardCity(api.app, CITY_B);
    cookies = {
      ops: await signInVendor(api, 'ops'),
      finance: await signInVendor(api, 'finance'),
      struck: await signIn(api, struck, struck.admin),
      other: await signIn(api, other, other.admin),
    };
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const open = (body: object) => api.on('vendor').post(OPENINGS).set('cookie', cookies.ops).send(body);
  const close = (id: string) => api.on('vendor').post(`${OPENINGS}/${id}/close`).set('cookie', cookies.ops);
  const notices = async (city: 'struck' | 'other') =>
    (await api.on('lgwan').get('/api/v1/urgent-openings').set('cookie', cookies[city]).expect(200)).body.items;
  const trail = async (city: 'struck' | 'other') =>
    (await api.on('lgwan').get('/api/v1/audit-entries').set('cookie', cookies[city]).expect(200)).body.items.map(
      ({ action }: { action: string }) => action,
    );

  it('is announced to every city: which cities, why, and until when', async () => {
    const endsAt = inHours(12);
    const { body } = await open({ reason: '台風第10号', cityIds: [struck.id], endsAt }).expect(201);
    expect(body).toMatchObject({ isOpen: true, openedBy: 'ops', endsAt, closedAt: null, closedBy: null });
    // Two cities may have the same name
    expect(body.cities).toEqual([{ id: struck.id, code: CITY_A, name: `試験市${CITY_A}` }]);
    const told = { reason: '台風第10号', endsAt, cities: [`試験市${CITY_A}`] };
    expect(await notices('struck')).toMatchObject([{ ...told, coversOwnCity: true }]);
    expect(await notices('other')).toMatchObject([{ ...told, coversOwnCity: false }]);
    expect(JSON.stringify(await notices('other'))).not.toMatch(new RegExp(`ops|${struck.id}`));

    const { body: ended } = await close(body.id).expect(200);
    expect(ended).toMatchObject({ isOpen: false, closedBy: 'ops' });
    expect(await notices('other')).toEqual([]);
    expect((await close(body.id).expect(409)).body.code).toBe('JOBS.URGENT_OPENING_OVER');
    await close(newId()).expect(404);
  });

  it('stands in the trail of the cities it covers, and of no other', async () => {
    expect(await trail('struck')).toEqual(expect.arrayContaining(['urgent-lane.opened', 'urgent-lane.closed']));
    expect(await trail('other')).not.toContain('urgent-lane.opened');
  });

  it('opens for known cities, for a reason, and for 72 hours at most', async () => {
    const good = { reason: '地震', cityIds: [struck.id], endsAt: inHours(1) };
    const faults = async (body: object) =>
      (await open(body).expect(422)).body.faults.map(({ pointer }: { pointer: string }) => pointer);
    expect(await faults({ ...good, endsAt: inHours(73) })).toEqual(['/endsAt']);
    expect(await faults({ ...good, endsAt: inHours(-1) })).toEqual(['/endsAt']);
    expect(await faults({ ...good, cityIds: [struck.id, newId()] })).toEqual(['/cityIds/1']);
    expect(await faults({ ...good, cityIds: [] })).toEqual(['/cityIds']);
    expect(await faults({ ...good, cityIds: [struck.id, struck.id] })).toEqual(['/cityIds']);
    expect(await faults({ ...good, reason: ' ' })).toEqual(['/reason']);
    expect(await notices('struck')).toEqual([]);
  });

  it('takes what people and systems of a covered city ask, and nothing of another', async () => {
    const { body } = await open({ reason: '津波', cityIds: [struck.id], endsAt: inHours(1) }).expect(201);
    const laneOf = async (asking: TestCity) => {
      const authorization = `Bearer ${await addApiKey(api.app, asking)}`;
      const request = { kind: 'chat', messages: [{ role: 'user', content: '避難所はどこですか。' }] };
      const job = await api.on('lgwan').post('/api/v1/jobs').set({ authorization }).send(request).expect(202);
      const { rows } = await api.eyes.query('SELECT lane FROM admission_entries WHERE job_id = $1', [job.body.id]);
      return rows[0].lane;
    };
    expect(await laneOf(struck)).toBe('urgent');
    expect(await laneOf(other)).toBe('interactive');
    await close(body.id).expect(200);
    expect(await laneOf(struck)).toBe('interactive');
  });

  it('is opened once under one Idempotency-Key, however often and at once it is sent', async () => {
    const wanted = { reason: '豪雨', cityIds: [struck.id], endsAt: inHours(72) };
    const send = (body: object) => open(body).set('idempotency-key', 'storm-1');
    const answers = await Promise.all([1, 2, 3].map(() => send(wanted).expect(201)));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await notices('struck')).toHaveLength(1);
    for (const change of [{ reason: '地震' }, { cityIds: [struck.id, newId()] }, { endsAt: inHours(2) }])
      expect((await send({ ...wanted, ...change }).expect(409)).body.code).toBe('REQUEST.IDEMPOTENCY_MISMATCH');
    await close(answers[0]!.body.id).expect(200);
  });

  it('is listed newest first, page by page', async () => {
    const { body } = await open({ reason: '地震', cityIds: [struck.id, other.id], endsAt: inHours(72) }).expect(201);
    const list = async (query: string) =>
      (await api.on('vendor').get(`${OPENINGS}${query}`).set('cookie', cookies.ops).expect(200)).body;
    const first = await list('?limit=1');
    expect(first.items).toMatchObject([{ id: body.id, reason: '地震', isOpen: true }]);
    const rest = await list(`?cursor=${first.nextCursor}`);
    expect(rest.items).toMatchObject([{ reason: '豪雨' }, { reason: '津波' }, { reason: '台風第10号', isOpen: false }]);
    const forged = Buffer.from('here').toString('base64url');
    await api.on('vendor').get(`${OPENINGS}?cursor=${forged}`).set('cookie', cookies.ops).expect(422);
  });

  it('is opened by operations alone, on the vendor’s network', async () => {
    await api.on('vendor').get(OPENINGS).set('cookie', cookies.finance).expect(403);
    await api.on('lgwan').get(OPENINGS).set('cookie', cookies.ops).expect(404);
    await api.on('vendor').get('/api/v1/urgent-openings').set('cookie', cookies.ops).expect(404);
    const authorization = `Bearer ${await addApiKey(api.app, struck)}`;
    await api.on('lgwan').get('/api/v1/urgent-openings').set({ authorization }).expect(403);
  });
});
