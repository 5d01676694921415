import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, createTestApi } from '../../../test/test-api.ts';
import {
  CITY_A,
  CITY_B,
  type TestCity,
  addApiKey,
  addMember,
  onboardCity,
  signIn,
  signInVendor,
} from '../../../test/test-city.ts';

/** In which it is felt everywhere that a city is frozen, also where no signal of it arrived. */
const FELT_WITHIN_MS = 5_000;

type Headers = Record<string, string>;

describe('a city that is frozen because it leaves', () => {
  let api: TestApi;
  let ops: Headers;
  beforeAll(async () => {
    api = await createTestApi();
    ops = { cookie: await signInVendor(api, 'ops') };
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const ask = (who: Headers, verb: 'get' | 'post', path: string) => api.on('lgwan')[verb](`/api/v1/${path}`).set(who);
  const decide = (path: string, body: object = {}) =>
    api.on('vendor').post(`/api/ops/v1/city-exits${path}`).set(ops).send(body);
  const question = { kind: 'chat', model: 'simulated-model', messages: [{ role: 'user', content: '質問' }] };

  async function peopleOf(city: TestCity) {
    const staff = await addMember(api.app, city, { loginId: 'shokuin', role: 'staff' });
    return {
      staff,
      admin: { cookie: await signIn(api, city, city.admin) },
      desk: { cookie: await signIn(api, city, staff) },
      program: { authorization: `Bearer ${await addApiKey(api.app, city)}` },
    };
  }

  /** Opens the streams of jobs that wait. @returns what each of them told to its end, and when that came */
  async function readAll(...readers: Headers[]) {
    const open: Promise<{ text: string; endedAt: number }>[] = [];
    for (const who of readers) {
      const { body } = await ask(who, 'post', 'jobs').send(question).expect(202);
      const stream = await fetch(`${await api.app.getUrl()}/api/v1/jobs/${body.id}/events`, {
        headers: { ...api.ingressOf('lgwan'), ...who },
      });
      expect(stream.status).toBe(200);
      open.push(stream.text().then((text) => ({ text, endedAt: performance.now() })));
    }
    return open;
  }

  it('is refused to everybody within five seconds, in open streams too; its administrator may fetch its data', async () => {
    const city = await onboardCity(api.app, CITY_A);
    const { staff, admin, desk, program } = await peopleOf(city);
    const { id } = (await decide('', { cityId: city.id, reason: '契約の満了' }).expect(201)).body;
    await ask(admin, 'post', 'exit/agree').expect(200);
    const open = await readAll(desk, program, admin);
    await decide(`/${id}/freeze`).expect(200);
    const frozenAt = performance.now();
    for (const { text, endedAt } of await Promise.all(open)) {
      expect(endedAt - frozenAt).toBeLessThan(FELT_WITHIN_MS);
      expect(text).toContain('event: refused');
      expect(text).toContain('TENANCY.FROZEN');
    }

    const again = { cityCode: city.code, loginId: staff.loginId, password: staff.password };
    const refused = [
      await ask(desk, 'get', 'me'),
      await ask(desk, 'post', 'jobs').send(question),
      await ask(program, 'post', 'jobs').send(question),
      await api.on('lgwan').post('/api/v1/sessions').send(again),
    ];
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(refused.map(() => [403, 'TENANCY.FROZEN']));
    await ask(admin, 'post', 'jobs').send(question).expect(403);
    await ask(admin, 'post', 'data-exports').expect(403);
    await ask(admin, 'get', 'data-exports').expect(200);
    await signIn(api, city, city.admin);

    await decide(`/${id}/withdraw`).expect(200);
    await ask(desk, 'get', 'me').expect(200);
    await ask(program, 'post', 'jobs').send(question).expect(202);
  });

  it('is felt in open streams also when the signal is lost', async () => {
    const city = await onboardCity(api.app, CITY_B);
    const { admin, desk, program } = await peopleOf(city);
    const open = await readAll(desk, program, admin);
    // Changed by other hands: no signal tells of it
    await api.eyes.query(`UPDATE tenants SET status = 'frozen' WHERE id = $1`, [city.id]);
    const frozenAt = performance.now();
    for (const { endedAt } of await Promise.all(open)) expect(endedAt - frozenAt).toBeLessThan(FELT_WITHIN_MS);
  });
});
