import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, type TestCity, addApiKey, addMember, onboardCity, signIn } from '../../test/test-city.ts';

const LIMITS = { perMember: 20, perKey: 30 };

describe('what one may ask in a minute', () => {
  let api: TestApi;
  let city: TestCity;
  beforeAll(async () => {
    api = await createTestApi({ requestLimits: LIMITS });
    city = await onboardCity(api.app, CITY_A);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  /** All from behind one address, as a whole city hall is. */
  const statuses = (credential: Record<string, string>, requests: number, path = '/api/v1/models') =>
    Promise.all(Array.from({ length: requests }, async () => (await api.on('lgwan').get(path).set(credential)).status));
  const member = async (loginId: string) => {
    const added = await addMember(api.app, city, { loginId, role: 'staff' });
    return { cookie: await signIn(api, city, added) };
  };
  const count = (all: number[], status: number) => all.filter((one) => one === status).length;

  it('is bounded for each member alone, whoever else asks from the same address', async () => {
    const [one, other] = [await member('one'), await member('other')];
    const asked = await statuses(one, LIMITS.perMember + 5);
    expect([count(asked, 200), count(asked, 429)]).toEqual([LIMITS.perMember, 5]);
    expect(await statuses(other, LIMITS.perMember)).toEqual(Array(LIMITS.perMember).fill(200));
  });

  it('is one account for all of a member’s sessions', async () => {
    const added = await addMember(api.app, city, { loginId: 'two-desks', role: 'staff' });
    const desks = [await signIn(api, city, added), await signIn(api, city, added)];
    const asked = await Promise.all(desks.map((cookie) => statuses({ cookie }, LIMITS.perMember)));
    expect(count(asked.flat(), 200)).toBe(LIMITS.perMember);
  });

  it('says when to come again, in the words of each api', async () => {
    const key = { authorization: `Bearer ${await addApiKey(api.app, city)}` };
    expect(count(await statuses(key, LIMITS.perKey), 200)).toBe(LIMITS.perKey);
    const { body, headers } = await api.on('lgwan').get('/api/v1/models').set(key).expect(429);
    expect(body.code).toBe('IDENTITY.TOO_MANY_REQUESTS');
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    const openAi = await api.on('lgwan').get('/api/openai/v1/models').set(key).expect(429);
    expect(openAi.body.error).toMatchObject({ type: 'rate_limit_error', code: 'IDENTITY.TOO_MANY_REQUESTS' });
    expect(openAi.headers['retry-after']).toBeDefined();
  });
});
