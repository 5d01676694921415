import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEPARTMENTS, FIRST_OF_APRIL, type Files, MARCH, RosterHouse, SYSTEM } from './roster-house.fixture.ts';
import type { RosterMode } from './roster.ts';

let house: RosterHouse;
beforeAll(async () => {
  house = await RosterHouse.open();
});
afterAll(() => house.close());
beforeEach(() => house.begin());

describe('an import', () => {
  it('adds, moves and disables in one step, and leaves a diff whose digest is in the audit trail', async () => {
    const leaver = await house.create('leaver', 'staff');
    const found = await house.checked(
      {
        departments: DEPARTMENTS,
        members: 'ログインID,氏名,所属コード,最終利用日\nadmin,新名,zeimu,\nnew,=1+1,zeimu,令和10年3月31日\n',
      },
      'complete',
    );
    expect(found).toMatchObject({ state: 'checked', faultCount: 0, total: 5 });
    expect((await house.members()).admin).toMatchObject({ displayName: 'admin' });
    await house.plan(found);
    expect(await house.newRunner().runDue()).toBe(1);

    const after = await house.members();
    expect(after.admin).toMatchObject({ displayName: '新名', department: { name: '税務課' }, status: 'active' });
    expect(after.new).toMatchObject({ displayName: '=1+1', lastDay: '2028-03-31', lastSignInAt: null });
    expect(after.leaver).toMatchObject({ id: leaver.id, status: 'disabled' });
    expect(await house.view(found.id)).toMatchObject({ state: 'applied', done: 5, total: 5, failure: null });
    const [entry] = await house.auditOf('roster-import.applied');
    const details = JSON.parse(entry!.details);
    expect(details).toMatchObject({ plannedBy: house.admin.id, membersAdded: 1, membersMoved: 1, membersDisabled: 1 });
    expect(await house.database.run(house.scope, (tx) => house.changes.digest(tx, found.id))).toBe(details.digest);
    expect(house.signals.sent).toHaveLength(2);
  });

  it('is read as Shift_JIS too', async () => {
    // ログインID,氏名 / yamada,髙橋
    const bytes = Buffer.from(
      '83 8d 83 4f 83 43 83 93 49 44 2c 8e 81 96 bc 0a 79 2c fb fc 8b b4 0a'.replaceAll(' ', ''),
      'hex',
    );
    const { id } = await house.checked({ members: bytes });
    const [line] = await house.database.run(house.scope, (tx) => house.changes.list(tx, id, { after: -1, limit: 1 }));
    expect(line!.change).toMatchObject({ kind: 'added', key: 'y', after: { displayName: '髙橋' } });
  });

  it('of which one row is wrong applies nothing and says where', async () => {
    const found = await house.checked({
      departments: DEPARTMENTS,
      members: 'ログインID,氏名,所属コード\na,甲,zeimu\nb,乙,none\n',
    });
    expect(found).toMatchObject({ faultCount: 1, digest: null });
    expect(await house.faults(found.id)).toEqual([
      { file: 'members', row: 3, column: '所属コード', message: expect.stringMatching(/none/) },
    ]);
    await expect(house.plan(found)).rejects.toMatchObject({ code: 'ROSTER.FAULTY' });
    expect(Object.keys(await house.members())).toEqual(['admin']);
  });

  it('that would demote the last administrator is refused', async () => {
    const found = await house.checked({ members: 'ログインID,氏名,権限\nadmin,admin,職員\n' });
    expect(found).toMatchObject({ faultCount: 1, digest: null });
  });

  it('is refused when somebody changed what it shows, and when its losses are not confirmed', async () => {
    await house.create('leaver', 'staff');
    const found = await house.checked({ members: 'ログインID,氏名\nadmin,admin\n' }, 'complete');
    const decide = (digest: string, confirmedDisables: number) =>
      house.imports.plan(house.scope, house.actor, found.id, { digest, effectiveOn: null, confirmedDisables });
    await expect(decide(found.digest!, 0)).rejects.toMatchObject({ code: 'ROSTER.DISABLES_UNCONFIRMED' });
    await expect(decide('0'.repeat(64), 1)).rejects.toMatchObject({ code: 'ROSTER.OUTDATED' });
    await house.create('another', 'staff');
    await expect(decide(found.digest!, 1)).rejects.toMatchObject({ code: 'ROSTER.OUTDATED' });
    expect((await house.imports.check(house.scope, house.actor, found.id)).counts!.member.disabled).toBe(2);
  });

  it('that was handed over fails whole when the city changed before the worker came', async () => {
    const found = await house.checked({ members: 'ログインID,氏名\nadmin,新名\n' });
    await house.plan(found);
    await house.database.run(house.scope, (tx) =>
      house.directory.change(tx, SYSTEM, house.admin.id, { displayName: '別名' }),
    );
    await house.newRunner().runDue();
    expect(await house.view(found.id)).toMatchObject({ state: 'failed', failure: { code: 'ROSTER.OUTDATED' } });
    expect((await house.members()).admin!.displayName).toBe('別名');
    expect((await house.auditOf('roster-import.failed'))[0]?.outcome).toBe('failed');
  });

  it.each<[string, Files, string]>([
    ['bytes of no text', { members: Buffer.of(0x61, 0xff, 0xfd, 0x00) }, 'ROSTER.FILE_UNREADABLE'],
    ['no rows', { members: 'ログインID,氏名\n' }, 'ROSTER.TABLE_INVALID'],
    ['too many rows', { members: `ログインID,氏名\n${'a,b\n'.repeat(10_001)}` }, 'ROSTER.FILE_TOO_LARGE'],
    ['a column nobody knows', { members: 'ログインID,氏名,個人番号\na,b,c\n' }, 'ROSTER.TABLE_INVALID'],
  ])('of a file with %s keeps nothing of it', async (_, files, code) => {
    await expect(house.checked(files)).rejects.toMatchObject({ code });
    expect(await house.database.run(house.scope, (tx) => tx.query('SELECT 1 FROM roster_files'))).toEqual([]);
  });
});

