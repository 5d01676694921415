import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEPARTMENTS, FIRST_OF_APRIL, MARCH, RosterHouse } from './roster-house.fixture.ts';

let house: RosterHouse;
beforeAll(async () => {
  house = await RosterHouse.open();
});
afterAll(() => house.close());
beforeEach(() => house.begin());

describe('a line of a plan', () => {
  const withdraw = (id: string, subject: 'department' | 'member', key: string) => house.withdraw(id, { subject, key });

  it('is withdrawn before its day: whom it is about stays as they are, and the rest happens', async () => {
    await house.create('leaver', 'staff');
    await house.create('stayer', 'staff');
    const found = await house.checked(
      { members: 'ログインID,氏名,権限\nadmin,admin,管理者\nnew,新任,職員\n' },
      'complete',
    );
    await house.plan(found, '2027-04-01');
    const after = await withdraw(found.id, 'member', 'stayer');
    expect(after).toMatchObject({ state: 'planned', total: 2, withdrawn: [{ subject: 'member', key: 'stayer' }] });
    expect(after.counts!.member).toMatchObject({ added: 1, disabled: 1 });
    expect(await withdraw(found.id, 'member', 'stayer')).toEqual(after);
    const [entry] = await house.auditOf('roster-import.line-withdrawn');
    expect(JSON.parse(entry!.details)).toMatchObject({ line: 'member stayer', kind: 'disabled', digest: after.digest });
    expect(await house.database.run(house.scope, (tx) => house.changes.digest(tx, found.id))).toBe(after.digest);

    house.clock.set(FIRST_OF_APRIL);
    expect(await house.newRunner().runDue()).toBe(1);
    expect(await house.view(found.id)).toMatchObject({ state: 'applied', failure: null });
    const people = await house.members();
    expect(people.stayer).toMatchObject({ status: 'active' });
    expect(people.leaver).toMatchObject({ status: 'disabled' });
    expect(people.new).toMatchObject({ status: 'active' });
  });

  it('stays where the others need it, where it is the only one, and once its day has come', async () => {
    await house.create('second', 'staff');
    const found = await house.checked({
      departments: DEPARTMENTS,
      members: 'ログインID,氏名,所属コード,権限\nadmin,admin,,職員\nsecond,second,zeimu,管理者\n',
    });
    // Nobody could come in who may mend anything
    await house.plan(found, '2027-04-01');
    await expect(withdraw(found.id, 'member', 'second')).rejects.toMatchObject({ code: 'ROSTER.FAULTY' });
    // Somebody is moved there
    await expect(withdraw(found.id, 'department', 'zeimu')).rejects.toMatchObject({ code: 'ROSTER.FAULTY' });
    await expect(withdraw(found.id, 'member', 'nobody')).rejects.toMatchObject({ code: 'REQUEST.NOT_FOUND' });
    expect(await house.view(found.id)).toMatchObject({ total: 4, withdrawn: [] });
    house.clock.set(FIRST_OF_APRIL);
    await expect(withdraw(found.id, 'member', 'admin')).rejects.toMatchObject({ code: 'ROSTER.STEP_NOT_POSSIBLE' });

    house.clock.set(MARCH);
    const single = await house.checked({ members: 'ログインID,氏名\nonly,一人\n' });
    await house.plan(single, '2027-04-01');
    await expect(withdraw(single.id, 'member', 'only')).rejects.toMatchObject({ code: 'ROSTER.NOTHING_TO_APPLY' });
  });
});
