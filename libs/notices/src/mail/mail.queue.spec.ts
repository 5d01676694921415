import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { AuditTrail } from '#libs/audit';
import type { TenantId } from '#libs/kernel';
import { MAILS_SEND, type MailDelivery } from '#libs/queue';
import { MaintenanceNotices } from '../maintenance-notices.ts';
import { MailHouse } from './mail-house.fixture.ts';

const HOUR_MS = 3_600_000;

describe('mails to the administrators of cities', () => {
  let house: MailHouse;
  let crowded: TenantId;
  beforeAll(async () => {
    house = await MailHouse.open();
    crowded = await house.seedCity('990027');
    await house.seedMember(crowded, { mail: 'admin@other.example.lg.jp' });
    await house.seedMember(crowded, { mail: null });
    await house.seedMember(crowded, { mail: 'gone@other.example.lg.jp', status: 'disabled' });
    await house.seedMember(crowded, { mail: 'staff@other.example.lg.jp', role: 'staff' });
  });
  afterAll(() => house.close());
  beforeEach(() => house.clear());

  it('go with the maintenance they tell of, to active administrators with an address alone, and keep no words', async () => {
    const notices = new MaintenanceNotices(house.mailer, new AuditTrail(house.clock), house.clock);
    const startsAt = new Date(house.clock.now().getTime() + HOUR_MS);
    const notice = {
      severity: 'warning',
      title: '月次の保守作業（データベースの更新）に伴うサービスの停止について',
      body: '一時的に回答が遅くなります。',
      startsAt,
      endsAt: new Date(startsAt.getTime() + HOUR_MS),
      cityIds: [crowded],
      onSignIn: false,
    } as const;
    await house.ops.run((tx) => notices.announce(tx, house.vendor, notice, 'key'));
    await house.ops.run((tx) => notices.announce(tx, house.vendor, notice, 'key'));
    await house.sendDue();
    expect(house.relay.received.map(({ to }) => to)).toEqual([['admin@other.example.lg.jp']]);
    const [{ headers, text }] = house.relay.received as [(typeof house.relay.received)[number]];
    expect(headers.get('subject')).toBe(`【Moyai】保守のお知らせ：${notice.title}`);
    expect(headers.get('to')).toBe('admin@other.example.lg.jp');
    expect(headers.get('auto-submitted')).toBe('auto-generated');
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(text).toContain(
      '日時：2026年6月10日 11:00 から 2026年6月10日 12:00 まで（日本時間）\n\n一時的に回答が遅くなります。',
    );
    expect(await house.rows()).toEqual([
      { state: 'dropped', reason: null, tries: 1, words: null },
      { state: 'sent', reason: null, tries: 1, words: null },
    ]);
  });

  it('are sent once, by whichever of two workers took it, under the id of their row', async () => {
    await house.enqueue();
    await Promise.all([house.sendDue(), house.sendDue()]);
    expect(house.relay.received).toHaveLength(1);
    const { rows: kept } = await house.superuser.query<{ id: string }>('SELECT id FROM mails');
    expect(house.relay.received[0]!.headers.get('message-id')).toBe(`<${kept[0]!.id}@vendor.example.jp>`);
  });

  it('are tried again when the relay asks for it, not before the pause is over', async () => {
    await house.enqueue();
    house.relay.answer = { code: 451 };
    await house.sendDue();
    house.relay.answer = null;
    await house.sendDue();
    expect(house.relay.received).toHaveLength(0);
    house.clock.advance(60_000);
    await house.sendDue();
    expect(house.relay.received).toHaveLength(1);
    expect(await house.rows()).toEqual([{ state: 'sent', reason: null, tries: 2, words: null }]);
  });

  it('are given up at once when refused for good, after six tries when not taken, and counted', async () => {
    await house.enqueue();
    house.relay.answer = { code: 550 };
    await house.sendDue();
    expect(await house.rows()).toEqual([{ state: 'failed', reason: 'rejected', tries: 1, words: '保守本文' }]);
    await house.enqueue();
    house.relay.answer = { code: 451 };
    for (let round = 0; round < 6; round += 1) {
      await house.sendDue();
      house.clock.advance(4 * HOUR_MS);
    }
    await house.enqueue();
    expect(await house.ops.run((tx) => house.outbox.counts(tx))).toEqual({
      isOn: true,
      waiting: 1,
      rejected: 1,
      unreachable: 1,
    });
    expect(house.relay.received).toHaveLength(0);
  });

  it('never hold up the words of others in a header, nor a second receiver in an address', async () => {
    await expect(house.enqueue({ subject: '保守\r\nBcc: all@evil.example' })).rejects.toThrow(/mails_subject_check/);
    expect(await house.rows()).toEqual([]);
    const third = await house.seedCity('990035');
    await house.seedMember(third, { mail: 'a@city.example.lg.jp, b@evil.example' });
    await house.seedMember(third, { mail: 'a@city.example.lg.jp\r\nBcc: b@evil.example' });
    await house.enqueue({ adminsOf: [third] });
    await house.sendDue();
    expect(house.relay.received).toHaveLength(0);
    expect((await house.rows()).map(({ reason }) => reason)).toEqual(['address', 'address']);
  });

  it('are not even written down where no relay is configured', async () => {
    await house.clear(false);
    await house.enqueue({ adminsOf: null });
    await house.enqueueWithin();
    expect(await house.rows()).toEqual([]);
    expect(await house.ops.run((tx) => house.outbox.counts(tx))).toEqual({
      isOn: false,
      waiting: 0,
      rejected: 0,
      unreachable: 0,
    });
  });

  it('reach the worker through the queue, and again when its entry was lost', async () => {
    await house.enqueue();
    const taken: MailDelivery[] = [];
    expect(await house.deliveries.deliverDue()).toBe(1);
    expect(await house.deliveries.deliverDue()).toBe(0);
    house.clock.advance(HOUR_MS);
    expect(await house.deliveries.deliverDue()).toBe(1);
    const send = async (delivery: MailDelivery): Promise<void> => {
      taken.push(delivery);
      await house.runner.send(delivery.tenantId, delivery.mailId);
    };
    const consumer = await house.queues.consume(MAILS_SEND, 1, send, () => undefined);
    onTestFinished(() => consumer.close());
    await expect.poll(() => taken.map(({ delivery }) => delivery)).toEqual([1, 2]);
    await expect.poll(() => house.rows()).toEqual([{ state: 'sent', reason: null, tries: 1, words: null }]);
    expect(house.relay.received).toHaveLength(1);
  });
});
