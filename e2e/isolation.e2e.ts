import type { Response } from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from './support/client.ts';
import { askAndFinish, question } from './support/jobs.ts';
import {
  type NewCity,
  demoCity,
  onboardCity,
  signIn,
  signInAs,
  signInVendor,
  visitor,
  withApiKey,
} from './support/people.ts';
import { expectProblem, fingerprintOf } from './support/problems.ts';
import { AT_ONCE, modelBehaves } from './support/simulator.ts';

const MISSING = '00000000-0000-7000-8000-000000000000';
/** The current month in Japan. */
const MONTH = new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 7);

/** A change that each resource would accept from its own city. */
const CHANGES: Record<string, object> = {
  members: { displayName: '別の名前' },
  departments: { name: '別の名前' },
  purposes: { name: '別の名前' },
  conversations: { title: '別の名前' },
  'budget-items': { code: '02-01', name: '別の名前' },
  budgets: { limitTokens: 1 },
  'identity-providers': { name: '別の名前' },
  templates: { title: '別の名前', body: '別の文', note: null, version: 1 },
};

/** Bodies of what can be told to do something, by the last word of the address. */
const ORDERS: Record<string, object> = {
  forecast: { template: '{用件}' },
  start: { template: '{用件}' },
  retry: { round: 1 },
  plan: { digest: '0'.repeat(64), effectiveOn: null, confirmedDisables: 0 },
  withdrawals: { subject: 'member', key: 'hidden' },
  approve: {},
  decline: { note: '却下' },
  refuse: { note: '却下' },
  dispute: { reason: '秘密の理由' },
  saml: { metadata: '<EntityDescriptor/>' },
  oidc: { metadata: '{}', keys: '{}', clientId: 'moyai', flow: 'id_token' },
  '{memberId}': { subject: '秘密' },
  handovers: { toLoginId: 'kacho', reason: '秘密の理由' },
};

interface Route {
  readonly method: string;
  readonly path: string;
}

/** What the other city owns, by the name of the collection. */
type Owned = Record<string, string>;

async function everythingOf(city: NewCity): Promise<Owned> {
  const { admin } = city;
  const made = async (path: string, body: object) => (await admin.post(path, body).expect(201)).body;
  const department = await made('/api/v1/departments', { code: '77', name: '秘書課' });
  await admin.put(`/api/v1/budget-items/${department.id}`, { code: '02-01', name: '需用費' }).expect(200);
  const purpose = await made('/api/v1/purposes', { code: 'himitsu', name: '秘密の事務' });
  const budget = await budgetThingsOf(city, department.id);
  const { member } = await made('/api/v1/members', {
    loginId: 'hidden',
    displayName: '秘密 職員',
    role: 'staff',
    segment: 'lgwan',
  });
  const key = await made('/api/v1/api-keys', { name: '秘密の鍵', scopes: ['jobs', 'models'] });
  const provider = await made('/api/v1/identity-providers', { kind: 'saml', name: '秘密の認証基盤' });
  const job = await askAndFinish(admin, '秘密の質問です。');
  const { body: batch } = await admin
    .post('/api/v1/batches')
    .set('content-type', 'text/csv')
    .send('用件\n秘密\n')
    .expect(201);
  const factor = await made('/api/v1/me/second-factors', {});
  return {
    me: factor.id,
    members: member.id,
    departments: department.id,
    'budget-items': department.id,
    budgets: department.id,
    ...budget,
    purposes: purpose.id,
    'api-keys': key.id,
    'roster-imports': (await made('/api/v1/roster-imports', {})).id,
    'identity-providers': provider.id,
    invoices: await issuedInvoice(),
    jobs: job.id,
    batches: batch.id,
    conversations: job.conversationId!,
    templates: (await made('/api/v1/templates', { title: '秘密の型', body: '秘密', audience: 'own' })).id,
    'content-accesses': await askedAccess(city),
    notices: await announcedMaintenance(city),
    ...(await handedOver(city)),
    'data-exports': (await admin.post('/api/v1/data-exports').expect(202)).body.id,
  };
}

