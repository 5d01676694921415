import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, OpsDatabase, TenantDatabase, createDataSource } from '#libs/database';
import { type TenantId, newId, tenantId } from '#libs/kernel';
import { createLogger } from '#libs/observability';
import { MAILS_SEND, type MailDelivery, QueueHost } from '#libs/queue';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { MaintenanceNotices } from '../maintenance-notices.ts';
import { MailDeliveries } from './mail-deliveries.ts';
import { MailRelay } from './mail-relay.fixture.ts';
import { MailRunner } from './mail-runner.ts';
import { Mailer } from './mailer.ts';

const HOUR_MS = 3_600_000;
const FROM = 'moyai@vendor.example.jp';
const MAIL = { kind: 'maintenance.announced', subject: '保守', body: '本文' } as const;

describe('mails to the administrators of cities', () => {
  let test: TestDatabase;
  let superuser: Client;
  let sources: DataSource[];
  let ops: OpsDatabase;
  let queues: QueueHost;
  let relay: MailRelay;
  let clock: FrozenClock;
  let mailer: Mailer;
  let runner: MailRunner;
  let deliveries: MailDeliveries;
  let city: TenantId;
  let other: TenantId;
  const vendor = { type: 'vendor', id: newId() } as const;

  beforeAll(async () => {
    test = await createTestDatabase();
    superuser = new Client({ connectionString: test.urls.superuser });
    await superuser.connect();
    const { app, ops: opsUrl, admission } = test.urls;
    sources = await Promise.all([app, opsUrl, admission].map((url) => createDataSource(url, 4).initialize()));
    ops = new OpsDatabase(sources[1]!);
    queues = new QueueHost({ backend: 'postgres', url: admission });
    relay = await MailRelay.start();
    await superuser.query(
      `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
         created_at, updated_at) VALUES ($1, 'ops', 'ops', '運用 太郎', 'ops', 'x', now(), now(), now())`,
      [vendor.id],
    );
    [city, other] = [await seedCity('990019'), await seedCity('990027')];
    await seedMember(city, { mail: 'admin@city.example.lg.jp' });
    await seedMember(city, { mail: null });
    await seedMember(city, { mail: 'gone@city.example.lg.jp', status: 'disabled' });
    await seedMember(city, { mail: 'staff@city.example.lg.jp', role: 'staff' });
    await seedMember(other, { mail: 'admin@other.example.lg.jp' });
  });
  afterAll(async () => {
    await queues.onApplicationShutdown();
    await Promise.all([...sources.map((source) => source.destroy()), superuser.end()]);
    await relay[Symbol.asyncDispose]();
    await test.drop();
  });
  beforeEach(async () => {
    await superuser.query('TRUNCATE mails');
    relay.received.length = 0;
    relay.answer = null;
    clock = new FrozenClock();
    mailer = new Mailer({ isOn: true }, clock);
    const log = createLogger('spec', { level: 'silent' });
    runner = new MailRunner({ from: FROM, url: relay.url }, new TenantDatabase(sources[0]!), clock, log);
    deliveries = new MailDeliveries(queues, runner, new AdmissionDatabase(sources[2]!), clock, log);
  });

  const seedCity = async (code: string): Promise<TenantId> => {
    const id = tenantId(newId());
    await superuser.query(
      `INSERT INTO tenants (id, code, name, created_at, updated_at) VALUES ($1, $2, '試験市', now(), now())`,
      [id, code],
    );
    return id;
  };
  const seedMember = (of: TenantId, { mail = null as string | null, role = 'admin', status = 'active' }) =>
    superuser.query(
      `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, status, mail_address,
         password_changed_at, created_at, updated_at) VALUES ($1, $2, $3, $3, '職員', $4, 'lgwan', $5, $6, now(), now(), now())`,
      [of, newId(), newId(), role, status, mail],
    );
  const enqueue = (mail: Partial<Parameters<Mailer['enqueue']>[1]> = {}) =>
    ops.run((tx) => mailer.enqueue(tx, { ...MAIL, adminsOf: [other], ...mail }));
  /** Every one due, as the queue would hand it over. */
  const sendDue = async (): Promise<void> => {
    const due = await superuser.query<{ tenant_id: TenantId; id: string }>(
      `SELECT tenant_id, id FROM mails WHERE state = 'waiting'`,
    );
    for (const { tenant_id, id } of due.rows) await runner.send(tenant_id, id);
  };
  const rows = async () =>
    (
      await superuser.query<{ state: string; reason: string | null; tries: number; words: string | null }>(
        `SELECT state, reason, tries, subject || body AS words FROM mails ORDER BY state`,
      )
    ).rows;

  it('go with the maintenance they tell of, to active administrators with an address alone, and keep no words', async () => {
    const notices = new MaintenanceNotices(mailer, new AuditTrail(clock), clock);
    const startsAt = new Date(clock.now().getTime() + HOUR_MS);
    const notice = {
      severity: 'warning',
      title: '月次の保守作業（データベースの更新）に伴うサービスの停止について',
      body: '一時的に回答が遅くなります。',
      startsAt,
      endsAt: new Date(startsAt.getTime() + HOUR_MS),
      cityIds: [city],
      onSignIn: false,
    } as const;
    await ops.run((tx) => notices.announce(tx, vendor, notice, 'key'));
    await ops.run((tx) => notices.announce(tx, vendor, notice, 'key'));
    await sendDue();
    expect(relay.received.map(({ to }) => to)).toEqual([['admin@city.example.lg.jp']]);
    const [{ headers, text }] = relay.received as [(typeof relay.received)[number]];
    expect(headers.get('subject')).toBe(`【Moyai】保守のお知らせ：${notice.title}`);
    expect(headers.get('to')).toBe('admin@city.example.lg.jp');
    expect(headers.get('auto-submitted')).toBe('auto-generated');
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(text).toContain(
      '日時：2026年6月10日 11:00 から 2026年6月10日 12:00 まで（日本時間）\n\n一時的に回答が遅くなります。',
    );
    expect(await rows()).toEqual([
      { state: 'dropped', reason: null, tries: 1, words: null },
      { state: 'sent', reason: null, tries: 1, words: null },
    ]);
  });

  it('are sent once, by whichever of two workers took it, under the id of their row', async () => {
    await enqueue();
    await Promise.all([sendDue(), sendDue()]);
    expect(relay.received).toHaveLength(1);
    const { rows: kept } = await superuser.query<{ id: string }>('SELECT id FROM mails');
    expect(relay.received[0]!.headers.get('message-id')).toBe(`<${kept[0]!.id}@vendor.example.jp>`);
  });

  it('are tried again when the relay asks for it, not before the pause is over', async () => {
    await enqueue();
    relay.answer = { code: 451 };
    await sendDue();
    relay.answer = null;
    await sendDue();
    expect(relay.received).toHaveLength(0);
    clock.advance(60_000);
    await sendDue();
    expect(relay.received).toHaveLength(1);
    expect(await rows()).toEqual([{ state: 'sent', reason: null, tries: 2, words: null }]);
  });

  it('are given up at once when refused for good, after six tries when not taken, and counted', async () => {
    await enqueue();
    relay.answer = { code: 550 };
    await sendDue();
    expect(await rows()).toEqual([{ state: 'failed', reason: 'rejected', tries: 1, words: null }]);
    await enqueue();
    relay.answer = { code: 451 };
    for (let round = 0; round < 6; round += 1) {
      await sendDue();
      clock.advance(4 * HOUR_MS);
    }
    await enqueue();
    expect(await ops.run((tx) => mailer.counts(tx))).toEqual({ isOn: true, waiting: 1, rejected: 1, unreachable: 1 });
    expect(relay.received).toHaveLength(0);
  });

  it('never hold up the words of others in a header, nor a second receiver in an address', async () => {
    await expect(enqueue({ subject: '保守\r\nBcc: all@evil.example' })).rejects.toThrow(/mails_subject_check/);
    expect(await rows()).toEqual([]);
    const third = await seedCity('990035');
    await seedMember(third, { mail: 'a@city.example.lg.jp, b@evil.example' });
    await seedMember(third, { mail: 'a@city.example.lg.jp\r\nBcc: b@evil.example' });
    await enqueue({ adminsOf: [third] });
    await sendDue();
    expect(relay.received).toHaveLength(0);
    expect((await rows()).map(({ reason }) => reason)).toEqual(['address', 'address']);
  });

  it('are not even written down where no relay is configured', async () => {
    mailer = new Mailer({ isOn: false }, clock);
    await enqueue({ adminsOf: null });
    expect(await rows()).toEqual([]);
    expect(await ops.run((tx) => mailer.counts(tx))).toEqual({ isOn: false, waiting: 0, rejected: 0, unreachable: 0 });
  });

  it('reach the worker through the queue, and again when its entry was lost', async () => {
    await enqueue();
    const taken: MailDelivery[] = [];
    expect(await deliveries.deliverDue()).toBe(1);
    expect(await deliveries.deliverDue()).toBe(0);
    clock.advance(HOUR_MS);
    expect(await deliveries.deliverDue()).toBe(1);
    const send = async (delivery: MailDelivery): Promise<void> => {
      taken.push(delivery);
      await runner.send(delivery.tenantId, delivery.mailId);
    };
    const consumer = await queues.consume(MAILS_SEND, 1, send, () => undefined);
    onTestFinished(() => consumer.close());
    await expect.poll(() => taken.map(({ delivery }) => delivery)).toEqual([1, 2]);
    await expect.poll(rows).toEqual([{ state: 'sent', reason: null, tries: 1, words: null }]);
    expect(relay.received).toHaveLength(1);
  });
});
