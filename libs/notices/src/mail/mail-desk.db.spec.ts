import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '#libs/kernel';
import { MailHouse } from './mail-house.fixture.ts';
import { MailPreferencesBook } from './mail-preferences.ts';

const HOUR_MS = 3_600_000;

describe('mails', () => {
  let house: MailHouse;
  beforeAll(async () => {
    house = await MailHouse.open();
  });
  afterAll(() => house.close());
  beforeEach(() => house.clear());

  const listed = () => house.ops.run((tx) => house.outbox.list(tx, null, { before: null, limit: 10 }));

  it('are seen by operations without words and without whom they are for, and sent again as they were', async () => {
    await house.enqueue();
    house.relay.answer = { code: 550 };
    await house.sendDue();
    const [failed] = await listed();
    expect(failed).toMatchObject({
      city: { id: house.city, code: '990019', name: '試験市' },
      state: 'failed',
      reason: 'rejected',
      relayCode: '550',
      address: 'a***@city.example.lg.jp',
      tries: 1,
    });
    expect(JSON.stringify(failed)).not.toMatch(/admin@|本文/);
    await expect(house.ops.run((tx) => tx.query('SELECT subject FROM mails'))).rejects.toThrow(/permission denied/);
    house.relay.answer = null;
    await house.ops.run((tx) => house.outbox.resend(tx, house.vendor, failed!.id));
    await house.sendDue();
    expect(house.relay.received).toMatchObject([{ to: ['admin@city.example.lg.jp'] }]);
    expect(house.relay.received[0]!.text).toContain('本文');
    await expect(house.ops.run((tx) => house.outbox.resend(tx, house.vendor, failed!.id))).rejects.toMatchObject({
      code: 'NOTICES.MAIL_OVER',
    });
    await expect(house.ops.run((tx) => house.outbox.resend(tx, house.vendor, newId()))).rejects.toMatchObject({
      code: 'REQUEST.NOT_FOUND',
    });
  });

  it('that were given up lose their words after 14 days, and are then sent no more', async () => {
    await house.enqueue();
    house.relay.answer = { code: 550 };
    await house.sendDue();
    house.clock.advance(14 * 24 * HOUR_MS - 1);
    await house.deliveries.eraseOver();
    const [kept] = await listed();
    expect(kept!.resendUntil).not.toBeNull();
    house.clock.advance(1);
    await house.deliveries.eraseOver();
    expect(await house.rows()).toEqual([{ state: 'failed', reason: 'rejected', tries: 1, words: null }]);
    await expect(house.ops.run((tx) => house.outbox.resend(tx, house.vendor, kept!.id))).rejects.toMatchObject({
      code: 'NOTICES.MAIL_OVER',
    });
  });

  it('are forgotten a bounded time after they were sent or given up, and no earlier', async () => {
    const [days, dayMs] = [60, 24 * HOUR_MS];
    await house.enqueue();
    await house.sendDue();
    house.clock.advance(dayMs);
    await house.enqueue();
    house.relay.answer = { code: 550 };
    await house.sendDue();
    await house.enqueue();
    house.clock.advance(days * dayMs);
    expect(await house.deliveries.forgetOver(days)).toBe(1);
    expect((await house.rows()).map(({ state }) => state)).toEqual(['failed', 'waiting']);
    house.clock.advance(1);
    expect(await house.deliveries.forgetOver(days)).toBe(1);
    // One that is still to be sent is no record yet, however old it is
    expect((await house.rows()).map(({ state }) => state)).toEqual(['waiting']);
  });

  it('of one thing reach a member once, however often and at the same time it is told', async () => {
    await Promise.all([house.enqueueWithin({ about: '2026-06 80' }), house.enqueueWithin({ about: '2026-06 80' })]);
    await house.enqueueWithin({ about: '2026-06 80', to: { admins: true, memberIds: [house.admin] } });
    await house.enqueueWithin({ about: '2026-06 100' });
    await house.enqueueWithin({ about: '2026-06 50', to: { admins: true, but: house.admin } });
    expect(await house.rows()).toHaveLength(2);
  });

  it('are not sent to who does without them, but what needs an answer is', async () => {
    const { scope, admin, database } = house;
    const book = new MailPreferencesBook();
    await house.enqueueWithin();
    await house.enqueue({ kind: 'content-access.asked' });
    await database.run(scope, (tx) => book.refuse(tx, admin, ['top-up', 'maintenance']));
    expect(await database.run(scope, (tx) => book.read(tx, admin))).toMatchObject({
      address: 'admin@city.example.lg.jp',
      refused: expect.arrayContaining(['top-up', 'maintenance']),
    });
    await house.sendDue();
    expect(await house.rows()).toMatchObject([{ state: 'dropped' }, { state: 'sent' }]);
    await database.run(scope, (tx) => book.refuse(tx, admin, []));
    await house.enqueueWithin({ about: 'again' });
    await house.sendDue();
    expect(house.relay.received).toHaveLength(2);
  });

  it('that let in whoever reads them lie under the city’s key, and are taken back unsent', async () => {
    const { scope, admin, database, mailer } = house;
    const seal = await house.seals.forTenant(scope);
    const invite = (link: string) =>
      database.run(scope, (tx) =>
        mailer.enqueueSealed(tx, seal, { kind: 'invitation.issued', memberId: admin, subject: '招待', body: link }),
      );
    await invite('https://moyai.example/first');
    await database.run(scope, (tx) => mailer.recall(tx, 'invitation.issued', admin));
    await invite('https://moyai.example/second');
    const { rows: stored } = await house.superuser.query<{ text: string }>('SELECT m::text AS text FROM mails m');
    const hex = Buffer.from('moyai.example').toString('hex');
    for (const { text } of stored) expect(text).not.toMatch(new RegExp(`moyai\\.example|${hex}`));
    await house.sendDue();
    expect(house.relay.received.map(({ text }) => text.trim())).toEqual(['https://moyai.example/second']);
    expect(await house.rows()).toMatchObject([
      { state: 'dropped', words: null },
      { state: 'sent', words: null },
    ]);
  });
});
