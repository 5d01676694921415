import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../../test/test-api.ts';
import {
  CITY_A,
  CITY_B,
  type TestCity,
  addMember,
  onboardCity,
  signIn,
  signInVendor,
} from '../../../test/test-city.ts';

const TRIAL = 'from=2026-06-01&to=2026-06-28';

describe('forecast and estimate', () => {
  let api: TestApi;
  let city: TestCity;
  let admin: string;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
    admin = await signIn(api, city, city.admin);
    await use('=1+1', 900);
    await use('税務課', 100);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const get = (path: string, cookie = admin) => api.on('lgwan').get(`/api/v1/${path}`).set('cookie', cookie);

  /** So many tokens on each day of the trial, by a department of this name. */
  async function use(name: string, tokens: number): Promise<void> {
    const body = { code: name, name };
    const { body: made } = await api
      .on('lgwan')
      .post('/api/v1/departments')
      .set('cookie', admin)
      .send(body)
      .expect(201);
    await api.eyes.query(
      `INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, segment, department_id, model, deployment_id,
         input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source,
         accepted_at, recorded_at, billing_month)
       SELECT $1, gen_random_uuid(), 'job', gen_random_uuid(), 'lgwan', $2, 'model-a', 'd', $3, 0, 0, 0, 0, 0, 'provider',
         day, day, '2026-06-01'
       FROM generate_series('2026-06-01T01:00:00Z'::timestamptz, '2026-06-28T01:00:00Z', '1 day') day`,
      [city.id, made.id, tokens],
    );
  }

  it('foresee the fiscal year by month, and say why there is no amount', async () => {
    const { body } = await get('forecast').expect(200);
    expect(body.months).toHaveLength(12);
    expect(body).toMatchObject({ noFee: 'no-contract', yearFeeJpy: null });
    const { text, headers } = await get('forecast.csv').expect(200);
    expect(headers['content-disposition']).toContain('moyai-forecast.csv');
    expect(text.trim().split('\r\n')).toHaveLength(14);
  });

  it('estimate next year by department from a trial, and give a table without a formula in it', async () => {
    const { body } = await get(`estimate?${TRIAL}&usersPercent=200`).expect(200);
    expect(body).toMatchObject({ trialTokens: 28_000, trialUsers: 0, fee: null, unpriced: ['model-a'] });
    expect(body.rows.map(({ department }: { department: string }) => department)).toEqual(['=1+1', '税務課']);
    const [first, second] = body.rows;
    expect(first.tokens.p50 / second.tokens.p50).toBeCloseTo(9, 3);
    const { text } = await get(`estimate.csv?${TRIAL}`).expect(200);
    expect(text).toContain("'=1+1");
    await get(`estimate.xlsx?${TRIAL}`)
      .expect(200)
      .expect('content-type', /spreadsheetml/);
  });

  it.each([
    ['a trial that is not over', 'from=2026-06-01&to=2099-01-01', 422],
    ['days that do not follow each other', 'from=2026-06-02&to=2026-06-01', 422],
    ['models that are not the whole', `${TRIAL}&mix=model-a:50,model-b:40`, 422],
    ['dollars for nothing', `${TRIAL}&jpyPerUsd=0`, 422],
    ['more than everybody', `${TRIAL}&usersPercent=-1`, 422],
  ])('refuse %s', async (_, query, status) => {
    await get(`estimate?${query}`).expect(status);
  });

  it('are the same for the vendor’s finance but for who used it, and nobody else’s business', async () => {
    const finance = await signInVendor(api, 'finance');
    const path = `/api/finance/v1/cities/${city.id}/estimate?${TRIAL}`;
    const theirs = await api.on('vendor').get(path).set('cookie', finance).expect(200);
    const { body } = await get(`estimate?${TRIAL}`).expect(200);
    expect(theirs.body).toEqual({ ...body, trialUsers: null });
    expect(body.city).toEqual({ code: CITY_A, name: expect.any(String) });
    const staff = await addMember(api.app, city, { loginId: 'tanto', role: 'staff' });
    const cookie = await signIn(api, city, staff);
    await get(`estimate?${TRIAL}`, cookie).expect(403);
    await get('forecast', cookie).expect(403);
    const other = await onboardCity(api.app, CITY_B);
    const stranger = await signIn(api, other, other.admin);
    expect((await get(`estimate?${TRIAL}`, stranger).expect(200)).body.trialTokens).toBe(0);
    const nowhere = `/api/finance/v1/cities/${newId()}/estimate?${TRIAL}`;
    await api.on('vendor').get(nowhere).set('cookie', finance).expect(404);
  });
});
