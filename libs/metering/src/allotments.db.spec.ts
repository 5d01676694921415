import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DataSource } from 'typeorm';
import { TenantDatabase, type TenantScope, type TenantTransaction, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { Metrics } from '#libs/observability';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { type AllotmentHolder, Allotments } from './allotments.ts';
import { BudgetBook } from './budget-book.ts';
import { type BudgetHolder, BudgetKeeper } from './budget-keeper.ts';
import { BudgetNotices } from './budget-notices.ts';
import { UsageRecorder } from './usage-recorder.ts';

const JUNE = new Date('2026-06-10T01:00:00Z');
const JULY = new Date('2026-07-01T01:00:00Z');
const clock = new FrozenClock(JUNE);
const [allotments, book, keeper, notices] = [
  new Allotments(clock),
  new BudgetBook(),
  new BudgetKeeper(),
  new BudgetNotices(),
];

let testDatabase: TestDatabase;
let everything: DataSource;
let source: DataSource;
let scope: TenantScope;
let department: AllotmentHolder;
let member: AllotmentHolder;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  everything = await createDataSource(testDatabase.urls.superuser, 1).initialize();
  source = await createDataSource(testDatabase.urls.app, 20).initialize();
});
afterAll(async () => {
  await Promise.all([everything.destroy(), source.destroy()]);
  await testDatabase.drop();
});

const run = <T>(work: (tx: TenantTransaction) => Promise<T>): Promise<T> => new TenantDatabase(source).run(scope, work);

let cities = 0;
beforeEach(async () => {
  scope = { tenantId: tenantId(newId()), segment: 'lgwan' };
  department = { level: 'department', id: newId() };
  member = { level: 'member', id: newId() };
  const { tenantId: city } = scope;
  await everything.query(`INSERT INTO tenants VALUES ($1, $2, '市', 'active', now(), now())`, [
    city,
    String(300_000 + (cities += 1)),
  ]);
  await everything.query(`INSERT INTO departments VALUES ($1, $2, NULL, 'zeimu', '税務課', now(), now())`, [
    city,
    department.id,
  ]);
  await everything.query(
    `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, department_id, password_hash,
       password_changed_at, created_at, updated_at)
     VALUES ($1, $2, 'a', 'a', '職員', 'staff', 'lgwan', $3, 'x', now(), now(), now())`,
    [city, member.id, department.id],
  );
  await run((tx) => book.setLimit(tx, '2026-06', 100_000));
});

const subject = () => ({ type: 'job', id: newId() });
const work = () => ({ departmentId: department.id, memberId: member.id });
const limit = (who: AllotmentHolder, tokens: number | null, month = '2026-06') =>
  run((tx) => allotments.setLimit(tx, who, month, tokens));
const reserve = (what: { type: string; id: string }, tokens: number, acceptedAt = JUNE) =>
  run((tx) => keeper.reserve(tx, { subject: what, holder: work(), tokens, acceptedAt }));
const use = (what: { type: string; id: string }, tokens: number) =>
  run((tx) =>
    new UsageRecorder(new Metrics()).settle(tx, {
      subject: what,
      call: '1',
      usage: {
        inputTokens: tokens,
        outputTokens: 0,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        inputCharacters: 0,
        outputCharacters: 0,
      },
      source: 'provider',
      model: 'm',
      deploymentId: 'd',
      apiKeyId: null,
      purposeId: null,
      ...work(),
      acceptedAt: JUNE,
      recordedAt: JUNE,
    }),
  );
const standing = async (who: AllotmentHolder, month = '2026-06') =>
  (await run((tx) => allotments.list(tx, month, null))).find(({ holderId }) => holderId === who.id);
/** What each level's own account says: [used, reserved] of city, department, member. */
const accounts = async () => {
  const rows = await everything.query<{ used: number; reserved: number }[]>(
    `SELECT used_tokens::integer AS used, reserved_tokens::integer AS reserved FROM budgets WHERE tenant_id = $1
     UNION ALL (SELECT used_tokens::integer, reserved_tokens::integer FROM budget_allotments
                WHERE tenant_id = $1 ORDER BY level)`,
    [scope.tenantId],
  );
  return rows.map(({ used, reserved }) => [used, reserved]);
};
const everyLevel = (levels: number, account: [number, number]) => Array.from({ length: levels }, () => account);
const toldOf = async (reader: { ofCity: boolean; departmentIds: string[] }, month = '2026-06') =>
  (await run((tx) => notices.unread(tx, { memberId: member.id, ...reader }, month))).map(
    ({ level, percent }) => `${level} ${percent}`,
  );
