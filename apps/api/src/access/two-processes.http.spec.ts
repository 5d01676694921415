import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueueConfig } from '#libs/config';
import { VendorDirectory } from '#libs/identity';
import { type TestRedis, createTestRedis } from '#libs/testing';
import { ApiProcess, type Door, openStream } from '../../test/api-process.ts';
import { nextMonth } from '../../test/credentials.ts';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import {
  CITY_A,
  CITY_B,
  type TestCity,
  addMember,
  onboardCity,
  signIn,
  signInEnrolled,
  signInVendor,
} from '../../test/test-city.ts';

/** In which a change made at one api is felt at another, in what is being read there too. */
const FELT_WITHIN_MS = 5_000;

type Headers = Record<string, string>;
type Method = 'post' | 'patch' | 'delete';

/** Somebody or something that reads at one api while another api changes what it may do. */
interface Reader {
  readonly id: string;
  readonly headers: Headers;
  /** The same person in another browser. */
  again(): Promise<Headers>;
}

describe.each(['postgres', 'redis'] as const)('two api processes that hear of each other by %s', (backend) => {
  let redis: TestRedis | undefined;
  let api: TestApi;
  let other: ApiProcess;
  let city: TestCity;
  let admin: string;
  let ops: string;
  let slowest = 0;
  beforeAll(async () => {
    redis = backend === 'redis' ? await createTestRedis() : undefined;
    const queue: QueueConfig | undefined = redis && { backend: 'redis', url: redis.url };
    api = await createTestApi({ queue });
    other = await ApiProcess.start(api);
    city = await onboardCity(api.app, CITY_A);
    admin = await signIn(api, city, city.admin);
    ops = await signInVendor(api, 'ops');
  }, 60_000);
  afterAll(async () => {
    await other[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
    await redis?.drop();
    process.stdout.write(`felt at the other process by ${backend}: at most ${Math.round(slowest)} ms later\n`);
  });

  const here = async (): Promise<Door> => ({ url: await api.app.getUrl(), on: (listener) => api.on(listener) });
  const act = (door: Door, method: Method, path: string, body: object = {}) =>
    door.on('lgwan')[method](`/api/v1/${path}`).set('cookie', admin).send(body);
  let people = 0;
  const member = async (): Promise<Reader> => {
    people += 1;
    const person = await addMember(api.app, city, { loginId: `reader-${people}`, role: 'manager' });
    const again = async () => ({ cookie: await signIn(api, city, person) });
    return { id: person.id, headers: await again(), again };
  };
  const system = async (): Promise<Reader> => {
    const { body } = await act(await here(), 'post', 'api-keys', { name: '連携', scopes: ['jobs', 'models'] }).expect(
      201,
    );
    const headers = { authorization: `Bearer ${body.apiKey}` };
    return { id: body.id, headers, again: () => Promise.resolve(headers) };
  };

  /** Opens the stream of a job that waits, at this door. */
  async function readAt(door: Door, headers: Headers) {
    const question = { kind: 'chat', model: 'simulated-model', messages: [{ role: 'user', content: '質問' }] };
    const { body } = await door.on('lgwan').post('/api/v1/jobs').set(headers).send(question).expect(202);
    return openStream(`${door.url}/api/v1/jobs/${body.id}/events`, { ...api.ingressOf('lgwan'), ...headers });
  }

  const feel = async (change: () => PromiseLike<unknown>, ended: Promise<string>): Promise<string> => {
    await change();
    const changedAt = performance.now();
    const heard = await ended;
    const elapsed = performance.now() - changedAt;
    slowest = Math.max(slowest, elapsed);
    expect(elapsed).toBeLessThan(FELT_WITHIN_MS);
    return heard;
  };

  interface Change {
    readonly who: () => Promise<Reader>;
    readonly by: (door: Door, reader: Reader) => PromiseLike<unknown>;
    /** What the reader's next request is answered. */
    readonly next: number;
  }
  const CHANGES: Record<string, Change> = {
    'another role': {
      who: member,
      by: (door, { id }) => act(door, 'patch', `members/${id}`, { role: 'staff' }).expect(200),
      next: 200,
    },
    'being disabled': {
      who: member,
      by: (door, { id }) => act(door, 'patch', `members/${id}`, { status: 'disabled' }).expect(200),
      next: 401,
    },
    'another department': {
      who: member,
      by: async (door, { id }) => {
        const wish = { code: `D${people}`, name: `第${people}課`, parentId: null };
        const { body: department } = await act(door, 'post', 'departments', wish).expect(201);
        await act(door, 'patch', `members/${id}`, { departmentId: department.id }).expect(200);
      },
      next: 200,
    },
    'a new password from an administrator': {
      who: member,
      by: (door, { id }) => act(door, 'post', `members/${id}/password-resets`).expect(201),
      next: 401,
    },
    'second factors taken away': {
      who: member,
      by: (door, { id }) => act(door, 'delete', `members/${id}/second-factors`).expect(204),
      next: 401,
    },
    'the end of all sessions': {
      who: member,
      by: (door, { id }) => act(door, 'delete', `members/${id}/sessions`).expect(204),
      next: 401,
    },
    'the end of one session, by its owner in another browser': {
      who: member,
      by: async (door, { again }) => {
        const browser = await again();
        const { body } = await door.on('lgwan').get('/api/v1/me/sessions').set(browser).expect(200);
        const { id } = body.items.find(({ isCurrent }: { isCurrent: boolean }) => !isCurrent);
        await door.on('lgwan').delete(`/api/v1/me/sessions/${id}`).set(browser).expect(204);
      },
      next: 401,
    },
    'signing out': {
      who: member,
      by: (door, { headers }) => door.on('lgwan').delete('/api/v1/sessions/current').set(headers).expect(204),
      next: 401,
    },
    'being taken away by the identity provider': {
      who: member,
      by: async (door, { id }) => {
        const { body: key } = await act(door, 'post', 'api-keys', {
          name: '認証基盤',
          scopes: ['scim'],
          expiresOn: nextMonth(),
        }).expect(201);
        const scim = door.on('lgwan').delete(`/api/scim/v2/Users/${id}`);
        await scim.set('authorization', `Bearer ${key.apiKey}`).expect(204);
      },
      next: 401,
    },
    'a revoked key': {
      who: system,
      by: (door, { id }) => act(door, 'delete', `api-keys/${id}`).expect(204),
      next: 401,
    },
  };

  it.each(Object.keys(CHANGES))(
    '%s, at either, ends what is read at the other and holds there at once',
    async (name) => {
      const { who, by, next } = CHANGES[name]!;
      const doors = [await here(), other] as const;
      for (const [at, from] of [doors, doors.toReversed()] as [Door, Door][]) {
        const reader = await who();
        const stream = await readAt(from, reader.headers);
        await feel(() => by(at, reader), stream.ended);
        await from.on('lgwan').get('/api/v1/models').set(reader.headers).expect(next);
      }
    },
  );

  it('a role given at one decides at the other what may be done there', async () => {
    const reader = await member();
    const departments = () => other.on('lgwan').get('/api/v1/departments').set(reader.headers);
    const door = await here();
    await departments().expect(200);
    const stream = await readAt(other, reader.headers);
    await feel(() => act(door, 'patch', `members/${reader.id}`, { role: 'staff' }).expect(200), stream.ended);
    await departments().expect(403);
  });

  it('a proof given at one counts at the other', async () => {
    await api.eyes.query(`UPDATE sessions SET proven_at = now() - interval '11 minutes'`);
    const make = async () => act(await here(), 'post', 'api-keys', { name: '確認後', scopes: ['models'] });
    expect((await make()).body.code).toBe('IDENTITY.STEP_UP_REQUIRED');
    await act(other, 'post', 'me/step-up', { password: city.admin.password }).expect(204);
    expect((await make()).status).toBe(201);
  });

  it('what the vendor reads at one ends when its session is ended by a colleague, or the city, at the other', async () => {
    const reader = { loginId: `ops-${backend}`, displayName: '調査 担当', role: 'ops' } as const;
    const enrolled = await api.app.get(VendorDirectory).ensureEnrolled(reader);
    const cookie = await signInEnrolled(api, { loginId: reader.loginId, ...enrolled });
    const vendor = (door: Door, method: 'get' | Method, path: string, as = ops) =>
      door.on('vendor')[method](`/api/ops/v1/${path}`).set('cookie', as);
    const colleagues = (await vendor(other, 'get', 'vendor-users').expect(200)).body.items as {
      id: string;
      loginId: string;
    }[];
    const { id: readerId } = colleagues.find(({ loginId }) => loginId === reader.loginId)!;
    const open = async (): Promise<{ id: string; ended: Promise<string> }> => {
      const wish = { cityId: city.id, segment: 'lgwan', reason: '回答が切れるとの連絡', ticket: 'INC-1', minutes: 15 };
      const { body } = await vendor(other, 'post', 'content-accesses', cookie).send(wish).expect(201);
      await act(other, 'post', `content-accesses/${body.id}/approve`).expect(200);
      const url = `${other.url}/api/ops/v1/content-accesses/${body.id}/events`;
      return { id: body.id, ...(await openStream(url, { ...api.ingressOf('vendor'), cookie })) };
    };
    const door = await here();
    const watched = await open();
    await feel(() => act(door, 'post', `content-accesses/${watched.id}/end`).expect(200), watched.ended);
    const { ended } = await open();
    await feel(() => vendor(door, 'delete', `vendor-users/${readerId}/sessions`).expect(204), ended);
    await vendor(other, 'get', 'me', cookie).expect(401);
  });

  it('a network that is closed at one is closed at the other, and its readers leave', async () => {
    const person = await addMember(api.app, city, { loginId: 'my-number', role: 'staff', segment: 'my_number' });
    const cookie = await signIn(api, city, person, 'my_number');
    const door = await here();
    await act(door, 'post', 'purposes', { code: 'juki', name: '住民基本台帳' }).expect(201);
    const question = { kind: 'chat', purposeCode: 'juki', messages: [{ role: 'user', content: '質問' }] };
    const asked = other.on('my_number').post('/api/v1/jobs').set({ cookie }).send(question);
    const url = `${other.url}/api/v1/jobs/${(await asked.expect(202)).body.id}/events`;
    const stream = await openStream(url, { ...api.ingressOf('my_number'), cookie });
    await feel(() => act(door, 'patch', 'segment-policies/my_number', { open: false }).expect(200), stream.ended);
    await other.on('my_number').get('/api/v1/models').set({ cookie }).expect(403);
  });

  it('a city that is suspended at one is refused at the other, its members, its systems and its streams', async () => {
    const door = await here();
    const theirs = await onboardCity(api.app, CITY_B);
    const [person, untouched] = [{ cookie: await signIn(api, theirs, theirs.admin) }, await member()];
    const streams = [await readAt(other, person), await readAt(other, untouched.headers)] as const;
    const turn = (to: 'suspend' | 'resume', body: object) =>
      door.on('vendor').post(`/api/ops/v1/cities/${theirs.id}/${to}`).set('cookie', ops).send(body).expect(200);
    const heard = await feel(() => turn('suspend', { reason: '契約の手続き中', running: 'finish' }), streams[0].ended);
    expect(heard).toMatch(/event: refused\ndata: .*TENANCY\.SUSPENDED/);
    const { body } = await other.on('lgwan').get('/api/v1/models').set(person).expect(403);
    expect(body.code).toBe('TENANCY.SUSPENDED');
    await turn('resume', { reason: '手続きの完了' });
    await other.on('lgwan').get('/api/v1/models').set(person).expect(200);
    // Of the neighbour nothing has ended
    await feel(() => act(door, 'delete', `members/${untouched.id}/sessions`).expect(204), streams[1].ended);
  });
});
