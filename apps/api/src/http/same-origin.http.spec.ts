import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ORIGIN, type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, onboardCity, signIn } from '../../test/test-city.ts';

describe('a write that carries a cookie', () => {
  let api: TestApi;
  let cookie: string;
  beforeAll(async () => {
    api = await createTestApi();
    const city = await onboardCity(api.app, CITY_A);
    cookie = await signIn(api, city, city.admin);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const write = (headers: Record<string, string>) =>
    api
      .on('lgwan')
      .post('/api/v1/departments')
      .set({ cookie, ...headers })
      .send({});

  it.each([
    ['of another site', { origin: 'http://evil.example' }],
    ['of another port', { origin: 'http://127.0.0.1:3001' }],
    ['of another scheme', { origin: ORIGIN.replace('http:', 'https:') }],
    ['without an origin of its own', { origin: 'null' }],
    ['that the browser calls cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['that the browser calls same-site', { 'sec-fetch-site': 'same-site', origin: ORIGIN }],
    ['with an API key beside it', { origin: 'http://evil.example', authorization: 'Bearer x' }],
  ] as [string, Record<string, string>][])('%s is refused', async (_, headers) => {
    const { body } = await write(headers).expect(403);
    expect(body.code).toBe('REQUEST.CROSS_SITE');
  });

  it.each([
    ['of its own origin', { origin: ORIGIN, 'sec-fetch-site': 'same-origin' }],
    ['of no browser', {}],
  ] as [string, Record<string, string>][])('%s is read', async (_, headers) => {
    await write(headers).expect(422);
  });

  it('is refused at the sign-in too, so that no page signs its visitor in as somebody else', async () => {
    const body = { cityCode: CITY_A, loginId: 'admin', password: 'x' };
    await api.on('lgwan').post('/api/v1/sessions').set('origin', 'http://evil.example').send(body).expect(403);
  });
});
