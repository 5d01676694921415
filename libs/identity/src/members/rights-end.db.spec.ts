import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { TenantDatabase, type TenantScope, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { Signals } from '#libs/queue';
import { DepartmentTree, SegmentPolicies } from '#libs/tenancy';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { type Member, MemberDirectory } from './member-directory.ts';
import { hashSecret, newSecret, writeSessionToken } from '../keys/secrets.ts';
import { SegmentDoor } from '../sessions/segment-door.ts';
import { SessionAuthenticator } from '../sessions/session-authenticator.ts';

/** Signals within this process. */
class InnerSignals extends Signals {
  protected broadcast(message: string): void {
    this.receive(message);
  }
}

const SYSTEM = { type: 'system', id: null } as const;
/** 31 March 2027, 23:59:59 in Japan. */
const LAST_SECOND = new Date('2027-03-31T14:59:59Z');

const clock = new FrozenClock();
const DESK = { segment: 'lgwan', address: '192.0.2.1' } as const;
const audit = new AuditTrail(clock);
const policies = new SegmentPolicies(audit, clock);
const departments = new DepartmentTree(audit, clock);
const directory = new MemberDirectory(departments, audit, clock);

let testDatabase: TestDatabase;
let everything: DataSource;
let source: DataSource;
let database: TenantDatabase;
let authenticator: SessionAuthenticator;
let scope: TenantScope;
let member: Member;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  everything = await createDataSource(testDatabase.urls.superuser, 1).initialize();
  source = await createDataSource(testDatabase.urls.app, 4).initialize();
  database = new TenantDatabase(source);
  authenticator = new SessionAuthenticator(
    database,
    new SegmentDoor(database, policies, audit),
    clock,
    new InnerSignals(),
  );
});
afterAll(async () => {
  await Promise.all([everything.destroy(), source.destroy()]);
  await testDatabase.drop();
});

let cities = 0;
beforeEach(async () => {
  clock.set(LAST_SECOND);
  scope = { tenantId: tenantId(newId()), segment: 'lgwan' };
  await everything.query(`INSERT INTO tenants VALUES ($1, $2, '市', 'active', now(), now())`, [
    scope.tenantId,
    String(310_000 + (cities += 1)),
  ]);
  await everything.query(
    `INSERT INTO segment_policies (tenant_id, segment, open, updated_at) VALUES ($1, 'lgwan', true, now())`,
    [scope.tenantId],
  );
  member = await database.run(scope, (tx) =>
    directory.create(
      tx,
      SYSTEM,
      { loginId: 'a', displayName: '職員', role: 'admin', segment: 'lgwan', departmentId: null },
      'x',
    ),
  );
});

const change = (id: string, what: Parameters<MemberDirectory['change']>[3]) =>
  database.run(scope, (tx) => directory.change(tx, SYSTEM, id, what));

async function openSession(): Promise<string> {
  const [id, secret] = [newId(), newSecret()];
  await database.run(scope, (tx) =>
    tx.query(
      `INSERT INTO sessions (tenant_id, id, segment, member_id, secret_hash, created_at, expires_at)
       VALUES ($1, $2, 'lgwan', $3, $4, $5, $5::timestamptz + interval '12 h')`,
      [scope.tenantId, id, member.id, hashSecret(secret), clock.now()],
    ),
  );
  return writeSessionToken({ tenantId: scope.tenantId, id, secret });
}

describe('rights that end', () => {
  const other = () =>
    database.run(scope, (tx) =>
      directory.create(
        tx,
        SYSTEM,
        { loginId: 'b', displayName: '別', role: 'admin', segment: 'lgwan', departmentId: null },
        'x',
      ),
    );

  it('open nothing from 00:00 in Japan of the day after the last day, also for who is known in memory', async () => {
    await other();
    await change(member.id, { lastDay: '2027-03-31' });
    const token = await openSession();
    expect((await authenticator.authenticate(token, DESK))?.id).toBe(member.id);
    clock.advance(1_000);
    expect(await authenticator.authenticate(token, DESK)).toBeNull();
    authenticator.forget(() => true);
    expect(await authenticator.authenticate(token, DESK)).toBeNull();
  });

  it('can be prolonged and made endless again', async () => {
    await other();
    await change(member.id, { lastDay: '2027-03-30' });
    const token = await openSession();
    expect(await authenticator.authenticate(token, DESK)).toBeNull();
    expect((await change(member.id, { lastDay: '2027-04-01' })).lastDay).toBe('2027-04-01');
    expect((await authenticator.authenticate(token, DESK))?.id).toBe(member.id);
    expect((await change(member.id, { lastDay: null })).lastDay).toBeNull();
  });

  it('are never given to the last administrator whose rights do not end', async () => {
    await expect(change(member.id, { lastDay: '2099-03-31' })).rejects.toMatchObject({ code: 'TENANCY.LAST_ADMIN' });
    const second = await other();
    await change(second.id, { lastDay: '2099-03-31' });
    await expect(change(member.id, { status: 'disabled' })).rejects.toMatchObject({ code: 'TENANCY.LAST_ADMIN' });
  });
});

describe('who belonged where', () => {
  const make = (code: string, parentId: string | null = null) =>
    database.run(scope, (tx) => departments.create(tx, SYSTEM, { code, name: code, parentId }));

  it('is kept with the instants of each move', async () => {
    const [tax, welfare] = [await make('tax'), await make('welfare')];
    await change(member.id, { departmentId: tax.id });
    clock.advance(86_400_000);
    await change(member.id, { departmentId: welfare.id, displayName: '新' });
    await change(member.id, { displayName: '新々' });
    const postings = await database.run(scope, (tx) =>
      tx.query(
        `SELECT department_id AS id, began_at AS "beganAt", ended_at AS "endedAt" FROM member_postings ORDER BY began_at`,
      ),
    );
    expect(postings).toEqual([
      { id: tax.id, beganAt: LAST_SECOND, endedAt: clock.now() },
      { id: welfare.id, beganAt: clock.now(), endedAt: null },
    ]);
  });

  it('is answered for the tree of any day', async () => {
    const [old, next] = [await make('old'), await make('next')];
    const child = await database.run(scope, (tx) =>
      departments.create(tx, SYSTEM, { code: 'child', name: '子', parentId: old.id }),
    );
    clock.advance(1_000);
    await database.run(scope, (tx) =>
      departments.change(tx, SYSTEM, child.id, { parentId: next.id, name: '新しい子' }),
    );
    const childOn = async (day?: string) =>
      (await database.run(scope, (tx) => departments.list(tx, day))).find(({ id }) => id === child.id);
    expect(await childOn('2027-03-30')).toBeUndefined();
    expect(await childOn('2027-03-31')).toMatchObject({ parentId: old.id, name: '子' });
    expect(await childOn('2027-04-01')).toMatchObject({ parentId: next.id, name: '新しい子' });
    expect(await childOn()).toMatchObject({ parentId: next.id });
  });
});
