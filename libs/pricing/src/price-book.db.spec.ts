import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit';
import { FinanceDatabase, TenantDatabase, createDataSource } from '#libs/database';
import { VENDOR_TENANT_ID, newId, tenantId } from '#libs/kernel';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import type { Vendor } from './dated-book.ts';
import { FxBook } from './fx-book.ts';
import { ExactDecimal } from './model-price.ts';
import { PriceBook, type PriceProposal } from './price-book.ts';
import { Prices } from './prices.ts';
import { PublishedPrices } from './published-prices.ts';

/** Noon of 10 July in Japan. */
const clock = new FrozenClock(new Date('2026-07-10T03:00:00Z'));
const day = (text: string) => new Date(`${text}T00:00:00+09:00`);
const CITY = tenantId(newId());
const [PREPARES, APPROVES] = [newId(), newId()].map((id): Vendor => ({ type: 'vendor', id })) as [Vendor, Vendor];

const audit = new AuditTrail(clock);
const prices = new PriceBook(audit, clock);
const rates = new FxBook(audit, clock);

let testDatabase: TestDatabase;
let everything: DataSource;
let app: DataSource;
let sources: DataSource[];
let finance: FinanceDatabase;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  everything = await createDataSource(testDatabase.urls.superuser, 2).initialize();
  app = await createDataSource(testDatabase.urls.app, 2).initialize();
  const source = await createDataSource(testDatabase.urls.finance, 4).initialize();
  finance = new FinanceDatabase(source);
  sources = [everything, app, source];
  await everything.query(`INSERT INTO tenants VALUES ($1, '200001', '市', 'active', now(), now())`, [CITY]);
  for (const { id } of [PREPARES, APPROVES])
    await everything.query(
      `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
         created_at, updated_at) VALUES ($1::uuid, $1::text, $1::text, '担当', 'finance', '', now(), now(), now())`,
      [id],
    );
});

beforeEach(() =>
  everything.query(
    'DELETE FROM usage_records; DELETE FROM model_prices; DELETE FROM fx_rates; DELETE FROM billing_periods',
  ),
);

afterAll(async () => {
  await Promise.all(sources.map((source) => source.destroy()));
  await testDatabase.drop();
});

const proposal = (validFrom: string, change: Partial<PriceProposal> = {}): PriceProposal => ({
  model: 'm',
  currency: 'JPY',
  input: new ExactDecimal('100.5'),
  output: new ExactDecimal('500'),
  cacheRead: new ExactDecimal('10'),
  cacheWrite: new ExactDecimal('125'),
  validFrom: day(validFrom),
  source: '見積書',
  served: true,
  isNewModel: false,
  ...change,
});
const propose = (...args: Parameters<typeof proposal>) =>
  finance.run((tx) => prices.propose(tx, PREPARES, proposal(...args)));
const approve = (id: string, by = APPROVES) => finance.run((tx) => prices.approve(tx, by, id));
const put = async (...args: Parameters<typeof proposal>) => (await approve((await propose(...args)).id)).row;
const rate = (validFrom: string, jpyPerUsd = '150') =>
  finance.run((tx) =>
    rates.propose(tx, PREPARES, { jpyPerUsd: new ExactDecimal(jpyPerUsd), validFrom: day(validFrom), source: '公示' }),
  );
const putRate = async (validFrom: string) => {
  const { id } = await rate(validFrom);
  return (await finance.run((tx) => rates.approve(tx, APPROVES, id))).row;
};
const withdraw = (id: string) => finance.run((tx) => prices.withdraw(tx, PREPARES, id));
const states = async () =>
  (await finance.run((tx) => prices.list(tx))).map(({ validFrom, state }) => [validFrom, state]);
const refusal = (code: string) => expect.objectContaining({ code });
const use = (model: string, acceptedAt: Date) =>
  everything.query(
    `INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, segment, model, deployment_id, input_tokens,
       output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source, accepted_at,
       recorded_at, billing_month, price_id, fx_rate_id)
     SELECT $1, gen_random_uuid(), 'job', gen_random_uuid(), 'lgwan', $2, 'd', 1, 1, 0, 0, 1, 1, 'provider', $3::timestamptz, $3,
       r.billing_month, r.price_id, r.fx_rate_id FROM usage_rating($2, $3) r`,
    [CITY, model, acceptedAt],
  );
