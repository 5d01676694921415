import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jstDayOf } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { signInVendor } from '../../test/test-city.ts';

const PRICE = {
  model: 'claude-opus-4.8',
  currency: 'USD',
  input: '5.5',
  output: '27.5',
  cacheRead: '0.55',
  cacheWrite: '6.875',
  source: '提供事業者の料金表（試験）',
  isNewModel: true,
};
const RATE = { jpyPerUsd: '150.25', source: '公示仲値（試験）' };
const dayFromNow = (days: number): string => jstDayOf(new Date(Date.now() + days * 86_400_000));

describe('the price book of the vendor', () => {
  let api: TestApi;
  let cookies: Record<'ops' | 'finance' | 'approver', string>;
  beforeAll(async () => {
    api = await createTestApi();
    cookies = {
      ops: await signInVendor(api, 'ops'),
      finance: await signInVendor(api, 'finance'),
      approver: await signInVendor(api, 'approver'),
    };
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const get = (path: string, who: keyof typeof cookies = 'finance') =>
    api.on('vendor').get(`/api/finance/v1${path}`).set('cookie', cookies[who]);
  const post = (path: string, body: object = {}, who: keyof typeof cookies = 'finance') =>
    api.on('vendor').post(`/api/finance/v1${path}`).set('cookie', cookies[who]).send(body);
  const priceList = async () => (await api.on('lgwan').get('/api/v1/prices').expect(200)).body;

  it('publishes to every city what two people have put in force, in dollars and in yen', async () => {
    const { body: rate } = await post('/fx-rates', { ...RATE, validFrom: '2026-04-01' }).expect(201);
    expect(rate).toMatchObject({ state: 'proposed', jpyPerUsd: '150.25', proposedBy: { name: 'finance' } });
    await post(`/fx-rates/${rate.id}/approve`, {}, 'finance').expect(403);
    await post(`/fx-rates/${rate.id}/approve`, {}, 'approver').expect(200);

    const { body: price } = await post('/prices', { ...PRICE, validFrom: '2026-04-01' }).expect(201);
    expect(await priceList()).toMatchObject({ items: [], fxRate: { jpyPerUsd: '150.25' } });
    const { body: approved } = await post(`/prices/${price.id}/approve`, {}, 'approver').expect(200);
    expect(approved).toMatchObject({ ratedCalls: 0, price: { state: 'current', approvedBy: { name: 'approver' } } });

    expect((await priceList()).items).toEqual([
      {
        model: 'claude-opus-4.8',
        displayName: 'claude-opus-4.8',
        currency: 'USD',
        ...{ input: '5.5', output: '27.5', cacheRead: '0.55', cacheWrite: '6.875' },
        yen: { input: '826.375', output: '4131.875', cacheRead: '82.6375', cacheWrite: '1032.96875' },
        validFrom: '2026-04-01',
        source: PRICE.source,
      },
    ]);
  });

  it('says which models the pool serves without a price', async () => {
    const { body } = await get('/prices', 'approver').expect(200);
    expect(body.models.length).toBeGreaterThan(0);
    expect(body.models.every(({ isPriced }: { isPriced: boolean }) => !isPriced)).toBe(true);
    expect(body.unrated).toEqual([]);
  });

  it('leaves proposing to finance, approving to finance and approvers, and all of it to nobody else', async () => {
    await post('/prices', { ...PRICE, validFrom: dayFromNow(9) }, 'approver').expect(403);
    await get('/prices', 'ops').expect(403);
    await get('/fx-rates', 'ops').expect(403);
    const { body } = await post('/prices', { ...PRICE, validFrom: dayFromNow(9) }).expect(201);
    await post(`/prices/${body.id}/withdraw`, {}, 'approver').expect(403);
    expect((await post(`/prices/${body.id}/withdraw`).expect(200)).body.state).toBe('withdrawn');
  });

  it('proposes once under an Idempotency-Key', async () => {
    const send = (validFrom: string) => post('/fx-rates', { ...RATE, validFrom }).set('idempotency-key', 'december');
    const [first, second] = [await send(dayFromNow(20)), await send(dayFromNow(20))];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect((await send(dayFromNow(21))).body.code).toBe('REQUEST.IDEMPOTENCY_MISMATCH');
  });

  it.each([
    [{ ...PRICE, validFrom: '2026-05-01' }, 409, 'PRICING.BACK_DATED'],
    [{ ...PRICE, validFrom: '2026-04-01' }, 409, 'PRICING.START_TAKEN'],
    [{ ...PRICE, validFrom: dayFromNow(3), input: '-1' }, 422, 'PRICING.AMOUNT_INVALID'],
    [{ ...PRICE, validFrom: dayFromNow(3), input: '1e3' }, 422, 'REQUEST.INVALID'],
    [{ ...PRICE, validFrom: dayFromNow(3), currency: 'EUR' }, 422, 'REQUEST.INVALID'],
    [{ ...PRICE, validFrom: dayFromNow(3), model: 'claud', isNewModel: false }, 422, 'PRICING.MODEL_UNKNOWN'],
  ])('refuses %o', async (body, status, code) => {
    const answer = await post('/prices', body).expect(status);
    expect(answer.body.code).toBe(code);
  });

  it.each(['0', '-150.25', '1000000'])('refuses a rate of %s', async (jpyPerUsd) => {
    const answer = await post('/fx-rates', { ...RATE, jpyPerUsd, validFrom: dayFromNow(3) }).expect(422);
    expect(answer.body).toMatchObject({ code: 'PRICING.AMOUNT_INVALID', faults: [{ pointer: '/jpyPerUsd' }] });
  });
});
