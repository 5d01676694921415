import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fiscalYearOf, jstDayOf, newId } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, CITY_B, type TestCity, onboardCity, signIn, signInVendor } from '../../test/test-city.ts';

const CONTRACTS = '/api/finance/v1/contracts';
const CITY_C = '990035';
const DAY_MS = 86_400_000;
const inDays = (days: number): string => jstDayOf(new Date(Date.now() + days * DAY_MS));
/** This fiscal year, or the next one when this one ends within days: its last day is still to come. */
const YEAR = fiscalYearOf(new Date(Date.now() + 9 * DAY_MS));
const [FIRST_DAY, LAST_DAY] = [`${YEAR}-04-01`, `${YEAR + 1}-03-31`];
const HAS_BEGUN = FIRST_DAY <= inDays(0);

const TERMS = {
  baseFeeJpy: 300_000,
  unit: 'tokens',
  countsInput: true,
  countsOutput: true,
  countsCache: false,
  includedUnits: 10_000_000,
  beyond: { pricing: 'unit_price', unitPriceJpy: '1200' },
};

let api: TestApi;
let city: TestCity;
let other: TestCity;
let cookies: Record<'finance' | 'approver' | 'ops' | 'admin', string>;

beforeAll(async () => {
  api = await createTestApi();
  city = await onboardCity(api.app, CITY_A);
  other = await onboardCity(api.app, CITY_B);
  cookies = {
    finance: await signInVendor(api, 'finance'),
    approver: await signInVendor(api, 'approver'),
    ops: await signInVendor(api, 'ops'),
    admin: await signIn(api, city, city.admin),
  };
});
afterAll(() => api[Symbol.asyncDispose]());

type Who = keyof typeof cookies;
const post = (who: Who, path: string, body: object = {}) =>
  api.on('vendor').post(path).set('cookie', cookies[who]).send(body);
const get = (who: Who, path: string) => api.on('vendor').get(path).set('cookie', cookies[who]);
const asAdmin = () => api.on('lgwan');

const proposal = (change: object = {}) => ({
  cityId: city.id,
  fiscalYear: YEAR,
  title: '生成AIサービス利用契約',
  startsOn: FIRST_DAY,
  endsOn: LAST_DAY,
  billingName: '試験市長',
  billingPostalCode: '630-8580',
  billingAddress: null,
  councilId: null,
  terms: TERMS,
  ...change,
});
const create = async (change: object = {}) => (await post('finance', CONTRACTS, proposal(change)).expect(201)).body;
const codeOf = async (request: ReturnType<typeof post>, status: number) => (await request.expect(status)).body.code;