const ratedBy = async (): Promise<unknown[]> =>
  (await everything.query('SELECT price_id FROM usage_records ORDER BY accepted_at')).map(
    (row: { price_id: unknown }) => row.price_id,
  );

describe('the price book', () => {
  it('puts a price in force from its day when a second person approves it, and keeps every row', async () => {
    await put('2026-04-01');
    const next = await propose('2026-08-01');
    expect(next).toMatchObject({ state: 'proposed', approvedBy: null, validTo: null });
    const { row } = await approve(next.id);
    expect(row).toMatchObject({ state: 'future', proposedBy: PREPARES_NAMED, approvedBy: APPROVES_NAMED });
    expect(row.input.toFixed()).toBe('100.5');
    expect(await states()).toEqual([
      [day('2026-08-01'), 'future'],
      [day('2026-04-01'), 'current'],
    ]);
    clock.set(day('2026-08-01'));
    expect(await states()).toMatchObject([
      [{}, 'current'],
      [{}, 'past'],
    ]);
    clock.set(NOON);
  });

  it('needs two people, and a proposal decides once', async () => {
    const { id } = await propose('2026-08-01');
    await expect(approve(id, PREPARES)).rejects.toEqual(refusal('PRICING.SAME_PERSON'));
    await approve(id);
    await expect(approve(id)).rejects.toEqual(refusal('PRICING.ALREADY_DECIDED'));
    await expect(approve(newId())).rejects.toEqual(refusal('REQUEST.NOT_FOUND'));
  });

  it('is never changed backwards, neither by a proposal nor by an approval that comes too late', async () => {
    await put('2026-04-01');
    await expect(propose('2026-07-10')).rejects.toEqual(refusal('PRICING.BACK_DATED'));
    const { id } = await propose('2026-07-11');
    clock.set(day('2026-07-11'));
    await expect(approve(id)).rejects.toEqual(refusal('PRICING.BACK_DATED'));
    clock.set(NOON);
    expect((await approve(id)).row.state).toBe('future');
  });

  it('knows no two prices with one start, unless one was withdrawn', async () => {
    const { id } = await propose('2026-08-01');
    await expect(propose('2026-08-01')).rejects.toEqual(refusal('PRICING.START_TAKEN'));
    await withdraw(id);
    await expect(approve(id)).rejects.toEqual(refusal('PRICING.ALREADY_DECIDED'));
    const { id: mended } = await put('2026-08-01');
    expect((await withdraw(mended)).state).toBe('withdrawn');
    const { id: applied } = await put('2026-04-01');
    await expect(withdraw(applied)).rejects.toEqual(refusal('PRICING.ALREADY_DECIDED'));
  });

  it.each([{ input: '-1' }, { output: 'NaN' }, { cacheRead: '0.0000001' }, { cacheWrite: '100000000' }])(
    'refuses a price of %o',
    async (wrong) => {
      const change = Object.fromEntries(Object.entries(wrong).map(([kind, text]) => [kind, new ExactDecimal(text)]));
      await expect(propose('2026-08-01', change)).rejects.toMatchObject({
        code: 'PRICING.AMOUNT_INVALID',
        faults: [{ pointer: `/${Object.keys(wrong)[0]}` }],
      });
    },
  );

  it.each(['0', '-150', 'Infinity', '1000000'])('refuses an exchange rate of %s', async (wrong) => {
    await expect(rate('2026-08-01', wrong)).rejects.toEqual(refusal('PRICING.AMOUNT_INVALID'));
  });

  it('takes a model that the pool does not serve only when told that it is new', async () => {
    const unknown = { model: 'box', served: false };
    await expect(propose('2026-08-01', unknown)).rejects.toEqual(refusal('PRICING.MODEL_UNKNOWN'));
    await propose('2026-08-01', { ...unknown, isNewModel: true });
    await propose('2026-09-01', unknown);
  });

  it('lets no price in dollars stand without a rate', async () => {
    const { id } = await propose('2026-08-01', { currency: 'USD' });
    await expect(approve(id)).rejects.toEqual(refusal('PRICING.GAP'));
    const { id: rateId } = await putRate('2026-08-01');
    await approve(id);
    await expect(finance.run((tx) => rates.withdraw(tx, PREPARES, rateId))).rejects.toEqual(refusal('PRICING.GAP'));
  });

  it('takes the same proposal once under the same key, and another under it not at all', async () => {
    const underKey = (validFrom: string) =>
      finance.run((tx) => prices.propose(tx, PREPARES, proposal(validFrom), 'key-1'));
    const first = await underKey('2026-08-01');
    expect(await underKey('2026-08-01')).toEqual(first);
    await expect(underKey('2026-09-01')).rejects.toEqual(refusal('REQUEST.IDEMPOTENCY_MISMATCH'));
  });

  it('rates what had to wait for its price, in the same act, and says so to the city', async () => {
    await use('m', day('2026-04-30'));
    await use('m', day('2026-05-02'));
    await use('other', day('2026-05-03'));
    const { id } = await propose('2026-05-01');
    expect((await approve(id)).ratedCalls).toBe(1);
    expect(await ratedBy()).toEqual([null, id, null]);
    const entries = await everything.query(
      `SELECT tenant_id AS chain, details::jsonb->>'ratedCalls' AS calls FROM audit_entries
       WHERE action = 'price.approved' AND subject_id = $1 ORDER BY tenant_id`,
      [id],
    );
    expect(entries).toEqual([
      { chain: VENDOR_TENANT_ID, calls: '1' },
      { chain: CITY, calls: '1' },
    ]);
    // Before it nothing applied either
    const { id: earlier } = await propose('2026-04-01');
    expect((await approve(earlier)).ratedCalls).toBe(1);
    expect(await ratedBy()).toEqual([earlier, id, null]);
  });

  it('rates dollars that waited for their rate, and leaves the usage of a frozen month alone', async () => {
    await putRate('2026-06-01');
    await put('2026-06-01', { currency: 'USD' });
    await everything.query('DELETE FROM fx_rates');
    await use('m', day('2026-06-02'));
    await use('m', day('2026-07-02'));
    await everything.query(`INSERT INTO billing_periods (month, state, closing_at, phase)
      VALUES ('2026-06-01', 'closing', now(), 'counting')`);
    const { id } = await rate('2026-06-01');
    expect((await finance.run((tx) => rates.approve(tx, APPROVES, id))).ratedCalls).toBe(1);
  });

  it('misses no call that is being recorded while a price for it is approved', async () => {
    const { id } = await propose('2026-07-01');
    const calls = Array.from({ length: 40 }, (_, index) => use('m', new Date(day('2026-07-02').getTime() + index)));
    await Promise.all([...calls, approve(id)]);
    expect(new Set(await ratedBy())).toEqual(new Set([id]));
  });

  it('gives billing exact figures by id, and refuses an id that is in no book', async () => {
    const { id } = await put('2026-04-01');
    const table = await finance.run((tx) => new Prices().load(tx));
    expect(table.price(id).input.eq('100.5')).toBe(true);
    expect(table.fxRate(null)).toBeNull();
    expect(() => table.price(newId())).toThrow();
    expect(() => table.fxRate(newId())).toThrow();
  });
});

describe('the published price list', () => {
  const asSeenByACity = (at?: Date) =>
    new TenantDatabase(app).run({ tenantId: CITY, segment: 'lgwan' }, (tx) => new PublishedPrices(clock).asOf(tx, at));

  it('says what applies and what is to come, and nothing of what nobody approved', async () => {
    await put('2026-04-01');
    await put('2026-08-01', { input: new ExactDecimal(90) });
    await propose('2026-09-01');
    await putRate('2026-04-01');
    const list = await asSeenByACity();
    expect(list.current.map(({ input }) => input.toFixed())).toEqual(['100.5']);
    expect(list.future.map(({ input }) => input.toFixed())).toEqual(['90']);
    expect(list.fxRate?.jpyPerUsd.toFixed()).toBe('150');
    expect(await asSeenByACity(day('2026-03-31'))).toMatchObject({ current: [], fxRate: null });
  });
});

const NOON = clock.now();
const PREPARES_NAMED = { id: PREPARES.id, name: '担当' };
const APPROVES_NAMED = { id: APPROVES.id, name: '担当' };
