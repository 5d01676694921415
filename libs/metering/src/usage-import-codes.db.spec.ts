import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { BulkDatabase, createDataSource } from '#libs/database';
import { newId } from '#libs/kernel';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { UsageImport } from './usage-import.ts';

const clock = new FrozenClock(new Date('2026-07-10T03:00:00Z'));

let testDatabase: TestDatabase;
let everything: DataSource;
let bulk: DataSource;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  everything = await createDataSource(testDatabase.urls.superuser, 1).initialize();
  bulk = await createDataSource(testDatabase.urls.finance, 1, { bulk: true }).initialize();
  const [proposer, approver] = [newId(), newId()];
  for (const id of [proposer, approver])
    await everything.query(
      `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
         created_at, updated_at) VALUES ($1::uuid, $1::text, $1::text, '担当', 'finance', '', now(), now(), now())`,
      [id],
    );
  await everything.query(
    `INSERT INTO model_prices VALUES ($1, 'box', '2026-06-30T15:00:00Z', 'JPY', 40, 120, 4, 50, '試算', $2, now(), $3, now())`,
    [newId(), proposer, approver],
  );
});
afterAll(async () => {
  await Promise.all([everything, bulk].map((source) => source.destroy()));
  await testDatabase.drop();
});

async function* file(): AsyncGenerator<Uint8Array> {
  yield Buffer.from(
    'city_code,department_code,segment,model,deployment_id,call,accepted_at,input_tokens,output_tokens\n' +
      '200003,0101,lgwan,box,box-1,1,2026-07-05T09:00:00+09:00,100,50\n',
  );
}
const take = () =>
  new BulkDatabase(bulk).run((tx) =>
    new UsageImport(new AuditTrail(clock), clock).take(tx, { type: 'vendor', id: newId() }, file()),
  );
const found = async (id: string, status: string) => {
  await everything.query(`INSERT INTO tenants VALUES ($1, '200003', '市', $2, now(), now())`, [id, status]);
  await everything.query(`UPDATE tenants SET trial_ends_on = '2026-07-31' WHERE id = $1`, [id]);
  await everything.query(
    `INSERT INTO departments (tenant_id, id, code, name, created_at, updated_at) VALUES ($1, $2, '0101', '課', now(), now())`,
    [id, newId()],
  );
};

it('is for the city that has the code now, not for one that has left with it', async () => {
  const [left, back] = [newId(), newId()].toSorted() as [string, string];
  await found(left, 'deleted');
  await expect(take()).rejects.toMatchObject({
    code: 'METERING.IMPORT_INVALID',
    faults: [{ pointer: '/2/city_code' }, { pointer: '/2/department_code' }],
  });
  await found(back, 'active');
  expect(await take()).toMatchObject({ recorded: 1 });
  expect(await everything.query('SELECT tenant_id AS city FROM usage_records')).toEqual([{ city: back }]);
  expect(await take()).toMatchObject({ recorded: 0, duplicates: 1 });
});

it('refuses a call of a day that neither a contract nor a trial of its city covers, by row and column', async () => {
  await everything.query('DELETE FROM usage_records');
  await everything.query(`UPDATE tenants SET trial_ends_on = '2026-07-04' WHERE code = '200003'`);
  await expect(take()).rejects.toMatchObject({
    code: 'METERING.IMPORT_INVALID',
    faults: [{ pointer: '/2/accepted_at' }],
  });
  expect(await everything.query('SELECT FROM usage_records')).toHaveLength(0);
  await everything.query(`UPDATE tenants SET trial_ends_on = '2026-07-05' WHERE code = '200003'`);
  expect(await take()).toMatchObject({ recorded: 1 });
});
