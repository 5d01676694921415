import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CloseRunner } from '#libs/billing';
import { createDataSource } from '#libs/database';
import { jstDayOf, jstMonthOf, newId } from '#libs/kernel';
import { type TestApi, ORIGIN, createTestApi } from '../../test/test-api.ts';
import { CITY_A, CITY_B, type TestCity, addMember, onboardCity, signIn, signInVendor } from '../../test/test-city.ts';

const DAY_MS = 86_400_000;
const now = new Date();
const THIS_MONTH = jstMonthOf(now);
const LAST_MONTH = jstMonthOf(new Date(new Date(`${THIS_MONTH}-01T00:00:00+09:00`).getTime() - DAY_MS));
const FISCAL_YEAR = Number(LAST_MONTH.slice(0, 4)) - (Number(LAST_MONTH.slice(5)) < 4 ? 1 : 0);

let api: TestApi;
let finance: string;
let approver: string;
let city: TestCity;
let admin: string;

const vendor = (cookie: string) => {
  const client = api.on('vendor');
  const headers = { cookie, origin: ORIGIN };
  return {
    get: (path: string) => client.get(`/api/finance/v1${path}`).set(headers),
    post: (path: string, body: object = {}) => client.post(`/api/finance/v1${path}`).set(headers).send(body),
  };
};
const own = (cookie: string) => {
  const client = api.on('lgwan');
  const headers = { cookie, origin: ORIGIN };
  return {
    get: (path: string) => client.get(`/api/v1/invoices${path}`).set(headers),
    post: (path: string, body: object = {}) => client.post(`/api/v1/invoices${path}`).set(headers).send(body),
  };
};

/** A contract over the fiscal year with nothing but a base fee. */
async function agree({ id }: TestCity): Promise<void> {
  const source = await createDataSource(api.database.urls.superuser, 1).initialize();
  const people: { id: string }[] = await source.query('SELECT id FROM vendor_users ORDER BY login_id');
  const contract = newId();
  const starts = `${FISCAL_YEAR}-04-01`;
  await source.query(
    `INSERT INTO contracts (tenant_id, id, fiscal_year, title, starts_on, ends_on, billing_name, created_by, created_at)
     VALUES ($1, $2, $3, '生成AIサービス利用', $4, $5, '市長', $6, now())`,
    [id, contract, FISCAL_YEAR, starts, `${FISCAL_YEAR + 1}-03-31`, people[0]!.id],
  );
  await source.query(
    `INSERT INTO contract_terms (tenant_id, contract_id, valid_from, base_fee_jpy, unit, counts_input, counts_output,
       counts_cache, included_units, pricing, unit_price_jpy, proposed_by, proposed_at, approved_by, approved_at)
     VALUES ($1, $2, $3, 55555, 'tokens', true, true, true, 1000, 'unit_price', 100, $4, now(), $5, now())`,
    [id, contract, starts, people[0]!.id, people[1]!.id],
  );
  await source.destroy();
}

beforeAll(async () => {
  api = await createTestApi();
  finance = await signInVendor(api, 'finance');
  approver = await signInVendor(api, 'approver');
  city = await onboardCity(api.app, CITY_A);
  const other = await onboardCity(api.app, CITY_B);
  admin = await signIn(api, city, city.admin);
  await Promise.all([agree(city), agree(other)]);
});
afterAll(() => api[Symbol.asyncDispose]());

