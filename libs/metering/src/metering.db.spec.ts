import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DataSource } from 'typeorm';
import { FinanceDatabase, TenantDatabase, type TenantScope, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { Metrics } from '#libs/observability';
import { type TestDatabase, createTestDatabase } from '#libs/testing';
import { BudgetBook } from './budget-book.ts';
import { BudgetKeeper } from './budget-keeper.ts';
import { type UsageFact, UsageRecorder, billedTokens } from './usage-recorder.ts';
import { UsageReport } from './usage-report.ts';

const AT = new Date('2026-06-30T15:30:00Z'); // 1 July, 00:30 in Japan
const USAGE = {
  inputTokens: 30,
  outputTokens: 50,
  cacheReadTokens: 5,
  cacheWriteTokens: 15,
  inputCharacters: 40,
  outputCharacters: 60,
};

let testDatabase: TestDatabase;
let everything: DataSource;
let source: DataSource;
let database: TenantDatabase;
let scope: TenantScope;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  everything = await createDataSource(testDatabase.urls.superuser, 1).initialize();
  source = await createDataSource(testDatabase.urls.app, 20).initialize();
  database = new TenantDatabase(source);
});

let cities = 0;
beforeEach(async () => {
  scope = { tenantId: tenantId(newId()), segment: 'lgwan' };
  await everything.query(`INSERT INTO tenants VALUES ($1, $2, '市', 'active', now(), now())`, [
    scope.tenantId,
    String(200_000 + (cities += 1)),
  ]);
});

afterAll(async () => {
  await Promise.all([everything.destroy(), source.destroy()]);
  await testDatabase.drop();
});

const keeper = new BudgetKeeper();
const holder = { departmentId: null, memberId: null };
const subject = () => ({ type: 'job', id: newId() });
const limit = (month: string, tokens: number) =>
  database.run(scope, (tx) => new BudgetBook().setLimit(tx, month, tokens));
const reserve = (what: { type: string; id: string }, tokens: number, acceptedAt = AT) =>
  database.run(scope, (tx) => keeper.reserve(tx, { subject: what, holder, tokens, acceptedAt }));
const recorder = new UsageRecorder(new Metrics());
const factOf = (what: { type: string; id: string }, call = '1', reservedFor = what): UsageFact => ({
  subject: what,
  call,
  reservedFor,
  usage: USAGE,
  source: 'provider',
  model: 'm',
  deploymentId: 'd',
  memberId: null,
  apiKeyId: null,
  departmentId: null,
  purposeId: null,
  acceptedAt: AT,
  recordedAt: AT,
});
const settle = (...fact: Parameters<typeof factOf>) =>
  database.run(scope, (tx) => recorder.settle(tx, factOf(...fact)));
const budget = async (month = '2026-07') =>
  (await database.run(scope, (tx) => new BudgetBook().list(tx, month, month)))[0];

describe('a budget', () => {
  it('lets through exactly what fits when 200 ask at once for room that 10 have', async () => {
    await limit('2026-07', 1_000);
    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => reserve(subject(), 100)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'METERING.BUDGET_EXHAUSTED' });
    expect(await budget()).toMatchObject({ reservedTokens: 1_000, usedTokens: 0 });
  });

  it('holds what many ask for in one transaction as it holds it for each alone, over the turn of a month too', async () => {
    await limit('2026-06', 100);
    await limit('2026-07', 1_000);
    const june = new Date('2026-06-30T14:59:59Z');
    await database.run(scope, (tx) =>
      Promise.all(
        [AT, june, AT].map((acceptedAt, index) =>
          keeper.reserve(tx, { subject: subject(), holder, tokens: 100 - index, acceptedAt }),
        ),
      ),
    );
    expect(await budget('2026-06')).toMatchObject({ reservedTokens: 99 });
    expect(await budget('2026-07')).toMatchObject({ reservedTokens: 198 });
  });

  it('belongs to the month in Japan, not in UTC', async () => {
    await limit('2026-06', 100);
    await limit('2026-07', 100);
    await reserve(subject(), 70);
    expect(await budget('2026-06')).toMatchObject({ reservedTokens: 0 });
    expect(await budget('2026-07')).toMatchObject({ reservedTokens: 70 });
  });

  it('goes on with the latest limit when a month begins, also for many first requests at once', async () => {
    await limit('2026-06', 500);
    await Promise.all(Array.from({ length: 5 }, () => reserve(subject(), 100)));
    expect(await budget()).toMatchObject({ limitTokens: 500, reservedTokens: 500 });
  });

  it('holds nothing for a city without any limit', async () => {
    await expect(reserve(subject(), 1)).rejects.toMatchObject({ code: 'METERING.BUDGET_EXHAUSTED' });
  });
});

