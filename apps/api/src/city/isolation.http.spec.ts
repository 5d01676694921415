import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dice, newId } from '#libs/kernel';
import { propertyRuns } from '#libs/testing';
import { SECRET, SHARED_KEY, belongingsOf, fingerprintOfRows, furnish } from '../../test/belongings.ts';
import { type Credential, cityCredentials } from '../../test/credentials.ts';
import { addressOf, everyRoute } from '../../test/routes.ts';
import { sampleBody } from '../../test/sample-body.ts';
import { type Answer, type Sent, send } from '../../test/send.ts';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, CITY_B, type TestCity, addMember, onboardCity, signIn } from '../../test/test-city.ts';
import { type ApiRoute, planeOf } from '../access/route-registry.ts';
import { OpenApiController } from '../http/openapi.controller.ts';

/** A sample of all attempts at every run, another one each time; all of them (over 20,000) with PROPERTY_RUNS. */
const ATTEMPTS = propertyRuns(5_000);
const AT_ONCE = 8;
/** For each on a machine that is busy; alone one takes 4 ms, most of it the audit trail's word of the refusal. */
const PATIENCE_MS = 40;

/** Ways to ask with another's id; each is held against the same question with an id that nobody has. */
const DRESSES: Record<string, Record<string, string>> = {
  plain: {},
  'resuming a stream': { accept: 'text/event-stream', 'last-event-id': '1.AAAAAAAAAAAAAAAAAAAAAA' },
  'under a shared key': { 'idempotency-key': SHARED_KEY },
  'claiming another network': { 'x-forwarded-for': '10.0.0.1', 'x-moyai-segment': 'my_number', 'x-tenant-id': CITY_B },
};

interface Attempt {
  readonly who: Credential;
  readonly route: ApiRoute;
  readonly dress: string;
  readonly place: 'address' | 'body';
  readonly id: string;
}