/** A department's request for more, and the notice that its limit is used up. */
async function budgetThingsOf({ admin, code }: NewCity, departmentId: string): Promise<Owned> {
  const manager = { loginId: 'kacho', displayName: '秘密 課長', role: 'manager', segment: 'lgwan', departmentId };
  const { initialPassword: password } = (await admin.post('/api/v1/members', manager).expect(201)).body;
  await admin.put(`/api/v1/budgets/${MONTH}/allotments/department/${departmentId}`, { limitTokens: 0 }).expect(200);
  const session = await signIn({ cityCode: code, loginId: manager.loginId, password });
  const wish = { month: MONTH, tokens: 1, reason: '秘密の理由' };
  const request = await session.post('/api/v1/top-up-requests', wish).expect(201);
  const { body: notices } = await session.get('/api/v1/budget-notices').expect(200);
  return { 'top-up-requests': request.body.id, 'budget-notices': notices.items[0].id };
}

/** What somebody left was given to the manager. */
async function handedOver({ admin, code }: NewCity): Promise<Owned> {
  const leaver = { loginId: 'leaver', displayName: '秘密 退職者', role: 'staff', segment: 'lgwan' };
  const { member, initialPassword: password } = (await admin.post('/api/v1/members', leaver).expect(201)).body;
  await askAndFinish(await signIn({ cityCode: code, loginId: leaver.loginId, password }), '秘密の置き土産です。');
  await admin.patch(`/api/v1/members/${member.id}`, { status: 'disabled' }).expect(200);
  const wish = { toLoginId: 'kacho', reason: '秘密の理由' };
  const { body } = await admin.post(`/api/v1/ownerless-content/${member.id}/handovers`, wish).expect(201);
  return { 'ownerless-content': member.id, handovers: body.id };
}

/** One of the vendor's people asks to read what the city wrote. */
async function askedAccess({ id }: NewCity): Promise<string> {
  const wish = { cityId: id, segment: 'lgwan', reason: '秘密の調査', ticket: 'INC-1', minutes: 15 };
  return (await (await signInVendor('ops')).post('/api/ops/v1/content-accesses', wish).expect(201)).body.id;
}

/** Maintenance announced to this city alone. */
async function announcedMaintenance({ id }: NewCity): Promise<string> {
  const [startsAt, endsAt] = [1, 2].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
  const notice = {
    severity: 'info',
    title: '秘密の保守',
    body: '秘密',
    startsAt,
    endsAt,
    cityIds: [id],
    onSignIn: false,
  };
  return (await (await signInVendor('ops')).post('/api/ops/v1/maintenance-notices', notice).expect(201)).body.id;
}

/** A city of today has none yet; the demo's first city does. */
async function issuedInvoice(): Promise<string> {
  const { body } = await (await signInAs(demoCity(0), 'admin')).get('/api/v1/invoices').expect(200);
  return body.items[0].id;
}

async function routesWithAnId(): Promise<Route[]> {
  const { body } = await visitor().get('/api/openapi.json').expect(200);
  return Object.entries(body.paths as Record<string, object>)
    .filter(([path]) => path.startsWith('/api/v1/') && path.includes('{id}'))
    .flatMap(([path, item]) => Object.keys(item).map((method) => ({ method, path })));
}

const collectionOf = ({ path }: Route): string => path.split('/')[3]!;

function call(client: Client, route: Route, id: string): PromiseLike<Response> {
  const takesJson = ['put', 'patch'].includes(route.method) && !route.path.endsWith('/files/{kind}');
  const order = ORDERS[route.path.split('/').at(-1)!];
  const body = order ?? (takesJson ? (CHANGES[collectionOf(route)] ?? {}) : undefined);
  const path = route.path
    .replace('{id}', id)
    .replace('{memberId}', MISSING)
    .replace('{month}', MONTH)
    .replace('{level}', 'department')
    .replace('{format}', 'pdf')
    .replace('{kind}', route.method === 'put' ? 'members?mode=listed' : 'members');
  return client.send(route.method, path, body);
}