describe('usage', () => {
  it('is billed once, however often it is settled', async () => {
    await limit('2026-07', 1_000);
    const what = subject();
    await reserve(what, 300);
    const settled = await Promise.all(Array.from({ length: 10 }, () => settle(what)));
    expect(settled.filter(Boolean)).toHaveLength(1);
    expect(await budget()).toMatchObject({ usedTokens: billedTokens(USAGE), reservedTokens: 0 });
  });

  it('is billed once for each call when many are settled in one transaction', async () => {
    await limit('2026-07', 2_000);
    const subjects = [subject(), subject(), subject()];
    for (const what of subjects) await reserve(what, 300);
    await settle(subjects[0]!);
    const settled = await database.run(scope, (tx) =>
      Promise.all([...subjects, subjects[1]!].map((what) => recorder.settle(tx, factOf(what)))),
    );
    expect(settled.filter(Boolean)).toHaveLength(2);
    expect(await budget()).toMatchObject({ usedTokens: 3 * billedTokens(USAGE), reservedTokens: 0 });
  });

  it('that is on record ends what is reserved for it, once, and counts no second time', async () => {
    await limit('2026-07', 2_000);
    const [what, other] = [subject(), subject()];
    const lost = [1, 2].map(() => ({ type: 'lost_call', id: newId() }));
    await reserve(what, 300);
    await settle(what);
    for (const held of [...lost, other]) await reserve(held, 300);
    expect(await Promise.all([1, 2, 3].map(() => settle(what, '1', lost[0])))).toEqual([false, false, false]);
    expect(await budget()).toMatchObject({ usedTokens: billedTokens(USAGE), reservedTokens: 600 });
    const together = await database.run(scope, (tx) =>
      Promise.all([factOf(other), factOf(what, '1', lost[1])].map((fact) => recorder.settle(tx, fact))),
    );
    expect(together).toEqual([true, false]);
    expect(await budget()).toMatchObject({ usedTokens: 2 * billedTokens(USAGE), reservedTokens: 0 });
  });

  it('is billed although its reservation was given back, and frees nothing twice', async () => {
    await limit('2026-07', 1_000);
    const what = subject();
    await reserve(what, 300);
    const givenBack = await database.run(scope, (tx) => keeper.releaseAll(tx, [what], AT));
    expect(givenBack).toEqual({ reservations: 1, tokens: 300 });
    await settle(what);
    expect(await budget()).toMatchObject({ usedTokens: billedTokens(USAGE), reservedTokens: 0 });
  });

  it('is billed for each call, and counts as one piece of work', async () => {
    await limit('2026-07', 1_000);
    const [what, lost] = [subject(), { type: 'lost_call', id: newId() }];
    await reserve(what, 300);
    const handOver = () =>
      database.run(scope, (tx) =>
        tx.query('SELECT budget_hand_over($1, $2, $3, $4)::integer AS tokens', [
          what.type,
          what.id,
          lost.type,
          lost.id,
        ]),
      );
    expect(await handOver()).toEqual([{ tokens: 300 }]);
    expect(await handOver()).toEqual([{ tokens: null }]);
    const again = { subject: what, holder, tokens: 300, acceptedAt: AT };
    expect(await database.run(scope, (tx) => keeper.reserveAgain(tx, again))).toBe(true);
    await settle(what, 'second');
    expect(await budget()).toMatchObject({ usedTokens: billedTokens(USAGE), reservedTokens: 300 });
    expect(await Promise.all([1, 2].map(() => settle(what, 'first', lost)))).toEqual(
      expect.arrayContaining([true, false]),
    );
    expect(await budget()).toMatchObject({ usedTokens: 2 * billedTokens(USAGE), reservedTokens: 0 });
    const report = await database.run(scope, (tx) =>
      new UsageReport().forCity(tx, { from: '2026-07-01', to: '2026-07-01', groupBy: 'day', departmentIds: null }),
    );
    expect(report.total).toMatchObject({ jobs: 1, outputTokens: 2 * USAGE.outputTokens });
  });

  it('is not reserved again where it does not fit, and the transaction goes on', async () => {
    await limit('2026-07', 1_000);
    const what = subject();
    await database.run(scope, async (tx) => {
      expect(await keeper.reserveAgain(tx, { subject: what, holder, tokens: 1_001, acceptedAt: AT })).toBe(false);
      expect(await keeper.reserveAgain(tx, { subject: what, holder, tokens: 1_000, acceptedAt: AT })).toBe(true);
    });
    expect(await budget()).toMatchObject({ reservedTokens: 1_000 });
  });

  it('is released once when nothing was used', async () => {
    await limit('2026-07', 1_000);
    const what = subject();
    await reserve(what, 300);
    await Promise.all([1, 2, 3].map(() => database.run(scope, (tx) => keeper.release(tx, what, AT))));
    expect(await budget()).toMatchObject({ usedTokens: 0, reservedTokens: 0 });
  });

  it('counts as one piece of work in the total, also where it was called on two models', async () => {
    await limit('2026-07', 1_000);
    const what = subject();
    await settle(what, 'first');
    await database.run(scope, (tx) => recorder.settle(tx, { ...factOf(what, 'second'), model: 'another' }));
    const { items, total } = await database.run(scope, (tx) =>
      new UsageReport().forCity(tx, { from: '2026-07-01', to: '2026-07-01', groupBy: 'model', departmentIds: null }),
    );
    expect(items.map(({ jobs }) => jobs)).toEqual([1, 1]);
    expect(total).toMatchObject({ jobs: 1, outputTokens: 2 * USAGE.outputTokens });
  });

  it('is shown to finance beside the limit that goes on from an earlier month', async () => {
    await limit('2026-07', 1_000);
    const books = await createDataSource(testDatabase.urls.finance, 1).initialize();
    try {
      const limits = async (month: string) =>
        (await new FinanceDatabase(books).run((tx) => new UsageReport().ofAllCities(tx, month))).items
          .filter(({ cityId }) => cityId === scope.tenantId)
          .map(({ limitTokens }) => limitTokens);
      expect([await limits('2026-06'), await limits('2026-07'), await limits('2026-09')]).toEqual([
        [0],
        [1_000],
        [1_000],
      ]);
    } finally {
      await books.destroy();
    }
  });

  it('is reported by JST day with a total that is the sum of its lines', async () => {
    await limit('2026-07', 1_000);
    for (let job = 0; job < 3; job += 1) await settle(subject());
    const report = await database.run(scope, (tx) =>
      new UsageReport().forCity(tx, { from: '2026-07-01', to: '2026-07-01', groupBy: 'day', departmentIds: null }),
    );
    expect(report.items).toEqual([
      expect.objectContaining({ key: '2026-07-01', jobs: 3, outputTokens: 3 * USAGE.outputTokens }),
    ]);
    expect(report.total).toMatchObject({ jobs: 3, inputCharacters: 3 * USAGE.inputCharacters });
  });
});

