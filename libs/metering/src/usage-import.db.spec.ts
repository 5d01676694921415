import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit';
import { BulkDatabase, FinanceDatabase, TenantDatabase, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { Allotments } from './allotments.ts';
import { BudgetBook } from './budget-book.ts';
import { BudgetKeeper } from './budget-keeper.ts';
import { UnratedUsage } from './unrated-usage.ts';
import { UsageImport } from './usage-import.ts';

/** Noon of 10 July in Japan. */
const clock = new FrozenClock(new Date('2026-07-10T03:00:00Z'));
const HEADER = 'city_code,department_code,segment,model,deployment_id,call,accepted_at,input_tokens,output_tokens';
const ACTOR = { type: 'vendor', id: newId() } as const;
const CITIES = [
  { id: tenantId(newId()), code: '200001', department: newId() },
  { id: tenantId(newId()), code: '200002', department: newId() },
] as const;
const PRICE = newId();

let testDatabase: TestDatabase;
let everything: DataSource;
let bulk: DataSource;
let finance: DataSource;
let app: DataSource;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  everything = await createDataSource(testDatabase.urls.superuser, 2).initialize();
  bulk = await createDataSource(testDatabase.urls.finance, 2, { bulk: true }).initialize();
  finance = await createDataSource(testDatabase.urls.finance, 2).initialize();
  app = await createDataSource(testDatabase.urls.app, 1).initialize();
  for (const { id, code, department } of CITIES) {
    await everything.query(`INSERT INTO tenants VALUES ($1, $2, '市', 'active', now(), now())`, [id, code]);
    await everything.query(
      `INSERT INTO departments (tenant_id, id, code, name, created_at, updated_at) VALUES ($1, $2, '0101', '課', now(), now())`,
      [id, department],
    );
  }
  await everything.query(`UPDATE tenants SET trial_ends_on = '2026-07-31'`);
  const people = [newId(), newId()];
  await everything.query(
    `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at, created_at,
       updated_at) SELECT id, id::text, id::text, '担当', 'finance', '', now(), now(), now() FROM unnest($1::uuid[]) AS id`,
    [people],
  );
  await everything.query(
    `INSERT INTO model_prices VALUES ($1, 'box', '2026-06-30T15:00:00Z', 'JPY', 40, 120, 4, 50, '試算', $2, now(), $3, now())`,
    [PRICE, ...people],
  );
});

beforeEach(() =>
  everything.query(
    'DELETE FROM usage_records; DELETE FROM budget_notices; DELETE FROM budget_allotments; DELETE FROM budgets',
  ),
);

afterAll(async () => {
  await Promise.all([everything, bulk, finance, app].map((source) => source.destroy()));
  await testDatabase.drop();
});

const row = (call: string, change: Partial<Record<'city' | 'department' | 'model' | 'at' | 'input', string>> = {}) =>
  [
    change.city ?? '200001',
    change.department ?? '',
    'lgwan',
    change.model ?? 'box',
    'box-1',
    call,
    change.at ?? '2026-07-05T09:00:00+09:00',
    change.input ?? '100',
    '50',
  ].join(',');
const fileOf = (...rows: string[]) => [HEADER, ...rows, ''].join('\n');

async function* inPieces(text: string | Buffer, size = 97): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text as string);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const take = (text: string | Buffer) =>
  new BulkDatabase(bulk).run((tx) => new UsageImport(new AuditTrail(clock), clock).take(tx, ACTOR, inPieces(text)));
const faultsIn = async (text: string | Buffer): Promise<string[]> => {
  const error: unknown = await take(text).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'METERING.IMPORT_INVALID' });
  expect(await everything.query('SELECT FROM usage_records')).toHaveLength(0);
  return (error as { faults: { pointer: string }[] }).faults.map(({ pointer }) => pointer);
};
const usedTokens = (): Promise<unknown[]> =>
  everything.query(
    `SELECT t.code, b.month::text, b.used_tokens::integer AS used FROM budgets b JOIN tenants t ON t.id = b.tenant_id
     ORDER BY 1, 2`,
  );

