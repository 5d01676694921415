import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jstDayOf } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, onboardCity, signInVendor } from '../../test/test-city.ts';

const HEADER = 'city_code,segment,model,deployment_id,call,accepted_at,input_tokens,output_tokens';
const TODAY = jstDayOf(new Date());
const PRICE = { currency: 'JPY', input: '40', output: '120', cacheRead: '4', cacheWrite: '50', source: '試算' };

describe('usage of models outside the pool', () => {
  let api: TestApi;
  let cookies: Record<'finance' | 'approver', string>;
  beforeAll(async () => {
    api = await createTestApi();
    await onboardCity(api.app, CITY_A);
    await api.eyes.query('UPDATE tenants SET trial_ends_on = $2 WHERE code = $1', [CITY_A, TODAY]);
    cookies = { finance: await signInVendor(api, 'finance'), approver: await signInVendor(api, 'approver') };
    const price = { ...PRICE, model: 'box', isNewModel: true, validFrom: TODAY };
    const { body } = await post('/prices').send(price).expect(201);
    await post(`/prices/${body.id}/approve`, 'approver').expect(200);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const post = (path: string, who: keyof typeof cookies = 'finance') =>
    api.on('vendor').post(`/api/finance/v1${path}`).set('cookie', cookies[who]);
  const send = (lines: readonly string[], who?: keyof typeof cookies) =>
    post('/usage-imports', who)
      .set('content-type', 'text/csv')
      .send([HEADER, ...lines].join('\n'));
  const line = (call: string, tokens = '100') =>
    `${CITY_A},lgwan,box,box-1,${call},${TODAY}T00:00:00+09:00,${tokens},50`;

  it('come in as a file, are rated, and count in the city’s month once', async () => {
    const file = [line('1'), line('2')];
    expect((await send(file).expect(201)).body).toEqual({ rows: 2, recorded: 2, duplicates: 0, unrated: 0 });
    expect((await send(file).expect(201)).body).toEqual({ rows: 2, recorded: 0, duplicates: 2, unrated: 0 });
    const usage = api.on('vendor').get(`/api/finance/v1/usage?month=${TODAY.slice(0, 7)}`);
    const { body } = await usage.set('cookie', cookies.finance).expect(200);
    expect(body.items).toMatchObject([{ code: CITY_A, inputTokens: 200, outputTokens: 100 }]);
  });

  it('are refused by row and column in words, as a whole', async () => {
    const { body } = await send([line('3'), line('4', '1000000000000')]).expect(422);
    expect(body).toMatchObject({
      code: 'METERING.IMPORT_INVALID',
      faults: [{ pointer: '/3/input_tokens', message: '0以上1,000,000,000以下の整数を書いてください。' }],
    });
    expect((await send([line('3')]).expect(201)).body).toMatchObject({ recorded: 1 });
  });

  it('are finance’s to bring in, as a file and nothing else', async () => {
    await send([line('5')], 'approver').expect(403);
    await post('/usage-imports').send({ rows: [] }).expect(415);
  });
});