describe('an import for a day to come', () => {
  const april = async (files: Files, mode: RosterMode = 'listed') => {
    const found = await house.checked(files, mode);
    return house.plan(found, '2027-04-01');
  };

  it('holds from 00:00 in Japan of that day, not a moment earlier, and once however many workers come', async () => {
    const { id } = await april({
      departments: DEPARTMENTS,
      members: 'ログインID,氏名,所属コード\nadmin,admin,zeimu\n',
    });
    house.clock.set(new Date(FIRST_OF_APRIL.getTime() - 1));
    expect(await house.newRunner().runDue()).toBe(0);
    house.clock.set(FIRST_OF_APRIL);
    const ended = await Promise.all([1, 2, 3].map(() => house.newRunner().runDue()));
    expect(ended.reduce((sum, count) => sum + count)).toBe(1);
    expect(await house.view(id)).toMatchObject({ state: 'applied' });
    expect(await house.auditOf('roster-import.applied')).toHaveLength(1);
  });

  it('can be withdrawn before it, and not after', async () => {
    const { id } = await april({ members: 'ログインID,氏名\nadmin,新名\n' });
    expect(await house.imports.cancel(house.scope, house.actor, id)).toMatchObject({ state: 'cancelled' });
    expect(await house.imports.cancel(house.scope, house.actor, id)).toMatchObject({ state: 'cancelled' });
    house.clock.set(FIRST_OF_APRIL);
    expect(await house.newRunner().runDue()).toBe(0);
    house.clock.set(MARCH);
    const other = await april({ members: 'ログインID,氏名\nadmin,新名\n' });
    house.clock.set(FIRST_OF_APRIL);
    await house.newRunner().runDue();
    await expect(house.imports.cancel(house.scope, house.actor, other.id)).rejects.toMatchObject({
      code: 'ROSTER.STEP_NOT_POSSIBLE',
    });
  });

  it('goes along with what changed meanwhile, but disables nobody who was not shown', async () => {
    await house.create('leaver', 'staff');
    const { id } = await april({ members: 'ログインID,氏名\nadmin,新名\n' }, 'complete');
    await house.create('late', 'staff');
    house.clock.set(FIRST_OF_APRIL);
    await house.newRunner().runDue();
    expect(await house.view(id)).toMatchObject({ state: 'failed', failure: { detail: expect.stringMatching(/1件/) } });
    expect((await house.members()).leaver!.status).toBe('active');

    house.clock.set(MARCH);
    const second = await april({ members: 'ログインID,氏名\nadmin,新名\nlate,late\n' }, 'complete');
    await house.database.run(house.scope, (tx) =>
      house.directory.change(tx, SYSTEM, house.admin.id, { displayName: '新名' }),
    );
    house.clock.set(FIRST_OF_APRIL);
    await house.newRunner().runDue();
    expect(await house.view(second.id)).toMatchObject({
      state: 'applied',
      counts: { member: { changed: 0, disabled: 1 } },
    });
  });

  it('fails whole when on its day it no longer fits', async () => {
    const second = await house.create('second', 'admin');
    const { id } = await april({ departments: DEPARTMENTS, members: 'ログインID,氏名,権限\nadmin,admin,職員\n' });
    await house.database.run(house.scope, (tx) => house.directory.change(tx, SYSTEM, second.id, { role: 'staff' }));
    house.clock.set(FIRST_OF_APRIL);
    await house.newRunner().runDue();
    expect(await house.view(id)).toMatchObject({
      state: 'failed',
      failure: { code: 'ROSTER.FAULTY', detail: expect.stringMatching(/管理者/) },
    });
    expect(await house.database.run(house.scope, (tx) => house.tree.list(tx))).toEqual([]);
  });

  it('is gone on with by another worker when the one that took it died', async () => {
    const { id } = await april({ members: 'ログインID,氏名\nadmin,新名\n' });
    house.clock.set(FIRST_OF_APRIL);
    const dead = await house.newDue().take();
    expect(dead).toMatchObject({ id, fence: 1 });
    expect(await house.newRunner().runDue()).toBe(0);
    house.clock.advance(60_001);
    expect(await house.newRunner().runDue()).toBe(1);
    expect(await house.view(id)).toMatchObject({ state: 'applied' });
  });

  it.each(['2027-03-20', '2027-03-19', '2028-04-01'])('cannot be planned for %s', async (day) => {
    const found = await house.checked({ members: 'ログインID,氏名\nadmin,新名\n' });
    await expect(house.plan(found, day)).rejects.toMatchObject({ code: 'ROSTER.DATE_INVALID' });
  });
});
