import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberRole } from '#libs/identity';
import { type TestApi, createTestApi } from '../../../test/test-api.ts';
import { CITY_A, type TestCity, addApiKey, addMember, onboardCity, signIn } from '../../../test/test-city.ts';

describe('administration', () => {
  let api: TestApi;
  let city: TestCity;
  let admin: string;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
    admin = await signIn(api, city, city.admin);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const get = (path: string, cookie = admin) => api.on('lgwan').get(`/api/v1/${path}`).set('cookie', cookie);
  const send = (method: 'post' | 'patch' | 'put' | 'delete', path: string, body: object = {}, cookie = admin) =>
    api.on('lgwan')[method](`/api/v1/${path}`).set('cookie', cookie).send(body);

  it('keeps departments a tree', async () => {
    const make = async (code: string, parentId?: string): Promise<string> =>
      (await send('post', 'departments', { code, name: code, parentId }).expect(201)).body.id;
    const root = await make('root');
    const child = await make('child', root);
    const leaf = await make('leaf', child);
    for (const below of [root, child, leaf])
      expect((await send('patch', `departments/${root}`, { parentId: below }).expect(422)).body.code).toBe(
        'TENANCY.DEPARTMENT_CYCLE',
      );
    const moves = await Promise.all([
      send('patch', `departments/${leaf}`, { parentId: null }),
      send('patch', `departments/${child}`, { parentId: leaf }),
      send('patch', `departments/${leaf}`, { parentId: child }),
    ]);
    expect(moves.filter(({ status }) => status === 500)).toEqual([]);
    const { items } = (await get('departments').expect(200)).body;
    const parents = new Map<string, string | null>(
      items.map((item: { id: string; parentId: string | null }) => [item.id, item.parentId]),
    );
    for (const id of parents.keys()) {
      let steps = 0;
      for (let at: string | null | undefined = id; at; at = parents.get(at)) expect((steps += 1)).toBeLessThan(10);
    }
    expect((await send('post', 'departments', { code: 'root', name: 'x' }).expect(409)).body.code).toBe(
      'TENANCY.DEPARTMENT_CODE_TAKEN',
    );
  });

  it('switches purposes on and off under a code that stays', async () => {
    const body = { code: 'juminzei', name: '住民税', legalBasis: '番号法' };
    const { id } = (await send('post', 'purposes', body).expect(201)).body;
    expect((await send('post', 'purposes', body).expect(409)).body.code).toBe('TENANCY.PURPOSE_CODE_TAKEN');
    await send('patch', `purposes/${id}`, { code: 'other' }).expect(422);
    const changed = await send('patch', `purposes/${id}`, { enabled: false, legalBasis: null }).expect(200);
    expect(changed.body).toEqual({ id, code: 'juminzei', name: '住民税', legalBasis: null, enabled: false });
  });

  it('pages through members in order and finds them by part of id or name', async () => {
    for (const loginId of ['p-03', 'P-01', 'ｐ-02', 'p-04', 'p_05'])
      await addMember(api.app, city, { loginId, role: 'staff' });
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = new URLSearchParams({ query: 'P-0', limit: '3', ...(cursor && { cursor }) });
      const { body }: { body: { items: { loginId: string }[]; nextCursor: string | null } } = await get(
        `members?${query.toString()}`,
      );
      seen.push(...body.items.map(({ loginId }) => loginId));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(['P-01', 'ｐ-02', 'p-03', 'p-04']);
    expect((await get('members?query=%E7%AE%A1%E7%90%86').expect(200)).body.items).toHaveLength(1);
  });

  it('gives a login id once, however it is spelled', async () => {
    const member = { displayName: 'x', role: 'staff', segment: 'lgwan' };
    const { body } = await send('post', 'members', { ...member, loginId: 'taken' }).expect(201);
    expect(body.initialPassword.length).toBeGreaterThanOrEqual(15);
    expect((await send('post', 'members', { ...member, loginId: 'ＴＡＫＥＮ' }).expect(409)).body.code).toBe(
      'TENANCY.LOGIN_ID_TAKEN',
    );
  });

  it('changes what a signed-in member may do from the next request on', async () => {
    const member = await addMember(api.app, city, { loginId: 'riser', role: 'staff' });
    const cookie = await signIn(api, city, member);
    await get('departments', cookie).expect(403);
    await send('patch', `members/${member.id}`, { role: 'manager' }).expect(200);
    await get('departments', cookie).expect(200);
    await send('patch', `members/${member.id}`, { status: 'disabled' }).expect(200);
    await get('me', cookie).expect(401);
    const body = { cityCode: CITY_A, loginId: 'riser', password: member.password };
    await api.on('lgwan').post('/api/v1/sessions').send(body).expect(401);
  });

  it('never loses the last active administrator, not even to two who remove each other', async () => {
    const me = (await get('me')).body.member.id as string;
    expect((await send('patch', `members/${me}`, { role: 'staff' }).expect(409)).body.code).toBe('TENANCY.LAST_ADMIN');
    await send('patch', `members/${me}`, { status: 'disabled' }).expect(409);
    const other = await addMember(api.app, city, { loginId: 'admin2', role: 'admin' });
    const cookie = await signIn(api, city, other);
    const both = await Promise.all([
      send('patch', `members/${other.id}`, { role: 'staff' }),
      send('patch', `members/${me}`, { role: 'staff' }, cookie),
    ]);
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
    const { items } = (
      await get('audit-entries?action=member.changed&limit=1', both[0].status === 200 ? admin : cookie)
    ).body;
    expect(items).toHaveLength(1);
    if (both[0].status !== 200) await send('patch', `members/${me}`, { role: 'admin' }, cookie).expect(200);
  });

  it('makes API keys that work until they are revoked, for what they were made for', async () => {
    const { body: key } = await send('post', 'api-keys', { name: '業務', scopes: ['models'] }).expect(201);
    const withKey = (path: string, listener: 'lgwan' | 'my_number' = 'lgwan') =>
      api.on(listener).get(path).set('authorization', `Bearer ${key.apiKey}`);
    await withKey('/api/v1/models').expect(200);
    await withKey('/api/v1/models', 'my_number').expect(401);
    await withKey('/api/v1/members').expect(403);
    await withKey('/api/v1/jobs/01890000-0000-7000-8000-000000000000').expect(403);
    const { items } = (await get('api-keys').expect(200)).body;
    expect(items[0]).toMatchObject({ id: key.id, scopes: ['models'], lastUsedAt: expect.any(String), revokedAt: null });
    expect(JSON.stringify(items)).not.toContain(key.apiKey);
    await send('delete', `api-keys/${key.id}`).expect(204);
    await withKey('/api/v1/models').expect(401);
  });

  it('takes the key when a request brings a key and a cookie', async () => {
    const request = api.on('lgwan').get('/api/v1/me').set('cookie', admin);
    await request.set('authorization', `Bearer ${await addApiKey(api.app, city)}`).expect(403);
    await api.on('lgwan').get('/api/v1/me').set({ cookie: admin, authorization: 'Bearer wrong' }).expect(401);
  });

  it('sets budgets, and records it', async () => {
    const { body } = await send('put', 'budgets/2027-01', { limitTokens: 5_000 }).expect(200);
    const tokens = { limitTokens: 5_000, usedTokens: 0, reservedTokens: 0 };
    expect(body).toEqual({ month: '2027-01', ...tokens, noticePercents: [50, 80, 100] });
    expect((await get('budgets?from=2026-12&to=2027-02').expect(200)).body.items).toEqual([body]);
    const [entry] = (await get('audit-entries?action=budget.limit-set').expect(200)).body.items;
    expect(entry).toMatchObject({ actor: { type: 'member', label: '管理 一郎' }, subject: { id: '2027-01' } });
  });

  const READS = ['models', 'purposes', 'departments', 'members', 'api-keys', 'audit-entries', 'conversations'];
  const RANGES = ['budgets?from=2026-04&to=2026-06', 'usage?from=2026-04-01&to=2026-04-30&groupBy=day'];
  it.each<[MemberRole, string[]]>([
    ['staff', ['models', 'purposes', 'conversations']],
    ['manager', ['models', 'purposes', 'departments', 'conversations', RANGES[1]!]],
    ['admin', [...READS, ...RANGES]],
    ['auditor', ['departments', 'audit-entries', RANGES[1]!]],
  ])('lets %s read exactly what the role says, and records the rest', async (role, readable) => {
    const member = await addMember(api.app, city, { loginId: `role-${role}`, role });
    const cookie = await signIn(api, city, member);
    for (const path of [...READS, ...RANGES])
      expect([path, (await get(path, cookie)).status]).toEqual([path, readable.includes(path) ? 200 : 403]);
    const { items } = (await get('audit-entries?action=access.refused&limit=100').expect(200)).body;
    const refused = items.filter(({ actor }: { actor: { id: string } }) => actor.id === member.id);
    expect(refused).toHaveLength(READS.length + RANGES.length - readable.length);
  });
});
