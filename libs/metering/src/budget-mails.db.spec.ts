import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, TenantDatabase, type TenantScope, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { Mailer } from '#libs/notices';
import { createLogger } from '#libs/observability';
import { DepartmentTree } from '#libs/tenancy';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { Allotments } from './allotments.ts';
import { BudgetBook } from './budget-book.ts';
import { BudgetMails } from './budget-mails.ts';

// Notices bear the database's own time.
const clock = new FrozenClock(new Date());
const [book, allotments] = [new BudgetBook(), new Allotments(clock)];

let test: TestDatabase;
let sources: DataSource[];
let database: TenantDatabase;
let scope: TenantScope;
let bureau: string;
let section: string;
let cities = 0;

beforeAll(async () => {
  test = await createTestDatabase();
  const { superuser, app, admission } = test.urls;
  sources = await Promise.all([superuser, app, admission].map((url) => createDataSource(url, 4).initialize()));
  database = new TenantDatabase(sources[1]!);
});
afterAll(async () => {
  await Promise.all(sources.map((source) => source.destroy()));
  await test.drop();
});
beforeEach(async () => {
  await all('TRUNCATE mails');
  scope = { tenantId: tenantId(newId()), segment: 'lgwan' };
  await all(
    `INSERT INTO tenants VALUES ($1, $2, '市', 'active', now(), now())`,
    scope.tenantId,
    String(200_000 + (cities += 1)),
  );
  bureau = await department('総務部', null);
  section = await department('税務課', bureau);
  await member('情報', 'admin', null);
  await member('部長', 'manager', bureau);
  await member('課長', 'manager', section);
  await member('よその課長', 'manager', await department('福祉課', null));
  await member('担当', 'staff', section);
  await run((tx) => book.setLimit(tx, month(), 1_000));
});

const all = <Row>(sql: string, ...parameters: unknown[]): Promise<Row[]> => sources[0]!.query(sql, parameters);
const run = <T>(work: Parameters<typeof database.run<T>>[1]): Promise<T> => database.run(scope, work);
const month = () => new Date(clock.now().getTime() + 9 * 3_600_000).toISOString().slice(0, 7);
const mails = (isOn = true) =>
  new BudgetMails(
    new Mailer({ isOn }, clock),
    new DepartmentTree(new AuditTrail(clock), clock),
    new AdmissionDatabase(sources[2]!),
    database,
    clock,
    createLogger('spec', { level: 'silent' }),
  );

async function department(name: string, parentId: string | null): Promise<string> {
  const id = newId();
  await all(
    `INSERT INTO departments VALUES ($1, $2, $3, $4, $5, now(), now())`,
    scope.tenantId,
    id,
    parentId,
    id.slice(-12),
    name,
  );
  return id;
}
async function member(name: string, role: string, departmentId: string | null): Promise<string> {
  const id = newId();
  await all(
    `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, department_id, mail_address,
       password_changed_at, created_at, updated_at) VALUES ($1, $2, $6, $6, $3, $4, 'lgwan', $5, 'a@b.example', now(), now(), now())`,
    ...[scope.tenantId, id, name, role, departmentId, id],
  );
  return id;
}
const use = (tokens: number, departmentId: string | null = null) =>
  run((tx) => tx.query('SELECT budget_settle($1, $2, 0, $3, NULL)', [`${month()}-01`, tokens, departmentId]));
const told = async () =>
  (
    await all<{ line: string }>(
      `SELECT m.display_name || ' ' || x.kind || ' ' || split_part(x.about, ' ', 2) AS line
       FROM mails x JOIN members m ON m.id = x.member_id ORDER BY x.created_at, line`,
    )
  ).map(({ line }) => line);

describe('that a limit is about to be reached', () => {
  it('is mailed to the city’s administrators, once for each threshold of a month, the highest of several', async () => {
    await use(850);
    await mails().write();
    await mails().write();
    expect(await told()).toEqual(['情報 budget.city 80']);
    await use(200);
    await Promise.all([mails().write(), mails().write()]);
    expect(await told()).toEqual(['情報 budget.city 100', '情報 budget.city 80']);
    const [words] = await all<{ subject: string; body: string }>(
      `SELECT subject, body FROM mails WHERE about LIKE '%100%'`,
    );
    expect(words!.subject).toContain('利用上限に達しました（団体全体）');
    expect(words!.body).toContain('上限：1,000 トークン\n利用済み：1,050 トークン（通知した時点）');
  });

  it('of a department also to its managers and those above, and to nobody beside', async () => {
    await run((tx) => allotments.setLimit(tx, { level: 'department', id: section }, month(), 100));
    await use(60, section);
    await mails().write();
    expect((await told()).toSorted()).toEqual(
      ['情報 budget.department 50', '課長 budget.department 50', '部長 budget.department 50'].toSorted(),
    );
    const [words] = await all<{ body: string }>('SELECT body FROM mails LIMIT 1');
    expect(words!.body).toContain('所属「税務課」');
  });

  it('is not mailed again when the limit moves, nor of one’s own limit, nor what is no news any more', async () => {
    await use(600);
    await mails().write();
    await run((tx) => book.setLimit(tx, month(), 1_100));
    await mails().write();
    expect(await told()).toEqual(['情報 budget.city 50']);
    const clerk = await member('係員', 'staff', section);
    await run((tx) => allotments.setLimit(tx, { level: 'member', id: clerk }, month(), 0));
    await use(300);
    await all(`UPDATE budget_notices SET noticed_at = now() - interval '25 hours' WHERE NOT mailed`);
    await mails().write();
    expect(await told()).toHaveLength(1);
  });

  it('is not mailed where no relay is, and not afterwards when there is one', async () => {
    await use(600);
    await mails(false).write();
    expect(await told()).toEqual([]);
    await all(`UPDATE budget_notices SET noticed_at = now() - interval '2 days'`);
    await mails().write();
    expect(await told()).toEqual([]);
  });

  it('goes with its fact or not at all', async () => {
    const broken = run(async (tx) => {
      await tx.query('SELECT budget_settle($1, 600, 0, NULL, NULL)', [`${month()}-01`]);
      throw new Error('the answer was not kept');
    });
    await expect(broken).rejects.toThrow('not kept');
    await mails().write();
    expect(await told()).toEqual([]);
  });
});
