import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, TenantDatabase, type TenantScope, createDataSource } from '#libs/database';
import { type Member, MemberDirectory } from '#libs/identity';
import { newId, tenantId } from '#libs/kernel';
import { createLogger } from '#libs/observability';
import { type Signal, Signals } from '#libs/queue';
import { TableReader } from '#libs/table-reader';
import { DepartmentTree } from '#libs/tenancy';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { RosterChanges } from './roster-changes.ts';
import { RosterImports } from './roster-imports.ts';
import { RosterRepository } from './roster-repository.ts';
import type { RosterFileKind, RosterImport, RosterMode } from './roster.ts';
import { DueImports } from './run/due-imports.ts';
import { RosterRunner } from './run/roster-runner.ts';

/** Signals within this process, kept. */
class InnerSignals extends Signals {
  readonly sent: Signal[] = [];
  protected broadcast(message: string): void {
    this.sent.push(...(JSON.parse(message) as Signal[]));
  }
}

const SYSTEM = { type: 'system', id: null } as const;
/** 20 March 2027, 10:00 in Japan. */
const MARCH = new Date('2027-03-20T01:00:00Z');
/** 00:00 in Japan. */
const FIRST_OF_APRIL = new Date('2027-03-31T15:00:00Z');

const clock = new FrozenClock(MARCH);
const audit = new AuditTrail(clock);
const tree = new DepartmentTree(audit, clock);
const directory = new MemberDirectory(tree, audit, clock);
const repository = new RosterRepository();
const changes = new RosterChanges();
const signals = new InnerSignals();

let testDatabase: TestDatabase;
let sources: DataSource[];
let everything: DataSource;
let database: TenantDatabase;
let imports: RosterImports;
let newRunner: () => RosterRunner;
let scope: TenantScope;
let admin: Member;
let actor: { type: 'member'; id: string };

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const { superuser, app, admission } = testDatabase.urls;
  sources = await Promise.all([superuser, app, admission].map((url) => createDataSource(url, 6).initialize()));
  everything = sources[0]!;
  database = new TenantDatabase(sources[1]!);
  imports = new RosterImports(database, new TableReader(), repository, audit, clock);
  const due = new DueImports(new AdmissionDatabase(sources[2]!), clock);
  const log = createLogger('spec', { level: 'silent' });
  newRunner = () => new RosterRunner(due, database, repository, tree, audit, signals, clock, log);
});
afterAll(async () => {
  await Promise.all(sources.map((source) => source.destroy()));
  await testDatabase.drop();
});

const create = (loginId: string, role: 'admin' | 'staff', departmentId: string | null = null) =>
  database.run(scope, (tx) =>
    directory.create(tx, SYSTEM, { loginId, displayName: loginId, role, segment: 'lgwan', departmentId }, 'x'),
  );

let cities = 0;
beforeEach(async () => {
  clock.set(MARCH);
  signals.sent.length = 0;
  scope = { tenantId: tenantId(newId()), segment: 'lgwan' };
  await everything.query(`INSERT INTO tenants VALUES ($1, $2, '市', 'active', now(), now())`, [
    scope.tenantId,
    String(320_000 + (cities += 1)),
  ]);
  admin = await create('admin', 'admin');
  actor = { type: 'member', id: admin.id };
});

type Files = Partial<Record<RosterFileKind, string | Buffer>>;

async function checked(files: Files, mode: RosterMode = 'listed'): Promise<RosterImport> {
  const { id } = await imports.create(scope, actor, newId());
  for (const [kind, text] of Object.entries(files) as [RosterFileKind, string | Buffer][])
    await imports.putFile(scope, id, kind, { bytes: Buffer.from(text as string), name: `${kind}.csv`, mode });
  return imports.check(scope, actor, id);
}
const disables = ({ counts }: RosterImport): number => counts!.department.disabled + counts!.member.disabled;
const plan = (found: RosterImport, effectiveOn: string | null = null) =>
  imports.plan(scope, actor, found.id, {
    digest: found.digest ?? '0'.repeat(64),
    effectiveOn,
    confirmedDisables: found.counts ? disables(found) : 0,
  });
const view = (id: string) => database.run(scope, (tx) => repository.get(tx, id));
const members = async () =>
  Object.fromEntries(
    (await database.run(scope, (tx) => directory.list(tx, { after: '', limit: 100 }))).map((member) => [
      member.loginId,
      member,
    ]),
  );
const auditOf = (action: string) =>
  database.run(scope, (tx) =>
    tx.query<{ details: string; outcome: string }>('SELECT details, outcome FROM audit_entries WHERE action = $1', [
      action,
    ]),
  );

const DEPARTMENTS = '所属コード,所属名,上位所属コード\nzaimu,財務部,\nzeimu,税務課,zaimu\n';

