import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiKeyRegistry } from '#libs/identity';
import { SCIM_BASE } from '../scim/scim-resources.ts';
import { describeApi } from './openapi.ts';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { bearer, nextMonth } from '../../test/credentials.ts';
import { CITY_A, addMember, onboardCity, signIn, signInVendor } from '../../test/test-city.ts';
import { MAX_BODY_BYTES } from './json-body.ts';

const LONG_AGO = '01890000-0000-7000-8000-000000000000';
const deep = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

/** Bodies that no route may take, as sent. */
const BAD_BODIES: Record<string, string> = {
  'no JSON': '{"name":',
  'a bare value': '"text"',
  'a list': '[]',
  'no fields': '{}',
  'unknown fields': '{"name":"x","unknown":1}',
  'wrong types': '{"name":{"$gt":""},"loginId":[],"password":{},"limitTokens":"many","messages":"x","title":1}',
  'NUL in text': '{"name":"a\\u0000b","title":"a\\u0000b","code":"a\\u0000b","displayName":"a\\u0000b"}',
  'half a surrogate pair': '{"name":"\\ud800","title":"\\ud800","displayName":"\\udc00","code":"\\ud800"}',
  'half a surrogate pair as a key': '{"\\ud800":1}',
  'a prototype': '{"__proto__":{"isAdmin":true},"name":"x"}',
  'a constructor': '{"constructor":{"prototype":{"isAdmin":true}},"name":"x"}',
  '10,000 levels': deep(10_000),
  'levels within a field': `{"name":${deep(5_000)}}`,
};

describe('bad input', () => {
  let api: TestApi;
  let cookies: { city: string; manager: string; ops: string; finance: string };
  let directory: string;
  let routes: { method: 'post' | 'put' | 'patch'; path: string; listener: 'lgwan' | 'vendor' }[];

  beforeAll(async () => {
    api = await createTestApi();
    const city = await onboardCity(api.app, CITY_A);
    cookies = {
      city: await signIn(api, city, city.admin),
      manager: await signIn(api, city, await addMember(api.app, city, { loginId: 'kacho', role: 'manager' })),
      ops: await signInVendor(api, 'ops'),
      finance: await signInVendor(api, 'finance'),
    };
    const scope = { tenantId: city.id, segment: 'lgwan' } as const;
    const wish = { name: 'Entra ID', scopes: ['scim'], expiresOn: nextMonth() } as const;
    directory = (await api.app.get(ApiKeyRegistry).create(scope, { type: 'system', id: null }, wish)).text;
    routes = Object.entries(describeApi(api.app).paths).flatMap(([path, item]) =>
      Object.entries(item as Record<string, { requestBody?: { content: object } }>)
        // A file is no JSON: batches.http.spec.ts
        .filter(([, { requestBody }]) => requestBody && 'application/json' in requestBody.content)
        .map(([method]) => ({
          method: method as 'post',
          path: path.replace('{id}', LONG_AGO).replace('{month}', '2026-06'),
          listener: /^\/api\/(ops|finance)/.test(path) ? ('vendor' as const) : ('lgwan' as const),
        })),
    );
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const send = ({ method, path, listener }: (typeof routes)[number], type = 'application/json') => {
    const [, plane = 'city'] = /^\/api\/(ops|finance)\//.exec(path) ?? [];
    // Who may decide about more must not have asked for it.
    const asks = path === '/api/v1/top-up-requests';
    const cookie = asks ? cookies.manager : cookies[plane as keyof typeof cookies];
    const credential = path.startsWith(SCIM_BASE) ? bearer(directory) : { cookie };
    const headers = { ...credential, 'content-type': type };
    return api.on(listener)[method](path).set(headers);
  };

  /** How many rows every table holds, but for the records of refusals and what a refused sign-in counts. */
  async function rowCounts(): Promise<Record<string, number>> {
    const { rows } = await api.eyes.query<{ name: string; rows: number }>(
      `SELECT relname AS name, (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %I', relname), false, true, '')))[1]::text::int AS rows
       FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
         AND relname NOT IN ('audit_entries', 'audit_heads', 'sign_in_attempts')`,
    );
    return Object.fromEntries(rows.map(({ name, rows: count }) => [name, count]));
  }

  it.each(Object.keys(BAD_BODIES))(
    '%s is refused by every route that takes a body, and nothing is stored',
    async (name) => {
      const before = await rowCounts();
      expect(routes.length).toBeGreaterThan(12);
      // Where an order needs no words, it is the thing that is missing.
      const refusals = name === 'no fields' ? [400, 401, 404, 422] : [400, 401, 413, 422];
      const accepted: string[] = [];
      for (const route of routes) {
        const { status } = await send(route).send(BAD_BODIES[name]);
        if (!refusals.includes(status)) accepted.push(`${route.method} ${route.path}: ${status}`);
      }
      expect(accepted).toEqual([]);
      expect(await rowCounts()).toEqual(before);
    },
  );

  it('a body above the limit is refused as too large, also when it only unfolds to that', async () => {
    const large = `{"name":"${'x'.repeat(MAX_BODY_BYTES)}"}`;
    const folded = gzipSync(large);
    for (const route of routes) {
      await send(route).send(large).expect(413);
      const unfolding = send(route)
        .set('content-encoding', 'gzip')
        .serialize((body) => body as string);
      await unfolding.send(folded).expect(413);
    }
  });

  it('a body that is no JSON by its own account is refused, not ignored', async () => {
    for (const route of routes) await send(route, 'text/plain').send('{"name":"x"}').expect(415);
  });

  it('names the place and repeats nothing', async () => {
    const purpose = { code: 'bad code', name: 'secret\0', legalBasis: 5, unheardOf: 1, '秘密 123456789018': 1 };
    const url = '/api/v1/purposes';
    const nul = await api.on('lgwan').post(url).set('cookie', cookies.city).send(purpose).expect(422);
    expect(nul.body).toMatchObject({ code: 'REQUEST.INVALID', faults: [{ pointer: '/name' }] });
    const { body } = await api
      .on('lgwan')
      .post(url)
      .set('cookie', cookies.city)
      .send({ ...purpose, name: 'x' });
    expect(body.faults.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      ...['/code', '/legalBasis', '/unheardOf', ''],
    ]);
    expect(JSON.stringify([nul.body, body])).not.toMatch(/secret|bad code|秘密|1234/);
    expect(nul.headers['content-type']).toContain('application/problem+json');
    expect(nul.headers['x-request-id']).toBe(nul.body.requestId);
  });

  it.each(['%00', '%ff', '%ed%a0%80', "'%20OR%201=1", '..%2f..', 'x'.repeat(300)])(
    'an id of %s is as missing as any other',
    async (id) => {
      const { status } = await api.on('lgwan').delete(`/api/v1/api-keys/${id}`).set('cookie', cookies.city);
      expect([400, 404]).toContain(status);
    },
  );

  it.each([
    'query=%00',
    'limit=0',
    'limit=1e9',
    'limit=x',
    'cursor=%25%25',
    'cursor=AA',
    'unknown=1',
    'query=a&query=b',
  ])('the query ?%s is refused', async (query) => {
    await api.on('lgwan').get(`/api/v1/members?${query}`).set('cookie', cookies.city).expect(422);
  });
});