describe('a contract', () => {
  let id: string;

  it('is prepared by finance and put in force by another person', async () => {
    const made = await create();
    id = made.id;
    expect(made).toMatchObject({
      state: 'proposed',
      awaitsApproval: true,
      deletionDays: 90,
      terms: [{ terms: TERMS }],
    });
    const first = `${CONTRACTS}/${id}/terms/${FIRST_DAY}`;
    expect(await codeOf(post('finance', `${first}/approve`), 403)).toBe('CONTRACTS.SAME_PERSON');
    await post('ops', `${first}/approve`).expect(403);
    const { body } = await post('approver', `${first}/approve`).expect(200);
    expect(body).toMatchObject({ state: HAS_BEGUN ? 'current' : 'future', awaitsApproval: false });
    expect(body.terms[0]).toMatchObject({ proposedBy: { name: 'finance' }, approvedBy: { name: 'approver' } });
    expect(await codeOf(post('approver', `${first}/approve`), 409)).toBe('CONTRACTS.ALREADY_DECIDED');
    expect(await codeOf(post('finance', `${first}/withdraw`), 409)).toBe('CONTRACTS.ALREADY_DECIDED');
  });

  it('lies within one fiscal year and is the only one of its city in each of its months', async () => {
    const dates = async (startsOn: string, endsOn: string) =>
      codeOf(post('finance', CONTRACTS, proposal({ cityId: other.id, startsOn, endsOn })), 422);
    expect(await dates(`${YEAR}-03-31`, LAST_DAY)).toBe('CONTRACTS.DATES_INVALID');
    expect(await dates(FIRST_DAY, `${YEAR + 1}-04-01`)).toBe('CONTRACTS.DATES_INVALID');
    expect(await dates(LAST_DAY, FIRST_DAY)).toBe('CONTRACTS.DATES_INVALID');
    expect(await codeOf(post('finance', CONTRACTS, proposal()), 409)).toBe('CONTRACTS.OVERLAP');
    expect(await codeOf(post('finance', CONTRACTS, proposal({ cityId: newId() })), 422)).toBe('REQUEST.INVALID');
  });

  it('is made once under one key', async () => {
    const again = (title: string) =>
      post('finance', CONTRACTS, proposal({ cityId: other.id, title })).set('idempotency-key', 'once');
    const first = await again('件名').expect(201);
    expect((await again('件名').expect(201)).body.id).toBe(first.body.id);
    expect(await codeOf(again('別の件名'), 409)).toBe('REQUEST.IDEMPOTENCY_MISMATCH');
    await post('finance', `${CONTRACTS}/${first.body.id}/terms/${FIRST_DAY}/withdraw`).expect(204);
    await get('finance', `${CONTRACTS}/${first.body.id}`).expect(404);
  });

  it('changes its terms from a later day on, never from one that has come', async () => {
    const propose = (validFrom: string, terms: object = { ...TERMS, baseFeeJpy: 0 }) =>
      post('finance', `${CONTRACTS}/${id}/terms`, { validFrom, terms });
    expect(await codeOf(propose(inDays(0)), 409)).toBe('CONTRACTS.NOT_IN_FUTURE');
    expect(await codeOf(propose(`${YEAR + 1}-04-01`), 422)).toBe('CONTRACTS.DATES_INVALID');
    const { body } = await propose(LAST_DAY).expect(201);
    expect(body.terms).toMatchObject([{ validFrom: FIRST_DAY }, { validFrom: LAST_DAY, approvedBy: null }]);
    expect(await codeOf(propose(LAST_DAY), 409)).toBe('CONTRACTS.START_TAKEN');
    await post('finance', `${CONTRACTS}/${id}/terms/${LAST_DAY}/withdraw`).expect(204);
  });

  it('says of terms agreed with one city which figure is wrong, and of their first day whether it may be', async () => {
    const pointers = async (change: object) => {
      const body = { validFrom: LAST_DAY, terms: { ...TERMS, ...change } };
      const { faults } = (await post('finance', `${CONTRACTS}/${id}/terms`, body).expect(422)).body;
      return faults.map(({ pointer }: { pointer: string }) => pointer);
    };
    expect(await pointers({ baseFeeJpy: -1 })).toEqual(['/terms/baseFeeJpy']);
    expect(await pointers({ includedUnits: 2e15 })).toEqual(['/terms/includedUnits']);
    expect(await pointers({ unit: 'characters', countsCache: true })).toEqual(['/terms/countsCache']);
    expect(await pointers({ countsInput: false, countsOutput: false })).toEqual(['/terms/countsInput']);
    expect(await pointers({ countsInput: 'yes', unit: 7 })).toEqual(['/terms/unit', '/terms/countsInput']);
    const beyond = (terms: object) => pointers({ beyond: terms });
    expect(await beyond({ pricing: 'unit_price', unitPriceJpy: 1200 })).toEqual(['/terms/beyond/unitPriceJpy']);
    for (const unitPriceJpy of ['-1', '1e3', '1.00001', '１２００', ''])
      expect(await beyond({ pricing: 'unit_price', unitPriceJpy })).toEqual(['/terms/beyond/unitPriceJpy']);
    expect(await beyond({ pricing: 'cost_plus', markup: '1e3', fixedJpyPerUsd: null })).toEqual([
      '/terms/beyond/markup',
    ]);
    expect(await beyond({ pricing: 'cost_plus', markup: '0.1', fixedJpyPerUsd: '0' })).toEqual([
      '/terms/beyond/fixedJpyPerUsd',
    ]);
  });

  it('stands in the list, is found by its city, and the cities without one are named', async () => {
    const list = async (query: string) => (await get('approver', `${CONTRACTS}?${query}`).expect(200)).body.items;
    expect(await list(`fiscalYear=${YEAR}`)).toMatchObject([{ id, city: { code: CITY_A } }]);
    expect(await list(`city=${encodeURIComponent(`市${CITY_A}`)}`)).toHaveLength(1);
    expect(await list(`fiscalYear=${YEAR + 1}`)).toEqual([]);
    const { body } = await get('finance', `${CONTRACTS}/missing-cities?month=${FIRST_DAY.slice(0, 7)}`).expect(200);
    expect(body.items).toMatchObject([{ code: CITY_B }]);
    await get('ops', CONTRACTS).expect(403);
  });

  it('says where its invoices go, and which department of its own city bears the base fee', async () => {
    const department = await asAdmin()
      .post('/api/v1/departments')
      .set('cookie', cookies.admin)
      .send({ code: '01', name: '情報政策課' })
      .expect(201);
    const change = (body: object) =>
      api.on('vendor').patch(`${CONTRACTS}/${id}`).set('cookie', cookies.finance).send(body);
    const { body } = await change({ billingName: '会計管理者', baseFeeDepartmentId: department.body.id }).expect(200);
    expect(body).toMatchObject({ billingName: '会計管理者', baseFeeDepartmentId: department.body.id });
    expect(await codeOf(change({ baseFeeDepartmentId: newId() }), 422)).toBe('TENANCY.DEPARTMENT_UNKNOWN');
    const choices = await get('finance', `${CONTRACTS}/${id}/departments`).expect(200);
    expect(choices.body.items).toMatchObject([{ name: '情報政策課' }]);
  });

  it('is seen by its own city alone, as it was approved, and stands in its trail', async () => {
    await post('finance', `${CONTRACTS}/${id}/terms`, { validFrom: LAST_DAY, terms: TERMS }).expect(201);
    const own = await asAdmin().get('/api/v1/contract').set('cookie', cookies.admin).expect(200);
    expect(own.body.contract).toMatchObject({ id, terms: [{ validFrom: FIRST_DAY, terms: TERMS }] });
    expect(JSON.stringify(own.body)).not.toContain('finance');
    const neighbour = await signIn(api, other, other.admin);
    await asAdmin().get('/api/v1/contract').set('cookie', neighbour).expect(200, { contract: null });
    const trail = await asAdmin().get('/api/v1/audit-entries').set('cookie', cookies.admin).expect(200);
    const actions = trail.body.items.map(({ action }: { action: string }) => action);
    expect(actions).toEqual(expect.arrayContaining(['contract.created', 'contract.terms-approved']));
    const details = expect.objectContaining({ billing_name_before: '試験市長', billing_name_after: '会計管理者' });
    expect(trail.body.items).toContainEqual(expect.objectContaining({ action: 'contract.changed', details }));
  });

  it('ends early when one person says why and another approves', async () => {
    const ending = `${CONTRACTS}/${id}/ending`;
    const endsOn = HAS_BEGUN ? inDays(1) : FIRST_DAY;
    const reason = '合併による';
    expect(await codeOf(post('finance', ending, { endsOn: inDays(-1), reason }), 409)).toBe('CONTRACTS.NOT_IN_FUTURE');
    expect(await codeOf(post('finance', ending, { endsOn: LAST_DAY, reason }), 422)).toBe('CONTRACTS.DATES_INVALID');
    await post('finance', ending, { endsOn, reason }).expect(201);
    expect(await codeOf(post('finance', ending, { endsOn, reason }), 409)).toBe('CONTRACTS.ENDING_PROPOSED');
    expect(await codeOf(post('finance', `${ending}/approve`), 403)).toBe('CONTRACTS.SAME_PERSON');
    const { body } = await post('approver', `${ending}/approve`).expect(200);
    expect(body).toMatchObject({ endsOn, ending: { reason }, terms: [{ validFrom: FIRST_DAY }] });
  });
});

