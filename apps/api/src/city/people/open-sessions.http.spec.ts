import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type TestApi, createTestApi } from '../../../test/test-api.ts';
import { CITY_A, type TestCity, addApiKey, addMember, onboardCity, signIn } from '../../../test/test-city.ts';
import { ReaderLifetimes } from '../../http/reader-lifetimes.ts';

/** In which a change is felt everywhere, also where no signal of it arrived. */
const FELT_WITHIN_MS = 5_000;

describe('an open session', () => {
  let api: TestApi;
  let city: TestCity;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  type Headers = Record<string, string>;
  const ask = (cookie: string, verb: 'get' | 'delete', path: string) =>
    api.on('lgwan')[verb](`/api/v1/${path}`).set({ cookie });

  it('is listed, and ended one by one or all but the present', async () => {
    const member = await addMember(api.app, city, { loginId: 'many', role: 'staff' });
    const cookies = [];
    for (let at = 0; at < 4; at += 1) cookies.push(await signIn(api, city, member));
    const here = cookies.pop()!;
    const list = async () => (await ask(here, 'get', 'me/sessions').expect(200)).body.items as { id: string }[];
    const before = await list();
    expect(before).toMatchObject([
      { isCurrent: true },
      { isCurrent: false },
      { isCurrent: false },
      { isCurrent: false },
    ]);
    await ask(here, 'delete', `me/sessions/${before[1]!.id}`).expect(204);
    await ask(cookies[2]!, 'get', 'me').expect(401);
    await ask(cookies[1]!, 'get', 'me').expect(200);
    await ask(here, 'delete', 'me/sessions').expect(204);
    for (const other of cookies) await ask(other, 'get', 'me').expect(401);
    expect(await list()).toMatchObject([{ isCurrent: true }]);
  });

  it('of a colleague is not there', async () => {
    const [one, other] = [
      await addMember(api.app, city, { loginId: 'one', role: 'staff' }),
      await addMember(api.app, city, { loginId: 'other', role: 'staff' }),
    ];
    const [mine, theirs] = [await signIn(api, city, one), await signIn(api, city, other)];
    const [{ id }] = (await ask(theirs, 'get', 'me/sessions').expect(200)).body.items;
    await ask(mine, 'delete', `me/sessions/${id}`).expect(404);
    await ask(theirs, 'get', 'me').expect(200);
  });

  it('is seen and ended by an administrator, on whatever network it is', async () => {
    const member = await addMember(api.app, city, { loginId: 'mn', role: 'staff', segment: 'my_number' });
    const cookie = await signIn(api, city, member, 'my_number');
    const admin = await signIn(api, city, city.admin);
    const seen = async () => (await ask(admin, 'get', `members/${member.id}/sessions`).expect(200)).body.items;
    expect(await seen()).toMatchObject([{ isCurrent: false }]);
    await ask(admin, 'delete', `members/${member.id}/sessions`).expect(204);
    await api.on('my_number').get('/api/v1/me').set({ cookie }).expect(401);
    expect(await seen()).toEqual([]);
  });

  /** Opens the stream of a job that waits. @returns how long after it began its end came */
  async function readThrough(headers: Headers, change: () => Promise<unknown>): Promise<number> {
    const question = { kind: 'chat', model: 'simulated-model', messages: [{ role: 'user', content: '質問' }] };
    const { body } = await api.on('lgwan').post('/api/v1/jobs').set(headers).send(question).expect(202);
    const reading = api
      .on('lgwan')
      .get(`/api/v1/jobs/${body.id}/events`)
      .set(headers)
      .buffer(true)
      .then(() => performance.now());
    await vi.waitFor(() => expect(api.app.get(ReaderLifetimes).count).toBe(1));
    await change();
    const changedAt = performance.now();
    return (await reading) - changedAt;
  }

  // Changed by other hands: no signal tells of it
  it.each([
    ['was revoked', 'UPDATE sessions SET revoked_at = now() WHERE member_id = $1'],
    ['belongs to somebody who was disabled', `UPDATE members SET status = 'disabled' WHERE id = $1`],
    ['belongs to somebody of another role', `UPDATE members SET role = 'manager' WHERE id = $1`],
  ])('that %s is felt in open streams, also when the signal is lost', async (what, sql) => {
    const member = await addMember(api.app, city, { loginId: `lost-${what.length}`, role: 'staff' });
    const cookie = await signIn(api, city, member);
    expect(await readThrough({ cookie }, () => api.eyes.query(sql, [member.id]))).toBeLessThan(FELT_WITHIN_MS);
  });

  it('is no safer than a key: a revoked one reads no further either', async () => {
    const headers = { authorization: `Bearer ${await addApiKey(api.app, city)}` };
    const revoke = () => api.eyes.query('UPDATE api_keys SET revoked_at = now()');
    expect(await readThrough(headers, revoke)).toBeLessThan(FELT_WITHIN_MS);
  });
});