const ADMIN = { ofCity: true, departmentIds: [] };

describe('a limit within the city’s', () => {
  it.each(['department', 'member'] as const)(
    'lets through exactly what fits a %s when 200 ask at once for room that 10 have',
    async (level) => {
      await limit(level === 'department' ? department : member, 1_000);
      const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => reserve(subject(), 100)));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected')
          expect(outcome.reason).toMatchObject({ code: 'METERING.BUDGET_EXHAUSTED', level });
      expect(await accounts()).toEqual([
        [0, 1_000],
        [0, 1_000],
      ]);
    },
  );

  it.each([
    ['this', JUNE],
    ['the next', JULY],
  ])(
    'is known before anything is held, also beside what is asked for at the same time, of %s month',
    async (_, acceptedAt) => {
      await limit(department, 1_000);
      await limit(member, 500);
      if (acceptedAt === JUNE) await reserve(subject(), 100);
      const ask = (tx: TenantTransaction, tokens: number, holder: BudgetHolder = work()) =>
        keeper.hasRoom(tx, { subject: subject(), holder, tokens, acceptedAt });
      const ofOthers = { departmentId: department.id, memberId: null };
      const ends = await run((tx) =>
        Promise.allSettled([
          ask(tx, 501),
          ask(tx, 300),
          ask(tx, 300),
          ask(tx, 100_001, ofOthers),
          ask(tx, 1_001, ofOthers),
          ask(tx, 400, ofOthers),
          ask(tx, 101, ofOthers),
        ]),
      );
      const refused = (level: string) => ({ reason: { code: 'METERING.BUDGET_EXHAUSTED', level } });
      expect(ends).toMatchObject([
        refused('member'),
        { value: true },
        { value: false },
        refused('city'),
        refused('department'),
        { value: acceptedAt === JULY },
        { value: false },
      ]);
    },
  );

  it('says that it is the city’s limit where that is the one in the way', async () => {
    await limit(department, 1_000_000);
    await expect(reserve(subject(), 100_001)).rejects.toMatchObject({ level: 'city' });
  });

  it('moves together with the city’s when work is used, given back or refused', async () => {
    await limit(department, 1_000);
    await limit(member, 900);
    const [used, released, held] = [subject(), subject(), subject()];
    for (const what of [used, released, held]) await reserve(what, 300);
    await expect(reserve(subject(), 1)).rejects.toMatchObject({ level: 'member' });
    await use(used, 120);
    await run((tx) => keeper.release(tx, released, JUNE));
    expect(await accounts()).toEqual(everyLevel(3, [120, 300]));
    await run((tx) => keeper.release(tx, held, JUNE));
    expect(await accounts()).toEqual(everyLevel(3, [120, 0]));
  });

  it('holds a batch on all levels or not at all', async () => {
    await limit(department, 1_000);
    const batch = (size: number) => Array.from({ length: size }, () => ({ subject: subject(), tokens: 100 }));
    const start = (held: ReturnType<typeof batch>) => run((tx) => keeper.reserveAll(tx, work(), held, JUNE));
    await expect(start(batch(11))).rejects.toMatchObject({ level: 'department' });
    const held = batch(10);
    await start(held);
    expect(await run((tx) => book.remaining(tx, work(), '2026-06'))).toBe(0);
    await run((tx) =>
      keeper.releaseAll(
        tx,
        held.map((one) => one.subject),
        JUNE,
      ),
    );
    expect(await accounts()).toEqual(everyLevel(2, [0, 0]));
  });

  it('knows what was used and is held before it was set, also while work goes on', async () => {
    const before = Array.from({ length: 10 }, subject);
    for (const what of before) await reserve(what, 100);
    await Promise.all([
      ...before.slice(0, 5).map((what) => use(what, 40)),
      limit(department, 5_000),
      ...Array.from({ length: 5 }, () => reserve(subject(), 100)),
      limit(member, 5_000),
    ]);
    expect(await accounts()).toEqual(everyLevel(3, [200, 1_000]));
  });

  it('goes on into the next month, and no further than until it is cleared', async () => {
    await limit(department, 500);
    await limit(member, 100);
    await limit(member, null);
    await Promise.all(Array.from({ length: 5 }, () => reserve(subject(), 100, JULY)));
    await expect(reserve(subject(), 1, JULY)).rejects.toMatchObject({ level: 'department' });
    expect(await standing(department, '2026-07')).toMatchObject({ limitTokens: 500, reservedTokens: 500 });
    expect(await standing(department)).toMatchObject({ limitTokens: 500, reservedTokens: 0 });
    expect(await standing(member, '2026-07')).toBeUndefined();
  });

  it('is topped up for one month: to the next, and to a limit set before it, only what is set goes on', async () => {
    const topUp = (month: string) => run((tx) => allotments.raise(tx, department, month, 500));
    const months = ['2026-06', '2026-07', '2026-08', '2026-09'];
    const limits = () => run((tx) => Promise.all(months.map((month) => allotments.limitOf(tx, department, month))));
    await limit(department, 1000);
    expect(await topUp('2026-06')).toEqual({ before: 1000, after: 1500 });
    expect(await limits()).toEqual([1500, 1000, 1000, 1000]);
    expect(await standing(department, '2026-07')).toMatchObject({ limitTokens: 1000 });
    expect(await run((tx) => book.remaining(tx, work(), '2026-07'))).toBe(1000);
    await expect(reserve(subject(), 1001, JULY)).rejects.toMatchObject({ level: 'department' });
    await reserve(subject(), 1, JULY);
    expect(await limits()).toEqual([1500, 1000, 1000, 1000]);
    await topUp('2026-07');
    await limit(department, 7000, '2026-09');
    await limit(department, 2000);
    expect(await limits()).toEqual([2000, 2500, 2000, 7000]);
  });

  it('is not set for a month that is over, nor for nobody', async () => {
    await expect(limit(department, 1, '2026-05')).rejects.toMatchObject({ code: 'METERING.MONTH_OVER' });
    await expect(limit({ level: 'department', id: newId() }, 1)).rejects.toMatchObject({
      code: 'REQUEST.NOT_FOUND',
    });
  });
});