describe('a plan', () => {
  it('is never edited: another takes its code over, and contracts under the first one stay as they are', async () => {
    const offer = (change: object) =>
      post('finance', '/api/finance/v1/plans', { code: 'standard', name: '標準', terms: TERMS, ...change });
    const { body: plan } = await offer({}).expect(201);
    expect(await codeOf(offer({}), 409)).toBe('CONTRACTS.PLAN_CODE_TAKEN');
    const made = await create({ cityId: other.id, terms: { planId: plan.id } });
    await offer({ succeeds: true, terms: { ...TERMS, baseFeeJpy: 1 } }).expect(201);
    const { body } = await get('approver', `${CONTRACTS}/${made.id}`).expect(200);
    expect(body.terms).toMatchObject([{ plan: { code: 'standard' }, terms: TERMS }]);
    expect(
      await codeOf(
        post('finance', `${CONTRACTS}/${made.id}/terms`, { validFrom: LAST_DAY, terms: { planId: plan.id } }),
        422,
      ),
    ).toBe('CONTRACTS.PLAN_UNKNOWN');
    await post('finance', `${CONTRACTS}/${made.id}/terms/${FIRST_DAY}/withdraw`).expect(204);
  });
});

describe('a council', () => {
  it('must be approved, with its member, before a contract under it', async () => {
    const name = '大和川流域協議会';
    const council = {
      fiscalYear: YEAR,
      name,
      monthlyBaseFeeJpy: 100_000,
      split: 'weights',
      members: [{ cityId: other.id, weight: '2.5' }],
    };
    const { body } = await post('finance', '/api/finance/v1/councils', council).expect(201);
    expect(body.members).toMatchObject([{ city: { code: CITY_B }, weight: '2.5', isApproved: false }]);
    expect(await codeOf(post('finance', '/api/finance/v1/councils', council), 409)).toBe(
      'CONTRACTS.COUNCIL_NAME_TAKEN',
    );

    const made = await create({ cityId: other.id, councilId: body.id });
    const first = `${CONTRACTS}/${made.id}/terms/${FIRST_DAY}/approve`;
    expect(await codeOf(post('approver', first), 409)).toBe('CONTRACTS.COUNCIL_NOT_APPROVED');
    expect(await codeOf(post('finance', `/api/finance/v1/councils/${body.id}/withdraw`), 409)).toBe(
      'CONTRACTS.COUNCIL_IN_USE',
    );
    const approve = `/api/finance/v1/councils/${body.id}/approve`;
    expect(await codeOf(post('finance', approve), 403)).toBe('CONTRACTS.SAME_PERSON');
    await post('approver', approve).expect(200);
    expect(await codeOf(post('approver', approve), 409)).toBe('CONTRACTS.ALREADY_DECIDED');
    await post('approver', first).expect(200);

    const members = `/api/finance/v1/councils/${body.id}/members`;
    expect(await codeOf(post('finance', members, { cityId: other.id }), 409)).toBe('CONTRACTS.MEMBER_TAKEN');
    const joined = await post('finance', members, { cityId: city.id, weight: '1' }).expect(201);
    expect(joined.body.members).toHaveLength(2);
    await post('finance', `/api/finance/v1/councils/${body.id}/withdraw`).expect(204);
    expect(await codeOf(post('finance', `/api/finance/v1/councils/${body.id}/withdraw`), 409)).toBe(
      'CONTRACTS.ALREADY_DECIDED',
    );
    const wrong = await post('finance', '/api/finance/v1/councils', { ...council, name: '書き間違い' }).expect(201);
    await post('finance', `/api/finance/v1/councils/${wrong.body.id}/withdraw`).expect(204);
    const listed = await get('approver', `/api/finance/v1/councils?fiscalYear=${YEAR}`).expect(200);
    expect(listed.body.items).toMatchObject([
      { name, approvedBy: { name: 'approver' }, members: [{ isApproved: true }] },
    ]);
  });
});

