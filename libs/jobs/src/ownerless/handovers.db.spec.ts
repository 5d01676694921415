import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '#libs/kernel';
import { LeavingCity, type Person } from './leaving-city.fixture.ts';

let city: LeavingCity;
beforeAll(async () => {
  city = await LeavingCity.open();
});
afterAll(() => city.close());
beforeEach(() => city.found());

const here = () => city.database.run(city.scope, (tx) => city.content.list(tx, { after: '', limit: 50 }));
const someAdmin = () => city.person('admin', { role: 'admin' }).then(({ id }) => ({ type: 'member', id }) as const);

describe('content without an owner', () => {
  it('is that of members who were disabled, whose rights ended or who work on another network, and of nobody else', async () => {
    await city.person('here');
    await city.person('disabled', { left: '2027-03-15T00:00:00Z' });
    await city.person('ended', { expiresOn: '2027-04-01' });
    await city.person('ends', { expiresOn: '2027-04-02' });
    const moved = await city.person('moved');
    await city.all(
      `UPDATE members SET segment = 'my_number', updated_at = '2027-03-20T00:00:00Z' WHERE id = $1`,
      moved.id,
    );
    expect((await here()).map(({ loginId, leftAt }) => [loginId, leftAt.toISOString()])).toEqual([
      ['disabled', '2027-03-15T00:00:00.000Z'],
      ['ended', '2027-03-31T15:00:00.000Z'],
      ['moved', '2027-03-20T00:00:00.000Z'],
    ]);
  });

  it('keeps the day somebody left when they are changed afterwards, and forgets it when they come back', async () => {
    const { id } = await city.person('left', { left: '2027-03-15T00:00:00Z' });
    await city.all(`UPDATE members SET display_name = 'x', status = 'disabled', updated_at = now() WHERE id = $1`, id);
    expect((await here())[0]!.leftAt.toISOString()).toBe('2027-03-15T00:00:00.000Z');
    await city.all(`UPDATE members SET status = 'active', updated_at = now() WHERE id = $1`, id);
    expect(await here()).toEqual([]);
  });
});

describe('a handover', () => {
  it('gives conversations, batches and templates to a named member, once however often it is sent, and is recorded without a word', async () => {
    const [admin, from, to] = [
      await someAdmin(),
      await city.person('from', { left: '2027-03-15' }),
      await city.person('to'),
    ];
    const [batch, template] = [await city.batchOf(from.id), await city.templateOf(from.id)];
    const wish = { id: newId(), from: from.id, toLoginIdKey: 'to', reason: '後任への引き継ぎ' };
    const give = () => city.database.run(city.scope, (tx) => city.handovers.handOver(tx, admin, wish));
    expect(await give()).toMatchObject({
      from: 'from',
      to: 'to',
      decidedBy: 'admin',
      conversations: 1,
      batches: 1,
      templates: 1,
    });
    expect(await give()).toMatchObject({ id: wish.id, conversations: 1 });
    expect(await city.ownerOf('conversations', from.conversation)).toBe(to.id);
    expect(await city.ownerOf('batches', batch)).toBe(to.id);
    expect(await city.ownerOf('templates', template)).toBe(to.id);
    expect(await here()).toEqual([]);
    const [entry, ...others] = await city.trail('content.handed-over');
    expect(others).toEqual([]);
    expect(entry).toEqual({ handoverId: wish.id, to: to.id, conversations: 1, batches: 1, templates: 1 });
  });

  it.each<[string, Person, Person, string, string]>([
    ['of somebody who is there', {}, {}, 'to', 'HANDOVERS.OWNER_PRESENT'],
    ['to somebody who left', { left: '2027-03-15' }, { left: '2027-03-15' }, 'to', 'HANDOVERS.HEIR_NOT_PRESENT'],
    ['to another network', { left: '2027-03-15' }, { segment: 'my_number' }, 'to', 'HANDOVERS.HEIR_NOT_PRESENT'],
    ['to an auditor', { left: '2027-03-15' }, { role: 'auditor' }, 'to', 'HANDOVERS.HEIR_NOT_PRESENT'],
    ['to nobody', { left: '2027-03-15' }, {}, 'whoever', 'HANDOVERS.HEIR_NOT_PRESENT'],
    ['to the one who decides', { left: '2027-03-15' }, {}, 'admin', 'HANDOVERS.TO_ONESELF'],
  ])('is refused %s', async (_, whose, whom, toLoginIdKey, code) => {
    const [admin, from] = [await someAdmin(), await city.person('from', whose)];
    await city.person('to', whom);
    const wish = { id: newId(), from: from.id, toLoginIdKey, reason: '理由' };
    await expect(city.database.run(city.scope, (tx) => city.handovers.handOver(tx, admin, wish))).rejects.toMatchObject(
      { code },
    );
    expect(await city.ownerOf('conversations', from.conversation)).toBe(from.id);
  });

  it('is the only way to another owner: the app’s role may not write that column, nor a handover', async () => {
    const [from, to] = [await city.person('from', { left: '2027-03-15' }), await city.person('to')];
    for (const sql of [
      `UPDATE conversations SET member_id = '${to.id}' WHERE member_id = '${from.id}'`,
      `UPDATE batches SET member_id = '${to.id}'`,
      `UPDATE templates SET member_id = '${to.id}'`,
      `UPDATE templates SET department_id = NULL`,
      `UPDATE handovers SET reason = 'x'`,
    ])
      await expect(city.database.run(city.scope, (tx) => tx.query(sql))).rejects.toMatchObject({ code: '42501' });
  });

  it('is taken back within thirty days, but for what the new owner has gone on with', async () => {
    const [admin, from, to] = [
      await someAdmin(),
      await city.person('from', { left: '2027-03-15' }),
      await city.person('to'),
    ];
    const gone = await city.person('gone', { left: '2027-03-15' });
    await city.all('UPDATE conversations SET member_id = $2 WHERE id = $1', gone.conversation, from.id);
    const [untouched, changed] = [await city.templateOf(from.id), await city.templateOf(from.id)];
    const id = newId();
    const wish = { id, from: from.id, toLoginIdKey: 'to', reason: '理由' };
    await city.database.run(city.scope, (tx) => city.handovers.handOver(tx, admin, wish));
    await city.ask(gone.conversation, to.id);
    await city.all(`UPDATE templates SET updated_at = '2027-04-02' WHERE id = $1`, changed);
    const takeBack = () => city.database.run(city.scope, (tx) => city.handovers.takeBack(tx, admin, id));
    expect(await takeBack()).toEqual({ conversations: 1, batches: 0, templates: 1 });
    expect(await city.ownerOf('conversations', from.conversation)).toBe(from.id);
    expect(await city.ownerOf('conversations', gone.conversation)).toBe(to.id);
    expect(await city.ownerOf('templates', untouched)).toBe(from.id);
    expect(await city.ownerOf('templates', changed)).toBe(to.id);
    await expect(takeBack()).rejects.toMatchObject({ code: 'HANDOVERS.TAKE_BACK_OVER' });

    const again = { ...wish, id: newId() };
    await city.database.run(city.scope, (tx) => city.handovers.handOver(tx, admin, again));
    city.clock.set('2027-05-02T01:00:00Z');
    await expect(
      city.database.run(city.scope, (tx) => city.handovers.takeBack(tx, admin, again.id)),
    ).rejects.toMatchObject({
      code: 'HANDOVERS.TAKE_BACK_OVER',
    });
  });
});