describe('another’s things, asked for in every way there is', () => {
  let api: TestApi;
  let superuser: Pool;
  let victim: TestCity;
  let routes: ApiRoute[];
  let attackers: Credential[];
  let hidden: { id: string; table: string }[];
  beforeAll(async () => {
    api = await createTestApi();
    superuser = new Pool({ connectionString: api.database.urls.superuser, max: 2 });
    const ours = await onboardCity(api.app, CITY_A);
    victim = await onboardCity(api.app, CITY_B);
    attackers = await cityCredentials(api, ours);
    await furnish(api, victim, 'lgwan', await signIn(api, victim, victim.admin));
    const elsewhere = await addMember(api.app, ours, { loginId: 'elsewhere', role: 'admin', segment: 'my_number' });
    await furnish(api, ours, 'my_number', await signIn(api, ours, elsewhere, 'my_number'), '別の網');
    hidden = [
      { table: 'tenants', id: victim.id },
      ...(await belongingsOf(superuser, victim)),
      ...(await belongingsOf(superuser, ours, { segment: 'my_number' })),
    ];
    routes = everyRoute(api).filter((route) => planeOf(route) === 'city' && route.access !== 'public');
  });
  afterAll(async () => {
    await superuser.end();
    await api[Symbol.asyncDispose]();
  });

  const bodyOf = (route: ApiRoute, id: string) => sampleBody(api.app.get(OpenApiController).document!, route, id);

  function everyAttempt(): Attempt[] {
    const marker = newId();
    const places = routes.flatMap((route) => {
      const inAddress = addressOf(route, () => marker).includes(marker);
      const inBody = JSON.stringify(bodyOf(route, marker) ?? {}).includes(marker);
      return [...(inAddress ? [['address', route] as const] : []), ...(inBody ? [['body', route] as const] : [])];
    });
    return places.flatMap(([place, route]) =>
      attackers.flatMap((who) =>
        Object.keys(DRESSES).flatMap((dress) => hidden.map(({ id }) => ({ who, route, dress, place, id }))),
      ),
    );
  }

  const sentFor = ({ who, route, dress, place }: Attempt, id: string): Sent => ({
    method: route.method,
    path: addressOf(route, () => (place === 'address' ? id : NOWHERE)),
    headers: { ...DRESSES[dress], ...who.headers },
    body: bodyOf(route, place === 'body' ? id : NOWHERE),
  });
  const NOWHERE = newId();

  /** Everything of an answer but when it was given and under which number. */
  const bytesOf = ({ status, headers, text }: Answer) =>
    JSON.stringify({
      status,
      headers: { ...headers, date: '', 'x-request-id': '' },
      text: text.replace(/"requestId":"[^"]*"/, ''),
    });

  const toMissing = new Map<string, Promise<string>>();
  function missingFor(attempt: Attempt): Promise<string> {
    const { who, route, dress, place } = attempt;
    const key = [who.name, route.method, route.path, dress, place].join(' ');
    const known = toMissing.get(key) ?? send(api, 'lgwan', sentFor(attempt, newId())).then(bytesOf);
    toMissing.set(key, known);
    return known;
  }

  /** What an answer gives away, beside what was sent. */
  const leaked = (text: string, sent: string): string[] =>
    [SECRET, ...hidden.map(({ id }) => id)].filter((word) => text.includes(word) && word !== sent);

  async function fault(attempt: Attempt): Promise<string | null> {
    const answer = await send(api, 'lgwan', sentFor(attempt, attempt.id));
    const { who, route, dress, place, id } = attempt;
    const words = leaked(answer.text, id);
    const same = bytesOf(answer) === (await missingFor(attempt));
    if (same && words.length === 0) return null;
    const table = hidden.find((one) => one.id === id)?.table;
    return `${who.name}: ${route.method} ${route.path} (${table} in ${place}, ${dress}): ${answer.status} ${answer.text.slice(0, 200)} not ${await missingFor(attempt)}`;
  }

  it('are the same bytes as things that never were', { timeout: 60_000 + ATTEMPTS * PATIENCE_MS }, async () => {
    const tables = new Set(hidden.map(({ table }) => table));
    expect([...tables]).toEqual(
      expect.arrayContaining(['api_keys', 'batches', 'conversations', 'departments', 'jobs', 'members']),
    );
    const before = await fingerprintOfRows(superuser, victim);
    const seed = Date.now() % 2 ** 32;
    const dice = new Dice(seed);
    const all = everyAttempt();
    const chosen = dice.shuffle(all).slice(0, ATTEMPTS);
    const queue = chosen.values();
    const faults: string[] = [];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const attempt of queue) faults.push(...[(await fault(attempt)) ?? []].flat());
      }),
    );
    expect({ seed, faults }).toEqual({ seed, faults: [] });
    expect(await fingerprintOfRows(superuser, victim)).toEqual(before);
    process.stdout.write(
      `${chosen.length} of ${all.length} attempts (seed ${seed}) with ${hidden.length} ids of ${tables.size} tables: 0 leaks\n`,
    );
  });

  it('are the same 404 as an id that is none and an address that never was', async () => {
    let compared = 0;
    const naming = routes.filter(({ method, path }) => method !== 'get' && path.endsWith('/{id}'));
    const admin = attackers.find(({ name }) => name === 'admin')!;
    for (const route of naming) {
      const ask = (path: string) =>
        send(api, 'lgwan', { method: route.method, path, headers: admin.headers, body: bodyOf(route, NOWHERE) });
      const missing = bytesOf(await ask(addressOf(route)));
      // A sample that the route's own rules refuse says nothing of ids.
      if (!missing.includes('REQUEST.NOT_FOUND')) continue;
      compared += 1;
      expect(bytesOf(await ask(route.path.replace('{id}', 'no-id-at-all')))).toBe(missing);
      expect(bytesOf(await ask(`/api/v1/nothing/${NOWHERE}`))).toBe(missing);
    }
    expect(compared).toBeGreaterThan(5);
  });

  it('do not show in lists, whatever page is asked for', { timeout: 60_000 }, async () => {
    const lists = routes.filter(({ method, path }) => method === 'get' && !path.includes('{'));
    const theirs = hidden.map(({ id }) => id);
    const positions = theirs.flatMap((id) => [
      Buffer.from(id).toString('base64url'),
      Buffer.from(JSON.stringify(['2099-01-01T00:00:00.000Z', id])).toString('base64url'),
      Buffer.from(`2099-01-01T00:00:00.000Z ${id}`).toString('base64url'),
    ]);
    const queries = ['', ...positions.map((cursor) => `?cursor=${cursor}`)];
    let asked = 0;
    for (const { path } of lists)
      for (const query of queries) {
        const { text } = await send(api, 'lgwan', {
          method: 'get',
          path: `${path}${query}`,
          headers: attackers[asked++ % attackers.length]!.headers,
        });
        expect(leaked(text, '').map((word) => `${path}${query}: ${word}`)).toEqual([]);
      }
    process.stdout.write(`${asked} pages of ${lists.length} lists: 0 leaks\n`);
  });

  it('are not given to who repeats a request of theirs under the same Idempotency-Key', async () => {
    const question = { kind: 'chat', messages: [{ role: 'user', content: '住民票' }] };
    for (const { headers } of attackers.filter(({ permissions }) => permissions.includes('job:create'))) {
      const { status, text } = await send(api, 'lgwan', {
        method: 'post',
        path: '/api/v1/jobs',
        headers: { ...headers, 'idempotency-key': SHARED_KEY },
        body: question,
      });
      expect([202, 409, 422]).toContain(status);
      expect(leaked(text, '')).toEqual([]);
    }
  });
});