describe('the way of a bill', () => {
  it('does not begin before the month is over, and says why', async () => {
    const { body } = await vendor(finance).get(`/periods/${THIS_MONTH}`).expect(200);
    expect(body).toMatchObject({ state: 'open', faults: [{ code: 'month-not-over' }] });
    const refused = await vendor(finance).post(`/periods/${THIS_MONTH}/close`).expect(409);
    expect(refused.body.code).toBe('BILLING.MONTH_NOT_READY');
  });

  it('is not begun by who only approves', async () => {
    await vendor(approver).post(`/periods/${LAST_MONTH}/close`).expect(403);
  });

  it('leads from the close through two people and the city’s acceptance to its payment', async () => {
    const { body: closing } = await vendor(finance).post(`/periods/${LAST_MONTH}/close`).expect(202);
    expect(closing).toMatchObject({ month: LAST_MONTH, state: 'closing', phase: 'counting' });
    await api.app.get(CloseRunner).run(LAST_MONTH);
    const { body: closed } = await vendor(approver).get(`/periods/${LAST_MONTH}`).expect(200);
    expect(closed).toMatchObject({ state: 'closed', invoices: 2, faults: [], states: { draft: 2 } });

    const { body: page } = await vendor(finance).get(`/invoices?month=${LAST_MONTH}&limit=1`).expect(200);
    const { body: rest } = await vendor(finance)
      .get(`/invoices?month=${LAST_MONTH}&cursor=${page.nextCursor}`)
      .expect(200);
    const ids = [...page.items, ...rest.items].map((invoice: { id: string }) => invoice.id);
    expect(new Set(ids).size).toBe(2);
    expect((await own(admin).get('')).body.items).toEqual([]);

    const done = (answer: { body: object }) =>
      expect(answer.body).toEqual({ items: ids.map((id: string) => ({ id, code: null })) });
    done(await vendor(finance).post('/invoices/review', { ids }).expect(200));
    const { body: refused } = await vendor(finance).post('/invoices/approve', { ids }).expect(200);
    expect(refused.items[0].code).toBe('BILLING.SAME_PERSON');
    done(await vendor(approver).post('/invoices/approve', { ids }).expect(200));
    await vendor(approver).post('/invoices/issue', { ids }).expect(403);
    done(await vendor(finance).post('/invoices/issue', { ids }).expect(200));

    const { body: mine } = await own(admin).get('').expect(200);
    expect(mine.items).toMatchObject([{ state: 'issued', subtotalJpy: 55_555, taxJpy: 5_555, totalJpy: 61_110 }]);
    const id = mine.items[0].id as string;
    const { body: read } = await own(admin).get(`/${id}`).expect(200);
    expect(read).toMatchObject({
      issuer: { registrationNumber: 'T9000000000000' },
      contents: { lines: [{ kind: 'base-fee' }] },
    });
    expect(read.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await own(admin).get(`/${id}/calls`).expect(200)).body.items).toEqual([]);
    await own(admin).post(`/${id}/dispute`, { reason: '金額の根拠を示してください' }).expect(200);
    await own(admin).post(`/${id}/accept`).expect(200);
    await own(admin).post(`/${id}/accept`).expect(409);
    await vendor(finance)
      .post(`/invoices/${id}/payment`, { paidOn: jstDayOf(now) })
      .expect(200);
    const { body: detail } = await vendor(approver).get(`/invoices/${id}`).expect(200);
    expect(detail.events.map(({ step }: { step: string }) => step)).toEqual([
      'drafted',
      'reviewed',
      'approved',
      'issued',
      'disputed',
      'accepted',
      'paid',
    ]);
    expect((await vendor(finance).get(`/invoices/${id}/difference`).expect(200)).body).toMatchObject({
      before: null,
      lines: [{ key: 'base-fee', before: 0, now: 55_555 }],
    });
    expect((await vendor(finance).get(`/invoices/${id}/calls`).expect(200)).body).toEqual({
      items: [],
      nextCursor: null,
    });
    const course = `/usage-history?from=${LAST_MONTH}&to=${LAST_MONTH}&groupBy=department`;
    expect((await vendor(approver).get(course).expect(200)).body).toEqual({ items: [] });
  });

  it('takes back by a credit note that two people agree on', async () => {
    const { body: mine } = await own(admin).get('').expect(200);
    const body = { reason: '二重請求', lines: [{ description: '返還', amountJpy: 1_000, departmentId: null }] };
    const { body: note } = await vendor(finance).post(`/invoices/${mine.items[0].id}/credit-notes`, body).expect(201);
    expect(note).toMatchObject({ kind: 'credit-note', state: 'reviewed', totalJpy: -1_100 });
    await vendor(approver).post(`/invoices/${note.id}/return`, { reason: '理由が不明' }).expect(200);
  });

  it('proposes a credit note once under an Idempotency-Key, even when it has gone on meanwhile', async () => {
    const { body: mine } = await own(admin).get('').expect(200);
    const send = (amountJpy: number) =>
      vendor(finance)
        .post(`/invoices/${mine.items[0].id}/credit-notes`, {
          reason: '二重請求',
          lines: [{ description: '返還', amountJpy, departmentId: null }],
        })
        .set('idempotency-key', 'december');
    const [first, second] = await Promise.all([send(2_000), send(2_000)]);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    await vendor(approver)
      .post('/invoices/approve', { ids: [first.body.id] })
      .expect(200);
    await vendor(finance)
      .post('/invoices/issue', { ids: [first.body.id] })
      .expect(200);
    expect((await send(2_000).expect(201)).body).toMatchObject({ id: first.body.id, state: 'issued' });
    expect((await send(2_001).expect(409)).body.code).toBe('REQUEST.IDEMPOTENCY_MISMATCH');
  });

  it('shows nothing of it to staff, nor to another city', async () => {
    const staff = await addMember(api.app, city, { loginId: 'staff', role: 'staff' });
    await own(await signIn(api, city, staff))
      .get('')
      .expect(403);
    const { body: mine } = await own(admin).get('').expect(200);
    const { body: others } = await vendor(finance).get(`/invoices?month=${LAST_MONTH}`).expect(200);
    const foreign = others.items.find((invoice: { cityId: string }) => invoice.cityId !== city.id);
    expect(new Set(mine.items.map((invoice: { cityId: string }) => invoice.cityId))).toEqual(new Set([city.id]));
    await own(admin).get(`/${foreign.id}`).expect(404);
    await own(admin).post(`/${foreign.id}/accept`).expect(404);
  });
});