describe('an import of usage', () => {
  it('records, rates and counts against the budget of each city and month, wherever the bytes are cut', async () => {
    const june = '2026-06-30T23:59:59+09:00';
    const receipt = await take(
      fileOf(
        row('1', { department: '0101' }),
        row('2'),
        row('3', { city: '200002' }),
        row('4', { at: june }),
        row('5', { at: '2026-07-01 00:00:00' }),
      ),
    );
    expect(receipt).toEqual({ rows: 5, recorded: 5, duplicates: 0, unrated: 1 });
    expect(await usedTokens()).toEqual([
      { code: '200001', month: '2026-06-01', used: 150 },
      { code: '200001', month: '2026-07-01', used: 450 },
      { code: '200002', month: '2026-07-01', used: 150 },
    ]);
    expect(
      await everything.query(
        `SELECT call, billing_month::text AS month, price_id AS price, department_id AS department FROM usage_records
         WHERE tenant_id = $1 ORDER BY call`,
        [CITIES[0].id],
      ),
    ).toEqual([
      { call: '1', month: '2026-07-01', price: PRICE, department: CITIES[0].department },
      { call: '2', month: '2026-07-01', price: PRICE, department: null },
      { call: '4', month: '2026-06-01', price: null, department: null },
      { call: '5', month: '2026-07-01', price: PRICE, department: null },
    ]);
    const unrated = await new FinanceDatabase(finance).run((tx) => new UnratedUsage().list(tx));
    expect(unrated).toMatchObject([{ model: 'box', month: '2026-06', calls: 1, tokens: 150 }]);
  });

  it('counts against the limit that its department has since the month before, though nobody there has used anything yet', async () => {
    const [{ id: tenant, department }] = CITIES;
    const scope = { tenantId: tenant, segment: 'lgwan' } as const;
    const cities = new TenantDatabase(app);
    await cities.run(scope, async (tx) => {
      await new BudgetBook().setLimit(tx, '2026-06', 10_000);
      const inJune = new Allotments(new FrozenClock(new Date('2026-06-10T03:00:00Z')));
      await inJune.setLimit(tx, { level: 'department', id: department }, '2026-06', 200);
    });
    await take(fileOf(row('1', { department: '0101' })));
    const reserve = (tokens: number) =>
      cities.run(scope, (tx) =>
        new BudgetKeeper().reserve(tx, {
          subject: { type: 'job', id: newId() },
          holder: { departmentId: department, memberId: null },
          tokens,
          acceptedAt: clock.now(),
        }),
      );
    await expect(reserve(51)).rejects.toMatchObject({ code: 'METERING.BUDGET_EXHAUSTED', level: 'department' });
    await reserve(50);
    await everything.query('DELETE FROM reservations');
  });

  it('takes each call once: sent again, twice in one file, or by two at the same time', async () => {
    const file = fileOf(row('1'), row('2'), row('1'));
    expect(await take(file)).toMatchObject({ rows: 3, recorded: 2, duplicates: 1 });
    expect(await take(fileOf(row('2'), row('3')))).toMatchObject({ recorded: 1, duplicates: 1 });
    const many = fileOf(...Array.from({ length: 500 }, (_, index) => row(`m${index}`)));
    const receipts = await Promise.all([take(many), take(many)]);
    expect(receipts.map(({ recorded }) => recorded).toSorted((one, other) => one - other)).toEqual([0, 500]);
    expect(await usedTokens()).toMatchObject([{ used: 503 * 150 }]);
  });

  it('takes calls that two send at once, each in an order of their own, and takes each once', async () => {
    const calls = Array.from({ length: 600 }, (_, index) => row(`c${index}`));
    const files = [calls.slice(0, 400), calls.slice(200).toReversed()];
    const receipts = await Promise.all(files.map((rows) => take(fileOf(...rows))));
    expect(receipts.reduce((total, { recorded }) => total + recorded, 0)).toBe(600);
    expect(await usedTokens()).toMatchObject([{ used: 600 * 150 }]);
  });

  it('cannot put a call of its own beside another under the same subject', async () => {
    await take(fileOf(row('1')));
    const again = everything.query(
      `INSERT INTO usage_records SELECT (jsonb_populate_record(u, jsonb_build_object('id', gen_random_uuid(), 'call', '2'))).*
       FROM usage_records u`,
    );
    await expect(again).rejects.toMatchObject({ code: '23514' });
  });

  it('refuses a call that is on record for another city, or stands for two in one file', async () => {
    const elsewhere = { code: 'METERING.IMPORT_INVALID', faults: [{ pointer: '/3/call' }] };
    await take(fileOf(row('1')));
    await expect(take(fileOf(row('2'), row('1', { city: '200002' })))).rejects.toMatchObject(elsewhere);
    await expect(take(fileOf(row('3'), row('1', { city: '200002' })))).rejects.toMatchObject({
      faults: [{ message: expect.stringContaining('市の利用としてすでに記録されています。') }],
    });
    expect(await usedTokens()).toEqual([{ code: '200001', month: '2026-07-01', used: 150 }]);
    await everything.query('DELETE FROM usage_records');
    const both = await faultsIn(fileOf(row('4'), row('4', { city: '200002' })));
    expect(['/2/call', '/3/call']).toContain(both.join(' '));
  });

  it('takes a call once when two send it at once for two cities, and refuses the other file', async () => {
    const fileFor = (city: string, order: (rows: string[]) => string[]) =>
      fileOf(...order(Array.from({ length: 500 }, (_, index) => row(`c${index}`, { city }))));
    const sent = [fileFor('200001', (rows) => rows), fileFor('200002', (rows) => rows.toReversed())].map(take);
    const outcomes = await Promise.allSettled(sent);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'METERING.IMPORT_INVALID' },
    });
    expect(await usedTokens()).toMatchObject([{ used: 500 * 150 }]);
  });

  it('is the vendor’s alone: no city can learn of another’s call by writing one of the same id', async () => {
    await take(fileOf(row('1')));
    const [{ id }] = await everything.query('SELECT id FROM usage_records');
    const write = (subjectId: string) =>
      new TenantDatabase(app).run({ tenantId: CITIES[1].id, segment: 'lgwan' }, (tx) =>
        tx.query(
          `INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, segment, model, deployment_id, input_tokens,
             output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source, accepted_at,
             recorded_at, billing_month)
           VALUES ($1, $2, 'external_call', $2, 'lgwan', 'm', 'd', 1, 1, 0, 0, 0, 0, 'provider', now(), now(), '2026-07-01')`,
          [CITIES[1].id, subjectId],
        ),
      );
    for (const subjectId of [id, newId()]) await expect(write(subjectId)).rejects.toMatchObject({ code: '42501' });
  });

  it('refuses a call that is on record with other characters, or for another department', async () => {
    const withCharacters = (count: number) => [`${HEADER},input_characters`, `${row('1')},${count}`, ''].join('\n');
    await take(withCharacters(300));
    expect(await take(withCharacters(300))).toMatchObject({ recorded: 0, duplicates: 1 });
    for (const other of [withCharacters(301), `${HEADER},input_characters\n${row('1', { department: '0101' })},300\n`])
      await expect(take(other)).rejects.toMatchObject({
        code: 'METERING.IMPORT_INVALID',
        faults: [{ pointer: '/2/call' }],
      });
  });

  it('refuses a call that is on record with other figures: which is right is for people to say', async () => {
    await take(fileOf(row('1')));
    await expect(take(fileOf(row('2'), row('1', { input: '101' })))).rejects.toMatchObject({
      code: 'METERING.IMPORT_INVALID',
      faults: [{ pointer: '/3/call' }],
    });
    expect(await usedTokens()).toMatchObject([{ used: 150 }]);
  });

  it.each([
    [{ city: '999999' }, 'city_code'],
    [{ department: '9999' }, 'department_code'],
    [{ model: 'unpriced' }, 'model'],
    [{ input: '-1' }, 'input_tokens'],
    [{ input: '1000000000000' }, 'input_tokens'],
    [{ input: '9223372036854775808' }, 'input_tokens'],
    [{ input: '1.5' }, 'input_tokens'],
    [{ input: '' }, 'input_tokens'],
    [{ at: '2026-07-10T13:00:00+09:00' }, 'accepted_at'],
    [{ at: 'infinity' }, 'accepted_at'],
    [{ at: '7/5/2026' }, 'accepted_at'],
    [{ at: '2020-01-01T00:00:00Z' }, 'accepted_at'],
  ])('refuses %o by row and column, and takes in nothing', async (change, column) => {
    expect(await faultsIn(fileOf(row('1'), row('2', change)))).toEqual([`/3/${column}`]);
  });

  it('names the first faults of many rows', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => row(String(index), { input: '-1', city: 'x' }));
    const faults = await faultsIn(fileOf(...rows));
    expect(faults).toHaveLength(40);
    expect(faults.slice(0, 2)).toEqual(['/2/city_code', '/2/input_tokens']);
  });

  it.each([
    ['a column that nobody knows', 'city_code,color\n'],
    ['a missing column', `${HEADER.replace(',call', '')}\n`],
    ['a column twice', `${HEADER},call\n`],
    ['nothing', ''],
  ])('refuses a header with %s', async (_, file) => {
    expect(await faultsIn(file)).toEqual(['/1']);
  });

  it('refuses a row with a cell too few, and bytes that are no text', async () => {
    expect(await faultsIn(fileOf(row('1'), '200001,,lgwan'))).toEqual(['/3']);
    expect(await faultsIn(Buffer.concat([Buffer.from(fileOf(row('1'))), Buffer.from([0xff, 0xfe, 0x0a])]))).toEqual([
      '/3',
    ]);
  });

  it('reads a header with a byte order mark, in quotes and in any order', async () => {
    const header = HEADER.split(',')
      .toReversed()
      .map((name) => `"${name}"`)
      .join(',');
    const line = row('1').split(',').toReversed().join(',');
    expect(await take(`\uFEFF${header}\r\n${line}\r\n`)).toMatchObject({ recorded: 1 });
  });

  it('stands in the chain of each city and in the vendor’s', async () => {
    const count = async () =>
      (await everything.query(`SELECT DISTINCT tenant_id FROM audit_entries WHERE action = 'usage.imported'`)).length;
    await take(fileOf(row('1'), row('2', { city: '200002' })));
    expect(await count()).toBe(3);
  });
});
