import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, createTestApi } from '../../../test/test-api.ts';
import { CITY_A, type TestCity, addMember, onboardCity, signIn } from '../../../test/test-city.ts';

describe('what people who left have written', () => {
  let api: TestApi;
  let city: TestCity;
  let admin: string;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
    admin = await signIn(api, city, city.admin);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  type Verb = 'get' | 'post' | 'put' | 'patch';
  const as =
    (cookie: string) =>
    (verb: Verb, path: string, body?: object | string, headers: Record<string, string> = {}) => {
      const asked = api.on('lgwan')[verb](`/api/v1/${path}`);
      return asked.set({ cookie, ...headers }).send(body);
    };

  /** Somebody who asked one question and was disabled. */
  async function leaver(loginId: string) {
    const { id, password } = await addMember(api.app, city, { loginId, role: 'staff' });
    const self = as(await signIn(api, city, { loginId, password }));
    const messages = [{ role: 'user', content: '引き継ぐ質問' }];
    const { body } = await self('post', 'jobs', { kind: 'chat', messages }).expect(202);
    await as(admin)('patch', `members/${id}`, { status: 'disabled' }).expect(200);
    return { id, conversation: body.conversationId as string };
  }

  async function colleague(loginId: string) {
    const { password } = await addMember(api.app, city, { loginId, role: 'staff' });
    return as(await signIn(api, city, { loginId, password }));
  }

  it('is counted for the administrator, handed over once under one key, read by the new owner alone, and given back', async () => {
    const [{ id, conversation }, heir] = [await leaver('left'), await colleague('heir')];
    const { body: left } = await as(admin)('get', 'ownerless-content').expect(200);
    expect(left.items).toMatchObject([{ memberId: id, loginId: 'left', conversations: 1, batches: 0, dueOn: null }]);
    await heir('get', `conversations/${conversation}`).expect(404);

    const wish = { toLoginId: 'ＨＥＩＲ', reason: '後任' };
    const give = () => as(admin)('post', `ownerless-content/${id}/handovers`, wish, { 'idempotency-key': 'k' });
    const { body: made } = await give().expect(201);
    expect((await give().expect(201)).body).toEqual(made);
    expect(made).toMatchObject({ from: '職員 left', to: '職員 heir', conversations: 1, canTakeBack: true });
    const { body: read } = await heir('get', `conversations/${conversation}`).expect(200);
    expect(read).toMatchObject({ handedOverFrom: '職員 left', turns: [{ prompt: '引き継ぐ質問' }] });
    await as(admin)('get', `conversations/${conversation}`).expect(404);
    const { body: told } = await heir('get', 'notices').expect(200);
    expect(told.items).toMatchObject([{ kind: 'handover', from: '職員 left', conversations: 1, isRead: false }]);

    await as(admin)('post', `handovers/${made.id}/take-back`).expect(200, {
      conversations: 1,
      batches: 0,
      templates: 0,
    });
    await heir('get', `conversations/${conversation}`).expect(404);
    const { body: trail } = await as(admin)('get', 'audit-entries').expect(200);
    expect(JSON.stringify(trail.items)).not.toContain('引き継ぐ質問');
    expect(trail.items.map(({ action }: { action: string }) => action)).toEqual(
      expect.arrayContaining(['content.handed-over', 'content.taken-back']),
    );
  });

  it('brings batches along, which say in the list and on their page whose they were, until they are given back', async () => {
    const { id, password } = await addMember(api.app, city, { loginId: 'clerk', role: 'staff' });
    const self = as(await signIn(api, city, { loginId: 'clerk', password }));
    const file = { 'content-type': 'text/csv', 'x-file-name': encodeURIComponent('窓口.csv') };
    const { body: batch } = await self('post', 'batches', '氏名,用件\n山田,転入\n', file).expect(201);
    expect((await self('get', `batches/${batch.id}`).expect(200)).body.handedOverFrom).toBeNull();
    await as(admin)('patch', `members/${id}`, { status: 'disabled' }).expect(200);

    const heir = await colleague('successor');
    const wish = { toLoginId: 'successor', reason: '後任' };
    const { body: made } = await as(admin)('post', `ownerless-content/${id}/handovers`, wish).expect(201);
    expect(made).toMatchObject({ conversations: 0, batches: 1 });
    const { body: listed } = await heir('get', 'batches').expect(200);
    expect(listed.items).toMatchObject([{ id: batch.id, handedOverFrom: '職員 clerk' }]);
    const { body: opened } = await heir('get', `batches/${batch.id}`).expect(200);
    expect(opened.handedOverFrom).toBe('職員 clerk');

    await as(admin)('post', `handovers/${made.id}/take-back`).expect(200, {
      conversations: 0,
      batches: 1,
      templates: 0,
    });
    await heir('get', `batches/${batch.id}`).expect(404);
  });

  it('never goes to the administrator who hands it over, to a stranger, or from somebody who is there', async () => {
    const { id } = await leaver('left2');
    const there = await addMember(api.app, city, { loginId: 'there', role: 'staff' });
    const give = (from: string, toLoginId: string) =>
      as(admin)('post', `ownerless-content/${from}/handovers`, { toLoginId, reason: '理由' });
    expect((await give(id, 'admin').expect(403)).body.code).toBe('HANDOVERS.TO_ONESELF');
    expect((await give(id, 'nobody').expect(422)).body.code).toBe('HANDOVERS.HEIR_NOT_PRESENT');
    expect((await give(there.id, 'there').expect(409)).body.code).toBe('HANDOVERS.OWNER_PRESENT');
  });

  it('follows the rule that the city sets for the network', async () => {
    const path = 'ownerless-content/rule';
    expect((await as(admin)('get', path).expect(200)).body).toEqual({ rule: 'keep', afterDays: 30 });
    await as(admin)('put', path, { rule: 'delete', afterDays: 6 }).expect(422);
    await as(admin)('put', path, { rule: 'delete', afterDays: 60 }).expect(200);
    const { body } = await as(admin)('get', 'ownerless-content').expect(200);
    expect(body.items[0].dueOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    const there = addMember(api.app, city, { loginId: 'mn-admin', role: 'admin', segment: 'my_number' });
    const elsewhere = await signIn(api, city, await there, 'my_number');
    const { body: other } = await api.on('my_number').get(`/api/v1/${path}`).set('cookie', elsewhere).expect(200);
    expect(other.rule).toBe('keep');
  });

  it('is named, with the rule, before an import takes its owners away', async () => {
    const { password } = await addMember(api.app, city, { loginId: 'goes', role: 'staff' });
    const self = as(await signIn(api, city, { loginId: 'goes', password }));
    await self('post', 'jobs', { kind: 'chat', messages: [{ role: 'user', content: '質問' }] }).expect(202);
    const { body: begun } = await as(admin)('post', 'roster-imports').expect(201);
    const file = 'ログインID,氏名,最終利用日\ngoes,去る人,2030-03-31\nthere,残る人,\n';
    await api
      .on('lgwan')
      .put(`/api/v1/roster-imports/${begun.id}/files/members?mode=listed`)
      .set({ cookie: admin, 'content-type': 'text/csv' })
      .send(file)
      .expect(200);
    await as(admin)('post', `roster-imports/${begun.id}/check`).expect(200);
    const { body } = await as(admin)('get', `roster-imports/${begun.id}/leaving`).expect(200);
    expect(body).toMatchObject({ members: 1, conversations: 1, batches: 0, rule: { rule: 'delete', afterDays: 60 } });
    expect(body.items).toMatchObject([{ loginId: 'goes', displayName: '職員 goes', conversations: 1 }]);
  });
});
