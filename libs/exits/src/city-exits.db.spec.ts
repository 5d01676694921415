import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { OpsDatabase, createDataSource } from '#libs/database';
import { type TenantId, newId } from '#libs/kernel';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { CityExits } from './city-exits.ts';

const CONTRACT = newId();
const VENDOR = { type: 'vendor', id: newId() } as const;

describe('the removal of a city', () => {
  const clock = new FrozenClock(new Date('2027-03-01T03:00:00Z'));
  const exits = new CityExits(new AuditTrail(clock), clock);
  let testDatabase: TestDatabase;
  let sources: DataSource[];
  let ops: OpsDatabase;
  let city: TenantId;
  let exitId: string;
  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    const { superuser, ops: opsUrl } = testDatabase.urls;
    sources = await Promise.all([superuser, opsUrl].map((url) => createDataSource(url, 2).initialize()));
    ops = new OpsDatabase(sources[1]!);
    await write(
      `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
         created_at, updated_at) VALUES ($1, 'unyo', 'unyo', '運用', 'ops', 'x', now(), now(), now())`,
      VENDOR.id,
    );
    await write(
      `INSERT INTO billing_periods (month, state, closing_at, closed_at) VALUES ('2026-10-01', 'closed', now(), now())`,
    );
  });
  afterAll(async () => {
    await Promise.all(sources.map((source) => source.destroy()));
    await testDatabase.drop();
  });
  let cities = 0;
  beforeEach(async () => {
    city = await found();
    exitId = newId();
    await write(
      `INSERT INTO city_exits (tenant_id, id, state, reason, waiting_days, planned_by, planned_at, agreed_by, agreed_at,
         frozen_at, exported_at, handed_over_at, delete_from)
       VALUES ($1, $2, 'waiting', '満了', 90, $3, now(), $3, now(), now(), now(), now(), '2027-02-01')`,
      ...[city, exitId, VENDOR.id],
    );
  });

  const write = (sql: string, ...parameters: unknown[]) => sources[0]!.query(sql, parameters);
  const found = async () => {
    const id = newId() as TenantId;
    cities += 1;
    await write(`INSERT INTO tenants VALUES ($1, $2, '退会市', 'frozen', now(), now())`, id, `99000${cities}`);
    return id;
  };
  const used = (cityId: string, month: string) =>
    write(
      `INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, segment, model, deployment_id, input_tokens,
         output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source, accepted_at,
         recorded_at, billing_month)
       VALUES ($1, $2, 'job', $2, 'lgwan', 'sonnet', 'tokyo', 1, 0, 0, 0, 0, 0, 'provider', $3::date, $3::date, $3)`,
      ...[cityId, newId(), `${month}-01`],
    );
  const drafted = (month: string) =>
    sources[0]!.transaction(async (manager) => {
      await manager.query('SET LOCAL session_replication_role = replica');
      await manager.query(
        `INSERT INTO invoices (tenant_id, id, kind, month, contract_id, subtotal_jpy, tax_jpy, total_jpy, document, created_at)
         VALUES ($1, $2, 'invoice', $3, $4, 0, 0, 0, '{}', now())`,
        [city, newId(), `${month}-01`, CONTRACT],
      );
    });
  const removal = () => ops.run((tx) => exits.startDeletion(tx, VENDOR, exitId, '退会市'));

  it('is refused while a month it used something in is not closed, which it names', async () => {
    for (const month of ['2026-10', '2026-11', '2026-12', '2026-12']) await used(city, month);
    await expect(removal()).rejects.toMatchObject({
      code: 'EXITS.NOT_BILLED',
      detail: expect.stringMatching(/^利用があり、締めていない月：2026-11、2026-12。経理/) as string,
    });
  });

  it('is refused while an invoice has no number, and says of which month', async () => {
    await used(city, '2026-10');
    await drafted('2026-10');
    await expect(removal()).rejects.toMatchObject({
      code: 'EXITS.NOT_BILLED',
      detail: expect.stringMatching(/^発行していない請求書・返還請求書の月：2026-10。経理/) as string,
    });
  });

  it('begins when all it used is billed, whatever other cities have not paid for', async () => {
    await used(city, '2026-10');
    await used(await found(), '2026-11');
    expect(await removal()).toMatchObject({ state: 'deleting' });
  });
});
