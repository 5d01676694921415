import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdmissionDatabase, OpsDatabase, TenantDatabase, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { Mailer } from '#libs/notices';
import { createLogger } from '#libs/observability';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { CityEndings } from './city-endings.ts';
import { EndingMails } from './ending-mails.ts';

/** Noon of 20 June in Japan. */
const clock = new FrozenClock(new Date('2026-06-20T03:00:00Z'));
const DAY_MS = 86_400_000;
const endings = new CityEndings(clock);

let test: TestDatabase;
let sources: DataSource[];
let database: TenantDatabase;
let mails: EndingMails;
let proposer: string;
let approver: string;
let codes = 100_000;

beforeAll(async () => {
  test = await createTestDatabase();
  const { superuser, app, admission, ops } = test.urls;
  sources = await Promise.all([superuser, app, admission, ops].map((url) => createDataSource(url, 2).initialize()));
  database = new TenantDatabase(sources[1]!);
  mails = new EndingMails(
    new Mailer({ isOn: true }, clock),
    endings,
    new AdmissionDatabase(sources[2]!),
    database,
    createLogger('spec', { level: 'silent' }),
  );
  [proposer, approver] = [await person(), await person()];
});
afterAll(async () => {
  await Promise.all(sources.map((source) => source.destroy()));
  await test.drop();
});
beforeEach(async () => {
  clock.set(new Date('2026-06-20T03:00:00Z'));
  await write(`UPDATE tenants SET status = 'suspended' WHERE status = 'active'`);
});

const write = <Row>(sql: string, ...parameters: unknown[]): Promise<Row[]> => sources[0]!.query(sql, parameters);
async function person(): Promise<string> {
  const id = newId();
  await write(
    `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at,
       created_at, updated_at) VALUES ($1, $2, $2, '経理', 'finance', 'x', now(), now(), now())`,
    ...[id, id],
  );
  return id;
}
async function city(trialEndsOn: string | null = null) {
  const id = tenantId(newId());
  await write(
    `INSERT INTO tenants (id, code, name, trial_ends_on, created_at, updated_at) VALUES ($1, $2, '試験市', $3, now(), now())`,
    ...[id, String((codes += 1)), trialEndsOn],
  );
  await write(
    `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, mail_address,
       password_changed_at, created_at, updated_at)
     VALUES ($1, $2, 'a', 'a', '管理', 'admin', 'lgwan', 'a@b.example', now(), now(), now())`,
    ...[id, newId()],
  );
  return id;
}
async function contract(of: string, startsOn: string, endsOn: string, isApproved = true): Promise<void> {
  const id = newId();
  const year = Number(startsOn.slice(0, 4)) - Number(startsOn.slice(5, 7) < '04');
  await write(
    `INSERT INTO contracts (tenant_id, id, fiscal_year, title, starts_on, ends_on, billing_name, created_by, created_at)
     VALUES ($1, $2, $3, '利用', $4, $5, '市長', $6, now())`,
    ...[of, id, year, startsOn, endsOn, proposer],
  );
  await write(
    `INSERT INTO contract_terms (tenant_id, contract_id, valid_from, base_fee_jpy, unit, counts_input, counts_output,
       counts_cache, included_units, pricing, unit_price_jpy, proposed_by, proposed_at, approved_by, approved_at)
     VALUES ($1, $2, $3, 1, 'tokens', true, true, true, 0, 'unit_price', 1, $4, now(), $5, $6)`,
    ...[of, id, startsOn, proposer, isApproved ? approver : null, isApproved ? new Date() : null],
  );
}
const endingOf = (id: Awaited<ReturnType<typeof city>>) =>
  database.run({ tenantId: id, segment: 'lgwan' }, (tx) => endings.own(tx));
const mailed = async (id: string) =>
  (
    await write<{ line: string }>(
      `SELECT kind || ' ' || about AS line FROM mails WHERE tenant_id = $1 ORDER BY line`,
      id,
    )
  ).map(({ line }) => line);
const atDaysLeft = (days: number) => clock.set(new Date(new Date('2026-07-04T03:00:00Z').getTime() - days * DAY_MS));

describe('an ending', () => {
  it('of a trial is told of from fourteen days before it, and is mailed then and three days before', async () => {
    const id = await city('2026-07-04');
    for (const [daysLeft, expected] of [
      [15, 0],
      [14, 1],
      [4, 1],
      [3, 2],
      [0, 2],
    ] as const) {
      atDaysLeft(daysLeft);
      await Promise.all([mails.write(), mails.write()]);
      expect(await mailed(id), `${daysLeft} days left`).toHaveLength(expected);
    }
    expect(await mailed(id)).toEqual(['ending.trial 2026-07-04 14', 'ending.trial 2026-07-04 3']);
    atDaysLeft(-1);
    expect(await endingOf(id)).toEqual([]);
    const [words] = await write<{ subject: string; body: string }>(
      `SELECT subject, body FROM mails WHERE tenant_id = $1 AND about LIKE '% 14'`,
      id,
    );
    expect(words!.subject).toBe('【Moyai】試行利用の終了日が近づいています（2026年7月4日まで）');
    expect(words!.body).toContain('貴団体の試行利用は、2026年7月4日で終了します。残り 14 日です。');
  });

  it('is mailed by a worker that comes late as it stands, and not what was missed', async () => {
    const id = await city('2026-07-04');
    atDaysLeft(2);
    await mails.write();
    expect(await mailed(id)).toEqual(['ending.trial 2026-07-04 3']);
  });

  it('of a trial is none when an agreed contract follows the day after, and is one with a wish or a gap', async () => {
    const [followed, wished, gap] = [await city('2026-06-30'), await city('2026-06-30'), await city('2026-06-30')];
    await contract(followed, '2026-07-01', '2027-03-31');
    await contract(wished, '2026-07-01', '2027-03-31', false);
    await contract(gap, '2026-07-02', '2027-03-31');
    expect(await endingOf(followed)).toEqual([]);
    for (const id of [wished, gap])
      expect(await endingOf(id)).toEqual([{ kind: 'trial', endsOn: '2026-06-30', daysLeft: 10 }]);
  });

  it('of a contract is told of thirty days before, unless the next one is agreed to', async () => {
    const [ending, renewed] = [await city(), await city()];
    for (const id of [ending, renewed]) await contract(id, '2026-04-01', '2027-03-31');
    await contract(renewed, '2027-04-01', '2028-03-31');
    clock.set(new Date('2027-02-28T15:00:00Z'));
    expect(await endingOf(ending)).toEqual([{ kind: 'contract', endsOn: '2027-03-31', daysLeft: 30 }]);
    expect(await endingOf(renewed)).toEqual([]);
    clock.set(new Date('2027-02-28T14:59:59Z'));
    expect(await endingOf(ending)).toEqual([]);
  });

  it('is shown to the vendor of every city in service, the first to end first, and to a city of itself alone', async () => {
    const [later, sooner] = [await city('2026-07-01'), await city('2026-06-21')];
    const ops = new OpsDatabase(sources[3]!);
    const seen = await ops.run((tx) => endings.all(tx));
    expect(seen.map((one) => [one.city.id, one.kind, one.daysLeft])).toEqual([
      [sooner, 'trial', 1],
      [later, 'trial', 11],
    ]);
    expect(await endingOf(sooner)).toHaveLength(1);
  });
});
