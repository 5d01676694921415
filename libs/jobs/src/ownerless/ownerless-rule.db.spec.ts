import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LeavingCity, NOW } from './leaving-city.fixture.ts';
import type { OwnerlessRule } from './ownerless-rules.ts';

let city: LeavingCity;
beforeAll(async () => {
  city = await LeavingCity.open();
});
afterAll(() => city.close());
beforeEach(() => city.found());

const here = () => city.database.run(city.scope, (tx) => city.content.list(tx, { after: '', limit: 50 }));
const setRule = (rule: OwnerlessRule) =>
  city.database.run(city.scope, (tx) => city.rules.change(tx, { type: 'system', id: null }, rule));

describe('the rule of a network', () => {
  const sweep = () => Promise.all(city.sweepers.map((sweeper) => sweeper.sweep()));
  const later = (days: number) => city.clock.set(new Date(Date.parse(NOW) + days * 86_400_000));

  it('gives to the nearest manager above, its days after the rule was set and not before, once with two workers', async () => {
    const from = await city.person('from', { left: '2027-01-15' });
    const boss = await city.person('boss', { role: 'manager', department: city.bureau });
    const template = await city.templateOf(from.id);
    await setRule({ rule: 'manager', afterDays: 7 });
    later(6.9);
    await sweep();
    expect(await city.ownerOf('conversations', from.conversation)).toBe(from.id);
    expect((await here())[0]).toMatchObject({ heir: { id: boss.id, displayName: 'boss' } });
    later(7.1);
    const swept = await sweep();
    expect(swept.map(({ handedOver }) => handedOver).toSorted((a, b) => a - b)).toEqual([0, 1]);
    expect(await city.ownerOf('conversations', from.conversation)).toBe(boss.id);
    expect(await city.ownerOf('templates', template)).toBe(boss.id);
    expect(
      await city.database.run(city.scope, (tx) => city.handovers.list(tx, { before: null, limit: 5 })),
    ).toMatchObject([{ from: 'from', to: 'boss', decidedBy: null, reason: null }]);
  });

  it('keeps where there is no manager', async () => {
    const from = await city.person('from', { left: '2027-01-15' });
    await city.person('elsewhere', { role: 'manager', segment: 'my_number' });
    await setRule({ rule: 'manager', afterDays: 7 });
    later(30);
    await sweep();
    expect(await city.ownerOf('conversations', from.conversation)).toBe(from.id);
  });

  it('erases words and files for good, but those of a running job, and leaves the rows behind the bill', async () => {
    const [from, busy] = [
      await city.person('from', { left: '2027-01-15' }),
      await city.person('busy', { left: '2027-01-15' }, true),
    ];
    const [batch, there] = [await city.batchOf(from.id), await city.person('there')];
    const template = await city.templateOf(from.id);
    await setRule({ rule: 'delete', afterDays: 7 });
    later(8);
    await sweep();
    expect(await city.ownerOf('conversations', from.conversation)).toBeUndefined();
    expect(await city.ownerOf('batches', batch)).toBeUndefined();
    expect(await city.ownerOf('templates', template)).toBeUndefined();
    expect(await city.ownerOf('conversations', busy.conversation)).toBe(busy.id);
    expect(await city.ownerOf('conversations', there.conversation)).toBe(there.id);
    const jobs = await city.all<{ erased: boolean }>(
      'SELECT input_sealed IS NULL AS erased FROM jobs WHERE member_id = $1',
      from.id,
    );
    expect(jobs).toEqual([{ erased: true }]);
    expect(await city.trail('content.ownerless-erased')).toEqual([{ conversations: 1, batches: 1, templates: 1 }]);
    expect((await sweep()).every(({ erased }) => erased === 0)).toBe(true);
  });

  it('does nothing for those who came back, in a city that is leaving, or once it keeps again', async () => {
    const [back, from] = [
      await city.person('back', { left: '2027-01-15' }),
      await city.person('from', { left: '2027-01-15' }),
    ];
    await setRule({ rule: 'delete', afterDays: 7 });
    later(30);
    await city.all(`UPDATE members SET status = 'active' WHERE id = $1`, back.id);
    await city.all(`UPDATE tenants SET status = 'frozen' WHERE id = $1`, city.scope.tenantId);
    await sweep();
    await city.all(`UPDATE tenants SET status = 'active' WHERE id = $1`, city.scope.tenantId);
    await setRule({ rule: 'keep', afterDays: 7 });
    await sweep();
    expect(await city.ownerOf('conversations', back.conversation)).toBe(back.id);
    expect(await city.ownerOf('conversations', from.conversation)).toBe(from.id);
  });

  it('counts its days anew only when it changes', async () => {
    await city.person('from', { left: '2027-01-15' });
    await setRule({ rule: 'delete', afterDays: 30 });
    const [before] = await here();
    later(5);
    await setRule({ rule: 'delete', afterDays: 30 });
    expect((await here())[0]!.dueAt).toEqual(before!.dueAt);
    await setRule({ rule: 'delete', afterDays: 31 });
    expect((await here())[0]!.dueAt).not.toEqual(before!.dueAt);
    expect(await city.trail('ownerless-rule.changed')).toHaveLength(2);
  });
});