describe('an import', () => {
  it('adds, moves and disables in one step, and leaves a diff whose digest is in the audit trail', async () => {
    const leaver = await create('leaver', 'staff');
    const found = await checked(
      {
        departments: DEPARTMENTS,
        members: 'ログインID,氏名,所属コード,最終利用日\nadmin,新名,zeimu,\nnew,=1+1,zeimu,令和10年3月31日\n',
      },
      'complete',
    );
    expect(found).toMatchObject({ state: 'checked', faultCount: 0, total: 5 });
    expect((await members()).admin).toMatchObject({ displayName: 'admin' });
    await plan(found);
    expect(await newRunner().runDue()).toBe(1);

    const after = await members();
    expect(after.admin).toMatchObject({ displayName: '新名', department: { name: '税務課' }, status: 'active' });
    expect(after.new).toMatchObject({ displayName: '=1+1', lastDay: '2028-03-31', lastSignInAt: null });
    expect(after.leaver).toMatchObject({ id: leaver.id, status: 'disabled' });
    expect(await view(found.id)).toMatchObject({ state: 'applied', done: 5, total: 5, failure: null });
    const [entry] = await auditOf('roster-import.applied');
    const details = JSON.parse(entry!.details);
    expect(details).toMatchObject({ plannedBy: admin.id, membersAdded: 1, membersMoved: 1, membersDisabled: 1 });
    expect(await database.run(scope, (tx) => changes.digest(tx, found.id))).toBe(details.digest);
    expect(signals.sent).toHaveLength(2);
  });

  it('is read as Shift_JIS too', async () => {
    // ログインID,氏名 / yamada,髙橋
    const bytes = Buffer.from(
      '83 8d 83 4f 83 43 83 93 49 44 2c 8e 81 96 bc 0a 79 2c fb fc 8b b4 0a'.replaceAll(' ', ''),
      'hex',
    );
    const { id } = await checked({ members: bytes });
    const [line] = await database.run(scope, (tx) => changes.list(tx, id, { after: -1, limit: 1 }));
    expect(line!.change).toMatchObject({ kind: 'added', key: 'y', after: { displayName: '髙橋' } });
  });

  it('of which one row is wrong applies nothing and says where', async () => {
    const found = await checked({
      departments: DEPARTMENTS,
      members: 'ログインID,氏名,所属コード\na,甲,zeimu\nb,乙,none\n',
    });
    expect(found).toMatchObject({ faultCount: 1, digest: null });
    expect(await database.run(scope, (tx) => repository.faults(tx, found.id))).toEqual([
      { file: 'members', row: 3, column: '所属コード', message: expect.stringMatching(/none/) },
    ]);
    await expect(plan(found)).rejects.toMatchObject({ code: 'ROSTER.FAULTY' });
    expect(Object.keys(await members())).toEqual(['admin']);
  });

  it('that would demote the last administrator is refused', async () => {
    const found = await checked({ members: 'ログインID,氏名,権限\nadmin,admin,職員\n' });
    expect(found).toMatchObject({ faultCount: 1, digest: null });
  });

  it('is refused when somebody changed what it shows, and when its losses are not confirmed', async () => {
    await create('leaver', 'staff');
    const found = await checked({ members: 'ログインID,氏名\nadmin,admin\n' }, 'complete');
    const decide = (digest: string, confirmedDisables: number) =>
      imports.plan(scope, actor, found.id, { digest, effectiveOn: null, confirmedDisables });
    await expect(decide(found.digest!, 0)).rejects.toMatchObject({ code: 'ROSTER.DISABLES_UNCONFIRMED' });
    await expect(decide('0'.repeat(64), 1)).rejects.toMatchObject({ code: 'ROSTER.OUTDATED' });
    await create('another', 'staff');
    await expect(decide(found.digest!, 1)).rejects.toMatchObject({ code: 'ROSTER.OUTDATED' });
    expect((await imports.check(scope, actor, found.id)).counts!.member.disabled).toBe(2);
  });

  it('that was handed over fails whole when the city changed before the worker came', async () => {
    const found = await checked({ members: 'ログインID,氏名\nadmin,新名\n' });
    await plan(found);
    await database.run(scope, (tx) => directory.change(tx, SYSTEM, admin.id, { displayName: '別名' }));
    await newRunner().runDue();
    expect(await view(found.id)).toMatchObject({ state: 'failed', failure: { code: 'ROSTER.OUTDATED' } });
    expect((await members()).admin!.displayName).toBe('別名');
    expect((await auditOf('roster-import.failed'))[0]?.outcome).toBe('failed');
  });

  it.each<[string, Files, string]>([
    ['bytes of no text', { members: Buffer.of(0x61, 0xff, 0xfd, 0x00) }, 'ROSTER.FILE_UNREADABLE'],
    ['no rows', { members: 'ログインID,氏名\n' }, 'ROSTER.TABLE_INVALID'],
    ['too many rows', { members: `ログインID,氏名\n${'a,b\n'.repeat(10_001)}` }, 'ROSTER.FILE_TOO_LARGE'],
    ['a column nobody knows', { members: 'ログインID,氏名,個人番号\na,b,c\n' }, 'ROSTER.TABLE_INVALID'],
  ])('of a file with %s keeps nothing of it', async (_, files, code) => {
    await expect(checked(files)).rejects.toMatchObject({ code });
    expect(await database.run(scope, (tx) => tx.query('SELECT 1 FROM roster_files'))).toEqual([]);
  });
});

