import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TenantDatabase, type TenantScope, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase } from '#libs/testing';
import { QuietMembers } from './quiet-members.ts';

const NOW = new Date('2027-04-01T01:00:00Z');
const DAY_MS = 86_400_000;
const scope: TenantScope = { tenantId: tenantId(newId()), segment: 'lgwan' };
const tax = newId();

/** `daysAgo`: of the latest use; `calls`: of each piece of work. */
type Person = [
  loginId: string,
  uses: number,
  daysAgo: number,
  department: string | null,
  role: string,
  status: string,
  calls: number,
];

describe('members whom the service has not reached', () => {
  let testDatabase: TestDatabase;
  let everything: DataSource;
  let source: DataSource;
  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    everything = await createDataSource(testDatabase.urls.superuser, 1).initialize();
    source = await createDataSource(testDatabase.urls.app, 2).initialize();
    await everything.query(`INSERT INTO tenants VALUES ($1, '330001', '市', 'active', now(), now())`, [scope.tenantId]);
    await everything.query(`INSERT INTO departments VALUES ($1, $2, NULL, 'zeimu', '税務課', now(), now())`, [
      scope.tenantId,
      tax,
    ]);
    const people: Person[] = [
      ['never', 0, 0, tax, 'staff', 'active', 1],
      ['few', 5, 1, tax, 'staff', 'active', 7],
      ['busy', 6, 1, tax, 'staff', 'active', 1],
      ['absent', 9, 61, null, 'staff', 'active', 1],
      ['left', 1, 90, tax, 'staff', 'disabled', 1],
      ['auditor', 0, 0, tax, 'auditor', 'active', 1],
    ];
    for (const person of people) await add(...person);
  });
  afterAll(async () => {
    await Promise.all([everything.destroy(), source.destroy()]);
    await testDatabase.drop();
  });

  async function add(...[loginId, uses, daysAgo, department, role, status, calls]: Person): Promise<void> {
    const id = newId();
    await everything.query(
      `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, department_id, status,
         password_changed_at, created_at, updated_at) VALUES ($1, $2, $3, $3, $3, $4, 'lgwan', $5, $6, now(), now(), now())`,
      [scope.tenantId, id, loginId, role, department, status],
    );
    const last = NOW.getTime() - daysAgo * DAY_MS;
    for (let use = 0; use < uses; use += 1)
      await everything.query(
        `INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, call, segment, member_id, department_id, model,
           deployment_id, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, input_characters,
           output_characters, source, accepted_at, recorded_at, billing_month)
         SELECT $1, gen_random_uuid(), 'job', $2, n::text, 'lgwan', $3, $4, 'm', 'd', 1, 1, 0, 0, 1, 1, 'provider', $5, $5,
           date_trunc('month', $5::timestamptz)::date FROM generate_series(1, $6) n`,
        [scope.tenantId, newId(), id, department, new Date(last - use * DAY_MS), calls],
      );
  }

  const quiet = new QuietMembers();
  const run = <Result>(work: Parameters<TenantDatabase['run']>[1]) =>
    new TenantDatabase(source).run(scope, work) as Promise<Result>;

  it('are those of five uses at most, whatever calls these took, and those of none for sixty days', async () => {
    const found = await run<{ loginId: string; reason: string; uses: number }[]>((tx) =>
      quiet.list(tx, { departmentIds: null, after: '', limit: 10, now: NOW }),
    );
    expect(found.map(({ loginId, reason, uses }) => [loginId, reason, uses])).toEqual([
      ['absent', 'absent', 6],
      ['few', 'few', 5],
      ['never', 'few', 0],
    ]);
  });

  it('are counted by department, and a manager sees the managed ones', async () => {
    const of = (departmentIds: string[] | null) => run((tx) => quiet.byDepartment(tx, { departmentIds, now: NOW }));
    const taxOffice = { departmentName: '税務課', members: 3, few: 2, absent: 0 };
    expect(await of([tax])).toEqual([taxOffice]);
    expect(await of(null)).toEqual([taxOffice, { departmentName: null, members: 1, few: 0, absent: 1 }]);
    expect(await of([])).toEqual([]);
  });
});
