import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FinanceDatabase, createDataSource } from '#libs/database';
import { type TenantId, newId, tenantId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase } from '#libs/testing';
import { ContractBook } from './contract-book.ts';

const EXCLUDED = '23P01';
const CHECKED = '23514';
const FINAL = 'MC001';
const OUTSIDE = 'MC002';

const book = new ContractBook();
const [PREPARER, APPROVER] = [newId(), newId()];
let test: TestDatabase;
let everything: DataSource;
let source: DataSource;
let finance: FinanceDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  everything = await createDataSource(test.urls.superuser, 1).initialize();
  source = await createDataSource(test.urls.finance, 4).initialize();
  finance = new FinanceDatabase(source);
  for (const [index, id] of [PREPARER, APPROVER].entries())
    await everything.query(
      `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
         created_at, updated_at) VALUES ($1, $2, $2, '担当', 'finance', 'x', now(), now(), now())`,
      [id, `finance-${index}`],
    );
});
afterAll(async () => {
  await Promise.all([everything.destroy(), source.destroy()]);
  await test.drop();
});

let codes = 200_000;
const addCity = async (): Promise<TenantId> => {
  const id = tenantId(newId());
  await everything.query(`INSERT INTO tenants VALUES ($1, $2, '市', 'active', now(), now())`, [
    id,
    String((codes += 1)),
  ]);
  return id;
};

const addContract = async (city: TenantId, startsOn: string, endsOn: string, council: string | null = null) => {
  const id = newId();
  await finance.query(
    `INSERT INTO contracts (tenant_id, id, fiscal_year, title, starts_on, ends_on, billing_name, council_id, created_by,
       created_at) VALUES ($1, $2, 2026, '生成AIサービス利用', $3, $4, '市長', $5, $6, now())`,
    [city, id, startsOn, endsOn, council, PREPARER],
  );
  return id;
};

const addTerms = (
  city: TenantId,
  contract: string,
  validFrom: string,
  approver: string | null = APPROVER,
  fee = 1_000,
) =>
  finance.query(
    `INSERT INTO contract_terms (tenant_id, contract_id, valid_from, base_fee_jpy, unit, counts_input, counts_output,
       counts_cache, included_units, pricing, unit_price_jpy, proposed_by, proposed_at, approved_by, approved_at)
     VALUES ($1, $2, $3, $4, 'tokens', true, true, false, 9007199254740991, 'unit_price', 1200.5, $5, now(), $6,
       CASE WHEN $6::uuid IS NULL THEN NULL ELSE now() END)`,
    [city, contract, validFrom, fee, PREPARER, approver],
  );

const july = (city: TenantId) => finance.run((tx) => book.monthOf(tx, city, '2026-07'));

describe('the contract book', () => {
  let city: TenantId;
  beforeEach(async () => {
    city = await addCity();
  });

  it('reads a month as stretches of days under the same terms, by what was approved alone', async () => {
    const contract = await addContract(city, '2026-06-20', '2026-07-25');
    await addTerms(city, contract, '2026-06-20');
    await addTerms(city, contract, '2026-07-10', APPROVER, 2_000);
    await addTerms(city, contract, '2026-07-20', null, 3_000);
    const month = await july(city);
    expect(month).toMatchObject({ tenantId: city, contractId: contract, month: '2026-07', council: null });
    expect(month!.stretches.map(({ from, to, days, terms }) => [from, to, days, terms.baseFeeJpy])).toEqual([
      ['2026-07-01', '2026-07-09', 9, 1_000],
      ['2026-07-10', '2026-07-25', 16, 2_000],
    ]);
    expect(month!.stretches[0]!.terms).toMatchObject({ validFrom: '2026-06-20', includedUnits: 9007199254740991 });
    expect(await finance.run((tx) => book.monthOf(tx, city, '2026-08'))).toBeNull();
  });

  it('names the active cities that have none, and a contract nobody approved is none', async () => {
    const other = await addCity();
    await addTerms(city, await addContract(city, '2026-04-01', '2027-03-31'), '2026-04-01');
    await addTerms(other, await addContract(other, '2026-04-01', '2027-03-31'), '2026-04-01', null);
    const without = await finance.run((tx) => book.citiesWithout(tx, '2026-07'));
    expect(without.map(({ tenantId: id }) => id)).toContain(other);
    expect(without.map(({ tenantId: id }) => id)).not.toContain(city);
  });

  it('gives each member of a council its part, whether all cities are asked for or one', async () => {
    const council = newId();
    await finance.query(
      `INSERT INTO councils (id, fiscal_year, name, monthly_base_fee_jpy, split, proposed_by, proposed_at, approved_by,
         approved_at) VALUES ($1, 2026, $2, 100000, 'weights', $3, now(), $4, now())`,
      [council, `協議会${council}`, PREPARER, APPROVER],
    );
    const members = [city, await addCity(), await addCity()].sort();
    for (const [index, member] of members.entries()) {
      await finance.query(
        `INSERT INTO council_members (tenant_id, council_id, fiscal_year, weight, proposed_by, proposed_at, approved_by,
           approved_at) VALUES ($1, $2, 2026, $3, $4, now(), $5, now())`,
        [member, council, [3, 2, 2][index], PREPARER, APPROVER],
      );
      await addTerms(member, await addContract(member, '2026-04-01', '2027-03-31', council), '2026-04-01');
    }
    const all = await finance.run((tx) => book.monthOfAllCities(tx, '2026-07'));
    const parts = all.filter(({ tenantId: id }) => members.includes(id)).map((month) => month.council!.baseFeeJpy);
    expect(parts).toEqual([42_857, 28_572, 28_571]);
    expect((await july(members[1]!))!.council!.baseFeeJpy).toBe(28_572);
  });
});

describe('the database', () => {
  let city: TenantId;
  let contract: string;
  beforeEach(async () => {
    city = await addCity();
    contract = await addContract(city, '2026-04-01', '2026-09-15');
  });

  it('holds a city to one contract a month, within the fiscal year', async () => {
    await expect(addContract(city, '2026-09-16', '2027-03-31')).rejects.toMatchObject({ code: EXCLUDED });
    await addContract(city, '2026-10-01', '2027-03-31');
    await expect(addContract(await addCity(), '2026-03-31', '2026-09-15')).rejects.toMatchObject({ code: CHECKED });
    await expect(addContract(await addCity(), '2026-10-01', '2027-04-01')).rejects.toMatchObject({ code: CHECKED });
  });

  it('keeps terms within the contract and approved by another person, and never changes what was approved', async () => {
    await expect(addTerms(city, contract, '2026-03-31')).rejects.toMatchObject({ code: OUTSIDE });
    await expect(addTerms(city, contract, '2026-09-16')).rejects.toMatchObject({ code: OUTSIDE });
    await expect(addTerms(city, contract, '2026-04-01', PREPARER)).rejects.toMatchObject({ code: CHECKED });
    await addTerms(city, contract, '2026-04-01');
    const of = 'WHERE tenant_id = $1 AND contract_id = $2';
    await expect(
      finance.query(`UPDATE contract_terms SET approved_by = NULL, approved_at = NULL ${of}`, [city, contract]),
    ).rejects.toMatchObject({ code: FINAL });
    await expect(finance.query(`DELETE FROM contract_terms ${of}`, [city, contract])).rejects.toMatchObject({
      code: FINAL,
    });
  });
});