describe('a threshold', () => {
  it('is told of once, to those concerned, however many settle at once', async () => {
    await limit(department, 1_000);
    await limit(member, 4_000);
    const jobs = Array.from({ length: 10 }, subject);
    for (const what of jobs) await reserve(what, 100);
    await Promise.all(jobs.slice(0, 8).map((what) => use(what, 100)));
    const written = await everything.query<unknown[]>(
      'SELECT level, percent FROM budget_notices WHERE tenant_id = $1 ORDER BY percent',
      [scope.tenantId],
    );
    expect(written).toEqual([
      { level: 'department', percent: 50 },
      { level: 'department', percent: 80 },
    ]);
    expect(await toldOf(ADMIN)).toEqual(['department 80']);
    expect(await toldOf({ ofCity: false, departmentIds: [department.id] })).toEqual(['department 80']);
    expect(await toldOf({ ofCity: false, departmentIds: [] })).toEqual([]);
  });

  it('is told of the member alone, and not again after it was dismissed', async () => {
    await limit(member, 100);
    await use(subject(), 100);
    expect(await toldOf({ ofCity: false, departmentIds: [] })).toEqual(['member 100']);
    const [notice] = await run((tx) =>
      notices.unread(tx, { memberId: member.id, ofCity: true, departmentIds: [] }, '2026-06'),
    );
    expect(await run((tx) => notices.dismiss(tx, member.id, notice!.id, JUNE))).toBe(true);
    expect(await run((tx) => notices.dismiss(tx, member.id, newId(), JUNE))).toBe(false);
    expect(await toldOf(ADMIN)).toEqual([]);
  });

  it('counts anew when the limit moves', async () => {
    await limit(department, 100);
    await use(subject(), 60);
    expect(await toldOf(ADMIN)).toEqual(['department 50']);
    await limit(department, 1_000);
    expect(await toldOf(ADMIN)).toEqual([]);
    await limit(department, 70);
    expect(await toldOf(ADMIN)).toEqual(['department 80']);
  });

  it('can be set, and is told of at once when use is beyond it', async () => {
    await use(subject(), 30_000);
    expect(await toldOf(ADMIN)).toEqual([]);
    await run((tx) => book.setNoticePercents(tx, '2026-06', [90, 25]));
    expect(await toldOf(ADMIN)).toEqual(['city 25']);
  });
});
