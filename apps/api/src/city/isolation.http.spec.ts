import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, CITY_B, addApiKey, addMember, onboardCity, signIn } from '../../test/test-city.ts';

/** Routes that name a thing, with a body that would be right for it. */
const NAMING = [
  ['patch', 'departments', '', { name: '改' }],
  ['patch', 'purposes', '', { enabled: false }],
  ['patch', 'members', '', { displayName: '改' }],
  ['patch', 'members', '', { status: 'disabled' }],
  ['post', 'members', '/password-resets', {}],
  ['post', 'members', '/invitations', {}],
  ['delete', 'members', '/invitations', {}],
  ['delete', 'api-keys', '', {}],
] as const;

describe("another city's things", () => {
  let api: TestApi;
  let cookie: string;
  let foreign: Record<(typeof NAMING)[number][1], string>;
  let inOtherSegment: string;
  beforeAll(async () => {
    api = await createTestApi();
    const [ours, theirs] = [await onboardCity(api.app, CITY_A), await onboardCity(api.app, CITY_B)];
    cookie = await signIn(api, ours, ours.admin);
    const theirAdmin = await signIn(api, theirs, theirs.admin);
    const make = async (path: string, body: object): Promise<string> =>
      (await api.on('lgwan').post(`/api/v1/${path}`).set('cookie', theirAdmin).send(body).expect(201)).body.id;
    foreign = {
      departments: await make('departments', { code: '1', name: '他市の課' }),
      purposes: await make('purposes', { code: 'x', name: '他市の事務' }),
      members: (await addMember(api.app, theirs, { loginId: 'theirs', role: 'staff' })).id,
      'api-keys': await make('api-keys', { name: '他市の鍵', scopes: ['jobs'] }),
    };
    const otherKey = await addApiKey(api.app, ours, 'my_number');
    inOtherSegment = await idOfKey(api, otherKey);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const ask = (method: 'patch' | 'post' | 'delete', path: string, body: object) =>
    api.on('lgwan')[method](`/api/v1/${path}`).set('cookie', cookie).send(body);

  const comparable = ({ status, text, headers }: Awaited<ReturnType<typeof ask>>) => {
    const { date: _, 'x-request-id': __, ...rest } = headers as Record<string, string>;
    return { status, text, headers: rest };
  };

  it.each(NAMING)('%s %s%s answers the same bytes as for a missing one', async (method, noun, action, body) => {
    const missing = comparable(await ask(method, `${noun}/${newId()}${action}`, body));
    expect(missing.status).toBe(404);
    expect(comparable(await ask(method, `${noun}/${foreign[noun]}${action}`, body))).toEqual(missing);
    expect(comparable(await ask(method, `${noun}/no-id-at-all${action}`, body))).toEqual(missing);
    expect(comparable(await ask(method, `nothing/${foreign[noun]}${action}`, body))).toEqual(missing);
  });

  it('cannot be pointed at from our own', async () => {
    const body = { code: '2', name: '課', parentId: foreign.departments };
    expect((await ask('post', 'departments', body).expect(422)).body.code).toBe('TENANCY.DEPARTMENT_UNKNOWN');
    const member = {
      loginId: 'm',
      displayName: 'm',
      role: 'staff',
      segment: 'lgwan',
      departmentId: foreign.departments,
    };
    expect((await ask('post', 'members', member).expect(422)).body.code).toBe('TENANCY.DEPARTMENT_UNKNOWN');
  });

  it('do not show in lists, nor does what our own city keeps in another segment', async () => {
    for (const path of ['departments', 'purposes', 'members', 'api-keys']) {
      const { text } = await api.on('lgwan').get(`/api/v1/${path}`).set('cookie', cookie).expect(200);
      expect(text).not.toMatch(/他市|theirs/);
      expect(text).not.toContain(inOtherSegment);
    }
    await ask('delete', `api-keys/${inOtherSegment}`, {}).expect(404);
  });

  it("a session or key moved to another city's id is nobody's", async () => {
    const { text } = await api.on('lgwan').get('/api/v1/me').set('cookie', cookie).expect(200);
    expect(text).toContain(CITY_A);
    const [, tenant, rest] = /^moyai_session=([\w-]{22})(.*)$/.exec(cookie)!;
    const moved = `moyai_session=${tenant!.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}${rest}`;
    await api.on('lgwan').get('/api/v1/me').set('cookie', moved).expect(401);
  });
});

/** The id packed into a key's text. */
async function idOfKey(api: TestApi, text: string): Promise<string> {
  await api.on('my_number').get('/api/v1/models').set('authorization', `Bearer ${text}`).expect(200);
  const hex = Buffer.from(text.slice(6, 49), 'base64url').subarray(16).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
