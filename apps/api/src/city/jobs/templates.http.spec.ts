import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, createTestApi } from '../../../test/test-api.ts';
import { CITY_A, type TestCity, addApiKey, addMember, onboardCity, signIn } from '../../../test/test-city.ts';

const WISH = {
  title: '住民への案内文',
  body: '{件名}について、{住所}の方への案内文を書いてください。',
  note: '窓口で使う',
  audience: 'own',
};

describe('templates', () => {
  let api: TestApi;
  let city: TestCity;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete';
  const as =
    (cookie: string) =>
    (verb: Verb, path: string, body?: object, headers: Record<string, string> = {}) => {
      const asked = api.on('lgwan')[verb](`/api/v1/${path}`);
      return asked.set({ cookie, ...headers }).send(body);
    };
  const admin = async () => as(await signIn(api, city, city.admin));
  async function somebody(loginId: string, role: 'staff' | 'manager' | 'auditor' = 'staff') {
    const { id, password } = await addMember(api.app, city, { loginId, role });
    return { id, ask: as(await signIn(api, city, { loginId, password })) };
  }

  it('are made once under one key, read with their places, changed by the version that was seen, and deleted', async () => {
    const { ask } = await somebody('author');
    const make = () => ask('post', 'templates', WISH, { 'idempotency-key': 'k' });
    const made = await make().expect(201);
    expect((await make().expect(201)).body).toEqual(made.body);
    const { id } = made.body;
    expect(made.headers.location).toBe(`/api/v1/templates/${id}`);
    expect(made.body).toMatchObject({ ...WISH, version: 1, canChange: true, departmentId: null, handedOverFrom: null });
    expect(made.body.parts).toEqual([
      { place: '件名' },
      { text: 'について、' },
      { place: '住所' },
      { text: 'の方への案内文を書いてください。' },
    ]);
    const change = (version: number) =>
      ask('put', `templates/${id}`, { title: '直した', body: '{件名}', note: null, version });
    expect((await change(1).expect(200)).body).toMatchObject({ title: '直した', note: null, version: 2 });
    expect((await change(1).expect(409)).body.code).toBe('TEMPLATES.CHANGED_MEANWHILE');
    const { body: list } = await ask('get', 'templates').expect(200);
    expect(list).toMatchObject({ items: [{ id, title: '直した' }], nextCursor: null });
    expect(list.items[0]).not.toHaveProperty('body');
    await ask('delete', `templates/${id}`).expect(204);
    await ask('get', `templates/${id}`).expect(404);
  });

  it('are published by who answers for those who use them, to a department or the city', async () => {
    const asAdmin = await admin();
    const department = await asAdmin('post', 'departments', { code: 'zeimu', name: '税務課' }).expect(201);
    const { id: departmentId } = department.body;
    const [clerk, head] = [await somebody('clerk'), await somebody('head', 'manager')];
    for (const { id } of [clerk, head]) await asAdmin('patch', `members/${id}`, { departmentId }).expect(200);
    const publish = { ...WISH, audience: 'department' };
    expect((await clerk.ask('post', 'templates', publish).expect(403)).body.code).toBe('TEMPLATES.NOT_ALLOWED');
    const { body: made } = await head.ask('post', 'templates', publish).expect(201);
    expect(made).toMatchObject({ audience: 'department', departmentId, departmentName: '税務課' });
    const { body: read } = await clerk.ask('get', `templates/${made.id}`).expect(200);
    expect(read).toMatchObject({ body: WISH.body, canChange: false });
    expect((await clerk.ask('delete', `templates/${made.id}`).expect(403)).body.code).toBe('TEMPLATES.NOT_ALLOWED');
    await asAdmin('post', 'templates', { ...WISH, audience: 'city', title: '全庁の案内' }).expect(201);
    const { body: found } = await clerk.ask('get', `templates?query=${encodeURIComponent('全庁')}`).expect(200);
    expect(found.items).toMatchObject([{ title: '全庁の案内', audience: 'city', canChange: false }]);
    await head.ask('post', 'templates', { ...WISH, departmentId }).expect(422);
  });

  it('come page by page, and from a place that is none not at all', async () => {
    const { ask } = await somebody('collector');
    const made: string[] = [];
    for (const title of ['一', '二', '三'])
      made.push((await ask('post', 'templates', { ...WISH, title }).expect(201)).body.id);
    const ids: string[] = [];
    for (let cursor = ''; ids.length < 3;) {
      const { body } = await ask('get', `templates?audience=own&limit=2${cursor}`).expect(200);
      ids.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(ids.toSorted()).toEqual(made.toSorted());
    const wrong = Buffer.from('here').toString('base64url');
    await ask('get', `templates?cursor=${wrong}`).expect(422);
  });

  it('are for people who ask: no auditor and no key has any', async () => {
    const { ask } = await somebody('watch', 'auditor');
    await ask('get', 'templates').expect(403);
    const key = await addApiKey(api.app, city);
    await api.on('lgwan').get('/api/v1/templates').set('authorization', `Bearer ${key}`).expect(403);
  });

  it('with a My Number or a brace alone are refused with the place, in words', async () => {
    const { ask } = await somebody('hasty');
    const { body: guarded } = await ask('post', 'templates', { ...WISH, body: '個人番号は123456789018' }).expect(422);
    expect(guarded).toMatchObject({ code: 'GUARD.MY_NUMBER_FOUND', faults: [{ pointer: '/body' }] });
    const { body: broken } = await ask('post', 'templates', { ...WISH, body: '{件名' }).expect(422);
    expect(broken).toMatchObject({ code: 'TEMPLATES.TEXT_INVALID', faults: [{ pointer: '/body' }] });
    expect(broken.faults[0].message).toContain('1文字目');
  });

  it('of somebody who left go to a successor with the rest, and say whose they were', async () => {
    const [leaver, heir] = [await somebody('leaver'), await somebody('heir')];
    const { body: own } = await leaver.ask('post', 'templates', WISH).expect(201);
    const asAdmin = await admin();
    await asAdmin('patch', `members/${leaver.id}`, { status: 'disabled' }).expect(200);
    const { body: left } = await asAdmin('get', 'ownerless-content').expect(200);
    expect(left.items).toMatchObject([{ memberId: leaver.id, conversations: 0, templates: 1 }]);
    const wish = { toLoginId: 'heir', reason: '後任' };
    const { body: made } = await asAdmin('post', `ownerless-content/${leaver.id}/handovers`, wish).expect(201);
    expect(made).toMatchObject({ conversations: 0, batches: 0, templates: 1 });
    const { body: read } = await heir.ask('get', `templates/${own.id}`).expect(200);
    expect(read).toMatchObject({ audience: 'own', canChange: true, handedOverFrom: '職員 leaver' });
    const { body: back } = await asAdmin('post', `handovers/${made.id}/take-back`).expect(200);
    expect(back).toEqual({ conversations: 0, batches: 0, templates: 1 });
    await heir.ask('get', `templates/${own.id}`).expect(404);
  });
});