describe('an import for a day to come', () => {
  const april = async (files: Files, mode: RosterMode = 'listed') => {
    const found = await checked(files, mode);
    return plan(found, '2027-04-01');
  };

  it('holds from 00:00 in Japan of that day, not a moment earlier, and once however many workers come', async () => {
    const { id } = await april({
      departments: DEPARTMENTS,
      members: 'ログインID,氏名,所属コード\nadmin,admin,zeimu\n',
    });
    clock.set(new Date(FIRST_OF_APRIL.getTime() - 1));
    expect(await newRunner().runDue()).toBe(0);
    clock.set(FIRST_OF_APRIL);
    const ended = await Promise.all([1, 2, 3].map(() => newRunner().runDue()));
    expect(ended.reduce((sum, count) => sum + count)).toBe(1);
    expect(await view(id)).toMatchObject({ state: 'applied' });
    expect(await auditOf('roster-import.applied')).toHaveLength(1);
  });

  it('can be withdrawn before it, and not after', async () => {
    const { id } = await april({ members: 'ログインID,氏名\nadmin,新名\n' });
    expect(await imports.cancel(scope, actor, id)).toMatchObject({ state: 'cancelled' });
    expect(await imports.cancel(scope, actor, id)).toMatchObject({ state: 'cancelled' });
    clock.set(FIRST_OF_APRIL);
    expect(await newRunner().runDue()).toBe(0);
    clock.set(MARCH);
    const other = await april({ members: 'ログインID,氏名\nadmin,新名\n' });
    clock.set(FIRST_OF_APRIL);
    await newRunner().runDue();
    await expect(imports.cancel(scope, actor, other.id)).rejects.toMatchObject({ code: 'ROSTER.STEP_NOT_POSSIBLE' });
  });

  it('goes along with what changed meanwhile, but disables nobody who was not shown', async () => {
    await create('leaver', 'staff');
    const { id } = await april({ members: 'ログインID,氏名\nadmin,新名\n' }, 'complete');
    await create('late', 'staff');
    clock.set(FIRST_OF_APRIL);
    await newRunner().runDue();
    expect(await view(id)).toMatchObject({ state: 'failed', failure: { detail: expect.stringMatching(/1件/) } });
    expect((await members()).leaver!.status).toBe('active');

    clock.set(MARCH);
    const second = await april({ members: 'ログインID,氏名\nadmin,新名\nlate,late\n' }, 'complete');
    await database.run(scope, (tx) => directory.change(tx, SYSTEM, admin.id, { displayName: '新名' }));
    clock.set(FIRST_OF_APRIL);
    await newRunner().runDue();
    expect(await view(second.id)).toMatchObject({ state: 'applied', counts: { member: { changed: 0, disabled: 1 } } });
  });

  it('fails whole when on its day it no longer fits', async () => {
    const second = await create('second', 'admin');
    const { id } = await april({ departments: DEPARTMENTS, members: 'ログインID,氏名,権限\nadmin,admin,職員\n' });
    await database.run(scope, (tx) => directory.change(tx, SYSTEM, second.id, { role: 'staff' }));
    clock.set(FIRST_OF_APRIL);
    await newRunner().runDue();
    expect(await view(id)).toMatchObject({
      state: 'failed',
      failure: { code: 'ROSTER.FAULTY', detail: expect.stringMatching(/管理者/) },
    });
    expect(await database.run(scope, (tx) => tree.list(tx))).toEqual([]);
  });

  it('is gone on with by another worker when the one that took it died', async () => {
    const { id } = await april({ members: 'ログインID,氏名\nadmin,新名\n' });
    clock.set(FIRST_OF_APRIL);
    const dead = await new DueImports(new AdmissionDatabase(sources[2]!), clock).take();
    expect(dead).toMatchObject({ id, fence: 1 });
    expect(await newRunner().runDue()).toBe(0);
    clock.advance(60_001);
    expect(await newRunner().runDue()).toBe(1);
    expect(await view(id)).toMatchObject({ state: 'applied' });
  });

  it.each(['2027-03-20', '2027-03-19', '2028-04-01'])('cannot be planned for %s', async (day) => {
    const found = await checked({ members: 'ログインID,氏名\nadmin,新名\n' });
    await expect(plan(found, day)).rejects.toMatchObject({ code: 'ROSTER.DATE_INVALID' });
  });
});