describe('a closed month', () => {
  it('lets no contract begin in it, and none be approved over it', async () => {
    const third = await onboardCity(api.app, CITY_C);
    const made = await create({ cityId: third.id });
    const superuser = new Client({ connectionString: api.database.urls.superuser });
    await superuser.connect();
    try {
      await superuser.query(
        `INSERT INTO billing_periods (month, state, closing_at, closed_at) VALUES ($1, 'closed', now(), now())`,
        [FIRST_DAY],
      );
    } finally {
      await superuser.end();
    }
    const approve = `${CONTRACTS}/${made.id}/terms/${FIRST_DAY}/approve`;
    expect(await codeOf(post('approver', approve), 409)).toBe('CONTRACTS.MONTH_CLOSED');
    await post('finance', `${CONTRACTS}/${made.id}/terms/${FIRST_DAY}/withdraw`).expect(204);
    expect(await codeOf(post('finance', CONTRACTS, proposal({ cityId: third.id })), 409)).toBe(
      'CONTRACTS.MONTH_CLOSED',
    );
  });
});

describe('予算科目', () => {
  it('are set a department by the city itself', async () => {
    const departments = await asAdmin().get('/api/v1/departments').set('cookie', cookies.admin).expect(200);
    const path = `/api/v1/budget-items/${departments.body.items[0].id}`;
    const put = (at: string, body: object) => asAdmin().put(at).set('cookie', cookies.admin).send(body);
    const item = { code: '02-01-05-13', name: '使用料及び賃借料' };
    await put(path, { ...item, name: '委託料' }).expect(200);
    await put(path, item).expect(200);
    const list = async () =>
      (await asAdmin().get('/api/v1/budget-items').set('cookie', cookies.admin).expect(200)).body.items;
    expect(await list()).toMatchObject([item]);
    await put(`/api/v1/budget-items/${newId()}`, item).expect(404);
    await put(path, { ...item, code: ' ' }).expect(422);
    await asAdmin().delete(path).set('cookie', cookies.admin).expect(204);
    expect(await list()).toEqual([]);
    await asAdmin().delete(path).set('cookie', cookies.admin).expect(404);
  });
});
