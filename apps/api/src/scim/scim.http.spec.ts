import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiKeyRegistry } from '#libs/identity';
import { jstDayOf, newId } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import {
  CITY_A,
  CITY_B,
  SYSTEM,
  type TestCity,
  addApiKey,
  addMember,
  onboardCity,
  signIn,
} from '../../test/test-city.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const inDays = (days: number) => jstDayOf(new Date(Date.now() + days * 86_400_000));

describe('a city’s identity provider', () => {
  let api: TestApi;
  let city: TestCity;
  let admin: string;
  let key: string;
  let strangers: string;
  const keyOf = async ({ id }: TestCity) => {
    const scope = { tenantId: id, segment: 'lgwan' } as const;
    const wish = { name: 'Entra ID', scopes: ['scim'], expiresOn: inDays(30) } as const;
    return (await api.app.get(ApiKeyRegistry).create(scope, SYSTEM, wish)).text;
  };
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
    admin = await signIn(api, city, city.admin);
    key = await keyOf(city);
    strangers = await keyOf(await onboardCity(api.app, CITY_B));
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const scim = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, body?: object, as = key) => {
    const request = api.on('lgwan')[method](`/api/scim/v2/${path}`).set('authorization', `Bearer ${as}`);
    return body ? request.set('content-type', 'application/scim+json').send(JSON.stringify(body)) : request;
  };
  const patch = (path: string, ...Operations: object[]) => scim('patch', path, { schemas: [PATCH_OP], Operations });
  const create = async (userName: string, more: object = {}) =>
    (await scim('post', 'Users', { schemas: [USER], userName, displayName: `職員 ${userName}`, ...more }).expect(201))
      .body;
  const find = async (filter: string, kind = 'Users') =>
    (await scim('get', `${kind}?filter=${encodeURIComponent(filter)}`).expect(200)).body;
  const city1 = (method: 'get' | 'post' | 'put' | 'patch', path: string, body?: object) =>
    api.on('lgwan')[method](`/api/v1/${path}`).set('cookie', admin).send(body);
  const memberOf = async (loginId: string) =>
    (await city1('get', `members?query=${loginId}`).expect(200)).body.items[0];
  const department = async (code: string) =>
    (await city1('post', 'departments', { code, name: `課${code}` }).expect(201)).body.id as string;

  it('learns what is supported, in SCIM’s own types', async () => {
    const { body, headers } = await scim('get', 'ServiceProviderConfig').expect(200);
    expect(headers['content-type']).toMatch(/^application\/scim\+json/);
    expect(body).toMatchObject({ patch: { supported: true }, bulk: { supported: false }, etag: { supported: true } });
    expect((await scim('get', 'ResourceTypes').expect(200)).body.totalResults).toBe(2);
    expect((await scim('get', `Schemas/${USER}`).expect(200)).body.name).toBe('User');
  });

  it('adds members without a password, marked as its own and audited under its key', async () => {
    const user = await create('tanaka@example.jp', {
      externalId: 'ex-1',
      displayName: undefined,
      name: { familyName: '田中', givenName: '花子' },
      emails: [{ value: 'tanaka@example.jp', type: 'work', primary: 'True' }],
      roles: [{ value: 'admin', primary: true }],
      title: '主任',
    });
    expect(user).toMatchObject({ displayName: '田中 花子', active: true, externalId: 'ex-1', schemas: [USER] });
    expect(user.roles).toBeUndefined();
    expect(await memberOf('tanaka')).toMatchObject({ role: 'staff', isProvisioned: true, hasPassword: false });
    const { body } = await city1('get', 'audit-entries?action=member.created&limit=1').expect(200);
    expect(body.items[0].actor).toMatchObject({ type: 'api_key', label: 'Entra ID' });
    const read = await scim('get', `Users/${user.id}`).expect(200);
    expect(read.body).toEqual(user);
    expect(read.headers['etag']).toBe(user.meta.version);
  });

  it('finds by userName, externalId and id in any spelling, and pages through all', async () => {
    const user = await create('suzuki', { externalId: 'ex-suzuki' });
    for (const filter of ['userName eq "ＳＵＺＵＫＩ"', 'externalId Eq "ex-suzuki"', `id eq "${user.id}"`])
      expect((await find(filter)).Resources.map(({ id }: { id: string }) => id)).toEqual([user.id]);
    expect(await find('userName eq "nobody"')).toMatchObject({ totalResults: 0, Resources: [] });
    const { totalResults } = (await scim('get', 'Users?count=0').expect(200)).body;
    const names: string[] = [];
    for (let startIndex = 1; startIndex <= totalResults; startIndex += 2) {
      const { body } = await scim('get', `Users?startIndex=${startIndex}&count=2`).expect(200);
      names.push(...body.Resources.map(({ userName }: { userName: string }) => userName));
    }
    expect(names).toEqual([...new Set(names)]);
    expect(names).toHaveLength(totalResults);
    for (const filter of [
      'displayName co "x"',
      'userName eq "a" or userName eq "b"',
      'userName eq',
      '((',
      'userName pr',
    ])
      expect((await scim('get', `Users?filter=${encodeURIComponent(filter)}`).expect(400)).body).toMatchObject({
        scimType: 'invalidFilter',
        status: '400',
      });
  });

  it('is told 409 uniqueness for a login id that is the same to people, and for another’s externalId', async () => {
    await create('yamada', { externalId: 'ex-yamada' });
    const taken = await scim('post', 'Users', { schemas: [USER], userName: 'ＹＡＭＡＤＡ', displayName: 'x' }).expect(
      409,
    );
    expect(taken.body).toMatchObject({ scimType: 'uniqueness', status: '409' });
    const other = await create('other');
    await patch(`Users/${other.id}`, { op: 'replace', path: 'userName', value: 'Yamada' }).expect(409);
    await patch(`Users/${other.id}`, { op: 'replace', path: 'externalId', value: 'ex-yamada' }).expect(409);
    await patch(`Users/${other.id}`, { op: 'replace', path: 'userName', value: 'renamed' }).expect(200);
    expect(await memberOf('renamed')).toMatchObject({ id: other.id });
  });

  it('changes members in the words of Entra ID: capitals, booleans as words, no path, paths in keys', async () => {
    const { id } = await create('entra', { emails: [{ value: 'a@example.jp', type: 'work', primary: true }] });
    const off = await patch(`Users/${id}`, { op: 'Replace', path: 'active', value: 'False' }).expect(200);
    expect(off.body.active).toBe(false);
    const on = await patch(`Users/${id}`, { op: 'Add', value: { active: 'True', displayName: '改名 次郎' } }).expect(
      200,
    );
    expect(on.body).toMatchObject({ active: true, displayName: '改名 次郎' });
    const mail = { op: 'Replace', path: 'emails[type eq "work"].value', value: 'b@example.jp' };
    expect((await patch(`Users/${id}`, mail).expect(200)).body.emails[0].value).toBe('b@example.jp');
    const keyed = { op: 'replace', value: { [`${USER}:displayName`]: '氏名 三郎' } };
    expect((await patch(`Users/${id}`, keyed).expect(200)).body.displayName).toBe('氏名 三郎');
    expect((await patch(`Users/${id}`, { op: 'remove', path: 'emails' }).expect(200)).body.emails).toBeUndefined();
  });

  it('cannot break out of a resource, nor leave half of a request done', async () => {
    const { id, meta } = await create('escape');
    for (const path of ['__proto__.polluted', 'constructor.prototype.x', 'emails[', 'name.__proto__'])
      await patch(`Users/${id}`, { op: 'add', path, value: 'x' }).expect(400);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    const half = [
      { op: 'replace', path: 'displayName', value: '半分' },
      { op: 'replace', path: 'userName', value: '' },
    ];
    const { body } = await patch(`Users/${id}`, ...half).expect(400);
    expect(body).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], scimType: 'invalidValue' });
    expect((await scim('get', `Users/${id}`).expect(200)).body.meta).toEqual(meta);
    await scim('patch', `Users/${id}`, { schemas: ['x'], Operations: [{ op: 'add', value: {} }] }).expect(400);
    await scim('post', 'Users', { userName: 'x'.repeat(65) }).expect(400);
  });

  it('changes only what it has seen, when it says what that was', async () => {
    const { id, meta } = await create('versioned');
    const put = (tag: string, displayName: string) =>
      scim('put', `Users/${id}`, { schemas: [USER], userName: 'versioned', displayName }).set('if-match', tag);
    await put(meta.version, '一').expect(200);
    expect((await put(meta.version, '二').expect(412)).body.status).toBe('412');
    await scim('delete', `Users/${id}`).set('if-match', meta.version).expect(412);
    await put('*', '三').expect(200);
  });

  it('takes members away by disabling them, and brings the same person back', async () => {
    const { id } = await create('leaver', { externalId: 'ex-leaver' });
    await scim('delete', `Users/${id}`).expect(204);
    for (const method of ['get', 'delete'] as const) await scim(method, `Users/${id}`).expect(404);
    expect((await find('externalId eq "ex-leaver"')).totalResults).toBe(0);
    expect(await memberOf('leaver')).toMatchObject({ status: 'disabled', isProvisioned: false });
    expect((await create('leaver', { externalId: 'ex-leaver' })).id).toBe(id);
    expect(await memberOf('leaver')).toMatchObject({ status: 'active', isProvisioned: true });
  });

  it('ends what a disabled member has open', async () => {
    const member = await addMember(api.app, city, { loginId: 'signedin', role: 'staff' });
    const cookie = await signIn(api, city, member);
    await patch(`Users/${member.id}`, { op: 'replace', path: 'active', value: false }).expect(200);
    await api.on('lgwan').get('/api/v1/me').set('cookie', cookie).expect(401);
  });

  it('can neither disable nor demote the last administrator', async () => {
    const { id } = (await find('userName eq "admin"')).Resources[0];
    expect((await patch(`Users/${id}`, { op: 'replace', path: 'active', value: false }).expect(409)).body.status).toBe(
      '409',
    );
    await scim('delete', `Users/${id}`).expect(409);
    await city1('put', 'provisioning/roles', { roles: [{ value: 'App.Staff', role: 'staff' }] }).expect(200);
    await patch(`Users/${id}`, { op: 'add', path: 'roles', value: [{ value: 'App.Staff' }] }).expect(409);
    expect(await memberOf('admin')).toMatchObject({ role: 'admin', status: 'active', isProvisioned: false });
  });

  it('gives a role only by a word that an administrator has mapped, and takes it back with the word', async () => {
    const mapped = { roles: [{ value: 'App.Manager', role: 'manager' }] };
    expect((await city1('put', 'provisioning/roles', mapped).expect(200)).body).toMatchObject(mapped);
    const { id } = await create('roles', { roles: [{ value: 'admin' }, { value: 'App.Manager' }] });
    expect((await memberOf('roles')).role).toBe('manager');
    await patch(`Users/${id}`, { op: 'Replace', path: 'roles[primary eq "True"].value', value: 'admin' }).expect(200);
    await patch(`Users/${id}`, { op: 'remove', path: 'roles' }).expect(200);
    expect((await memberOf('roles')).role).toBe('staff');
    await city1('patch', `members/${id}`, { role: 'auditor' }).expect(200);
    await patch(`Users/${id}`, { op: 'replace', path: 'displayName', value: '監査 役' }).expect(200);
    expect((await memberOf('roles')).role).toBe('auditor');
  });

  it('says who belongs to a department, and cannot change what the department is', async () => {
    const [first, second] = [await department('101'), await department('102')];
    const [a, b] = [await create('group-a'), await create('group-b')];
    const groups = await find('displayName eq "課101"', 'Groups');
    expect(groups.Resources).toEqual([expect.objectContaining({ id: first, externalId: '101', members: [] })]);
    const add = { op: 'Add', path: 'members', value: [{ value: a.id }, { value: b.id }] };
    expect((await patch(`Groups/${first}`, add).expect(200)).body.members).toEqual([{ value: a.id }, { value: b.id }]);
    await patch(`Groups/${second}`, { op: 'add', path: 'members', value: [{ value: b.id }] }).expect(200);
    expect((await scim('get', `Groups/${first}`).expect(200)).body.members).toEqual([{ value: a.id }]);
    await patch(`Groups/${first}`, { op: 'Remove', path: `members[value eq "${a.id}"]` }).expect(200);
    await patch(`Groups/${second}`, { op: 'Remove', path: 'members', value: [{ value: b.id }] }).expect(200);
    expect((await memberOf('group-a')).department).toBeNull();
    const renamed = await patch(`Groups/${first}`, { op: 'replace', path: 'displayName', value: '別の課' }).expect(400);
    expect(renamed.body.scimType).toBe('mutability');
    await patch(`Groups/${first}`, { op: 'add', path: 'members', value: [{ value: newId() }] }).expect(400);
    const { body } = await scim('get', 'Groups?excludedAttributes=members').expect(200);
    expect(body.Resources[0].members).toBeUndefined();
  });

  it('meets another city’s and another network’s people as people who never were', async () => {
    const { id } = await create('mine');
    const elsewhere = await addMember(api.app, city, { loginId: 'elsewhere', role: 'staff', segment: 'my_number' });
    const missing = await scim('get', `Users/${newId()}`).expect(404);
    expect(missing.body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '404',
      detail: '見つかりません。',
    });
    const asked = [
      scim('get', `Users/${id}`, undefined, strangers),
      scim('get', `Users/${elsewhere.id}`),
      scim('get', 'Users/no-id'),
    ];
    for (const answer of await Promise.all(asked)) expect([answer.status, answer.text]).toEqual([404, missing.text]);
    const group = await department('103');
    const foreign = await patch(`Groups/${group}`, { op: 'add', path: 'members', value: [{ value: elsewhere.id }] });
    const unknown = await patch(`Groups/${group}`, { op: 'add', path: 'members', value: [{ value: newId() }] });
    expect([foreign.status, foreign.text]).toEqual([400, unknown.text]);
  });

  it('comes in by a key of its own, made for no longer than a year and good for nothing else', async () => {
    const wish = { name: '鍵', scopes: ['scim'] };
    await city1('post', 'api-keys', wish).expect(422);
    await city1('post', 'api-keys', { ...wish, expiresOn: inDays(400) }).expect(422);
    await city1('post', 'api-keys', { name: '鍵', scopes: ['scim', 'jobs'], expiresOn: inDays(9) }).expect(422);
    const { body } = await city1('post', 'api-keys', { ...wish, expiresOn: inDays(9) }).expect(201);
    await scim('get', 'Users?count=1', undefined, body.apiKey).expect(200);
    await api.on('lgwan').get('/api/v1/models').set('authorization', `Bearer ${body.apiKey}`).expect(403);
    await scim('get', 'Users', undefined, await addApiKey(api.app, city)).expect(403);
    await api.on('vendor').get('/api/scim/v2/Users').set('authorization', `Bearer ${body.apiKey}`).expect(404);
    expect((await scim('get', 'Users', undefined, 'moyai_x').expect(401)).body).toMatchObject({ status: '401' });
    expect((await city1('get', 'api-keys?scope=scim').expect(200)).body.items).toHaveLength(2);
    const { members } = (await city1('get', 'provisioning').expect(200)).body;
    expect(members).toBeGreaterThan(5);
  });
});