describe('one city', () => {
  let owned: Owned;
  let owner: Client;
  let stranger: Client;
  let routes: Route[];
  let behaviour: AsyncDisposable;

  beforeAll(async () => {
    behaviour = await modelBehaves(AT_ONCE);
    const neighbour = await onboardCity('隣の市');
    owner = neighbour.admin;
    [owned, stranger, routes] = await Promise.all([
      everythingOf(neighbour),
      signInAs(demoCity(1), 'admin'),
      routesWithAnId(),
    ]);
  });
  afterAll(() => behaviour[Symbol.asyncDispose]());

  it('meets another’s things on every route exactly as things that never were', async () => {
    expect(routes.length).toBeGreaterThanOrEqual(11);
    expect([...new Set(routes.map(collectionOf))].toSorted()).toEqual(Object.keys(owned).toSorted());
    for (const route of routes) {
      const [another, missing] = await Promise.all([
        call(stranger, route, owned[collectionOf(route)]!),
        call(stranger, route, MISSING),
      ]);
      expectProblem(another, 404, 'REQUEST.NOT_FOUND');
      expect(fingerprintOf(another), `${route.method} ${route.path}`).toEqual(fingerprintOf(missing));
    }
  });

  it('cannot reach them with its key either', async () => {
    const key = withApiKey(demoCity(1).apiKey);
    for (const route of routes.filter((one) => collectionOf(one) === 'jobs')) {
      const [another, missing] = [await call(key, route, owned.jobs!), await call(key, route, MISSING)];
      expectProblem(another, 404, 'REQUEST.NOT_FOUND');
      expect(fingerprintOf(another)).toEqual(fingerprintOf(missing));
    }
  });

  it('cannot name them in what it makes', async () => {
    const bodies: [string, (id: string) => object, string][] = [
      ['/api/v1/jobs', (id) => question('続き', { conversationId: id }), owned.conversations!],
      [
        '/api/v1/members',
        (id) => ({ loginId: 'x', displayName: 'x', role: 'staff', segment: 'lgwan', departmentId: id }),
        owned.departments!,
      ],
      ['/api/v1/departments', (id) => ({ code: 'x', name: 'x', parentId: id }), owned.departments!],
    ];
    for (const [path, bodyWith, id] of bodies) {
      const [another, missing] = [
        await stranger.post(path, bodyWith(id)),
        await stranger.post(path, bodyWith(MISSING)),
      ];
      expect(another.status).toBeGreaterThanOrEqual(400);
      expect({ ...another.body, requestId: '' }).toEqual({ ...missing.body, requestId: '' });
    }
  });

  it('finds none of them in its lists', async () => {
    const lists = ['members', 'departments', 'purposes', 'api-keys', 'conversations', 'templates', 'audit-entries'];
    for (const list of lists) {
      const { text } = await stranger.get(`/api/v1/${list}`).expect(200);
      for (const id of Object.values(owned)) expect(text).not.toContain(id);
    }
  });

  it('has left them untouched', async () => {
    const { body } = await owner.get(`/api/v1/conversations/${owned.conversations}`).expect(200);
    expect(body.turns).toHaveLength(1);
    expect((await owner.get('/api/v1/members').expect(200)).text).toContain('秘密 職員');
    expect((await owner.get(`/api/v1/jobs/${owned.jobs}`).expect(200)).body.status).toBe('completed');
  });
});

describe('one member', () => {
  it('meets a colleague’s questions exactly as questions that never were', async () => {
    await using _ = await modelBehaves(AT_ONCE);
    const [staff, manager] = await Promise.all([signInAs(demoCity(1), 'staff'), signInAs(demoCity(1), 'manager')]);
    const job = await askAndFinish(staff, '自分だけの質問です。');
    for (const [path, id] of [
      ['/api/v1/jobs', job.id],
      ['/api/v1/conversations', job.conversationId],
    ]) {
      const [another, missing] = [await manager.get(`${path}/${id}`), await manager.get(`${path}/${MISSING}`)];
      expect(fingerprintOf(another)).toEqual(fingerprintOf(missing));
      expect(another.status).toBe(404);
    }
  });
});