describe('a settlement', () => {
  it('finds its reservation by its key however many the city holds, also by a plan made for a small city', async () => {
    const one = await createDataSource(testDatabase.urls.app, 1).initialize();
    try {
      const shared = new TenantDatabase(one);
      const rowsRead = async (what: { type: string; id: string }): Promise<number> =>
        shared.run(scope, async (tx) => {
          await recorder.settle(tx, factOf(what));
          const [read] = await tx.query<{ rows: number }>(
            `SELECT (idx_tup_fetch + seq_tup_read)::integer AS rows FROM pg_stat_xact_user_tables
             WHERE relname = 'reservations'`,
          );
          return read!.rows;
        });
      await limit('2026-07', 1_000_000);
      const [first, mine] = [subject(), subject()];
      await reserve(first, 100);
      const small = scope;
      scope = { tenantId: tenantId(newId()), segment: 'lgwan' };
      await everything.query(`INSERT INTO tenants VALUES ($1, '299999', '市', 'active', now(), now())`, [
        scope.tenantId,
      ]);
      await limit('2026-07', 1_000_000);
      await reserve(mine, 100);
      const large = scope;
      await everything.query(
        `INSERT INTO reservations (tenant_id, id, subject_type, subject_id, month, tokens, created_at, expires_at)
         SELECT tenant_id, gen_random_uuid(), 'job', gen_random_uuid(), month, tokens, created_at, expires_at
         FROM reservations, generate_series(1, 30000) WHERE subject_id = $1`,
        [mine.id],
      );
      await everything.query('ANALYZE reservations');
      scope = small;
      expect(await rowsRead(first)).toBeLessThan(20);
      scope = large;
      expect(await rowsRead(mine)).toBeLessThan(20);
    } finally {
      await one.destroy();
    }
  });
});
