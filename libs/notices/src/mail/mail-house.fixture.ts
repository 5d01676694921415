import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit';
import {
  AdmissionDatabase,
  ContentSeal,
  LocalKeyService,
  OpsDatabase,
  TenantDatabase,
  createDataSource,
} from '#libs/database';
import { type TenantId, newId, tenantId } from '#libs/kernel';
import { Metrics, createLogger } from '#libs/observability';
import { QueueHost } from '#libs/queue';
import { FrozenClock, MailRelay, type TestDatabase, createTestDatabase } from '#libs/testing';
import { MailDeliveries } from './mail-deliveries.ts';
import { MailOutbox } from './mail-outbox.ts';
import { MailRunner } from './mail-runner.ts';
import { type CityMail, Mailer } from './mailer.ts';

export const FROM = 'moyai@vendor.example.jp';
export const MAIL = { kind: 'maintenance.announced', subject: '保守', body: '本文' } as const;

/** A city with an administrator, one of the vendor's people, a real database and a real relay. */
export class MailHouse {
  readonly vendor = { type: 'vendor', id: newId() } as const;
  readonly seals: ContentSeal;
  clock = new FrozenClock();
  mailer!: Mailer;
  outbox!: MailOutbox;
  runner!: MailRunner;
  deliveries!: MailDeliveries;
  city!: TenantId;
  /** Of the city, at admin@city.example.lg.jp. */
  admin!: string;

  private constructor(
    private readonly test: TestDatabase,
    private readonly sources: readonly DataSource[],
    private readonly folder: string,
    readonly superuser: Client,
    readonly database: TenantDatabase,
    readonly ops: OpsDatabase,
    readonly queues: QueueHost,
    readonly relay: MailRelay,
  ) {
    this.seals = new ContentSeal(database, new LocalKeyService(join(folder, 'keys')));
    this.begin();
  }

  static async open(): Promise<MailHouse> {
    const test = await createTestDatabase();
    const { app, ops, admission } = test.urls;
    const superuser = new Client({ connectionString: test.urls.superuser });
    await superuser.connect();
    const sources = await Promise.all([app, ops, admission].map((url) => createDataSource(url, 4).initialize()));
    const house = new MailHouse(
      test,
      sources,
      mkdtempSync(join(tmpdir(), 'moyai-mails-')),
      superuser,
      new TenantDatabase(sources[0]!),
      new OpsDatabase(sources[1]!),
      new QueueHost({ backend: 'postgres', url: admission }),
      await MailRelay.start(),
    );
    await superuser.query(
      `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
         created_at, updated_at) VALUES ($1, 'ops', 'ops', '運用 太郎', 'ops', 'x', now(), now(), now())`,
      [house.vendor.id],
    );
    house.city = await house.seedCity('990019');
    house.admin = await house.seedMember(house.city, { mail: 'admin@city.example.lg.jp' });
    return house;
  }

  async close(): Promise<void> {
    await this.queues.onApplicationShutdown();
    await Promise.all([...this.sources.map((source) => source.destroy()), this.superuser.end()]);
    await this.relay[Symbol.asyncDispose]();
    await this.test.drop();
    rmSync(this.folder, { recursive: true });
  }

  /** Another day, with nothing mailed yet. @param isOn whether there is a relay as far as writers know */
  async clear(isOn = true): Promise<void> {
    await this.superuser.query('TRUNCATE mails, mail_refusals');
    this.relay.received.length = 0;
    this.relay.answer = null;
    this.clock = new FrozenClock();
    this.begin(isOn);
  }

  private begin(isOn = true): void {
    const log = createLogger('spec', { level: 'silent' });
    const { database, seals, clock } = this;
    this.mailer = new Mailer({ isOn }, clock);
    this.outbox = new MailOutbox(this.mailer, new AuditTrail(clock), clock);
    this.runner = new MailRunner({ from: FROM, url: this.relay.url }, database, seals, clock, log, new Metrics());
    const admission = new AdmissionDatabase(this.sources[2]!);
    this.deliveries = new MailDeliveries(this.queues, this.runner, admission, clock, log);
  }

  async seedCity(code: string): Promise<TenantId> {
    const id = tenantId(newId());
    await this.superuser.query(
      `INSERT INTO tenants (id, code, name, created_at, updated_at) VALUES ($1, $2, '試験市', now(), now())`,
      [id, code],
    );
    return id;
  }

  async seedMember(of: TenantId, { mail = null as string | null, role = 'admin', status = 'active' }): Promise<string> {
    const id = newId();
    await this.superuser.query(
      `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, status, mail_address,
         password_changed_at, created_at, updated_at) VALUES ($1, $2, $3, $3, '職員', $4, 'lgwan', $5, $6, now(), now(), now())`,
      [of, id, newId(), role, status, mail],
    );
    return id;
  }

  /** As the vendor writes one to the administrators of the city. */
  enqueue(mail: Partial<Parameters<Mailer['enqueue']>[1]> = {}): Promise<void> {
    return this.ops.run((tx) => this.mailer.enqueue(tx, { ...MAIL, adminsOf: [this.city], ...mail }));
  }

  /** As the city itself. */
  enqueueWithin(mail: Partial<CityMail> = {}): Promise<void> {
    return this.database.run(this.scope, (tx) =>
      this.mailer.enqueueWithin(tx, { ...MAIL, kind: 'top-up.asked', to: { admins: true }, ...mail }),
    );
  }

  get scope() {
    return { tenantId: this.city, segment: 'lgwan' } as const;
  }

  /** Every one that waits, as the queue would hand it over. */
  async sendDue(): Promise<void> {
    const due = await this.superuser.query<{ tenant_id: TenantId; id: string }>(
      `SELECT tenant_id, id FROM mails WHERE state = 'waiting'`,
    );
    for (const { tenant_id, id } of due.rows) await this.runner.send(tenant_id, id);
  }

  async rows() {
    const { rows } = await this.superuser.query<{
      state: string;
      reason: string | null;
      tries: number;
      words: string | null;
    }>(`SELECT state, reason, tries, subject || coalesce(body, body_sealed::text) AS words FROM mails ORDER BY state`);
    return rows;
  }
}
