import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdmissionDatabase, OpsDatabase, createDataSource } from '#libs/database';
import { jstMonthOf, newId } from '#libs/kernel';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { CityActivity } from './city-activity.ts';
import { CityOverview, type CityPosition, type CityQuery } from './city-overview.ts';

const NOW = new Date('2026-06-20T03:30:00Z');
const hoursAgo = (hours: number): Date => new Date(NOW.getTime() - hours * 3_600_000);

describe('the vendor’s view of its cities', () => {
  const clock = new FrozenClock(NOW);
  const overview = new CityOverview(clock);
  let database: TestDatabase;
  let sources: DataSource[];
  let ops: OpsDatabase;
  let activity: CityActivity;
  beforeAll(async () => {
    database = await createTestDatabase();
    const { superuser, ops: opsUrl, admission } = database.urls;
    sources = await Promise.all([superuser, opsUrl, admission].map((url) => createDataSource(url, 4).initialize()));
    ops = new OpsDatabase(sources[1]!);
    activity = new CityActivity(new AdmissionDatabase(sources[2]!), clock);
  });
  afterAll(async () => {
    await Promise.all(sources.map((source) => source.destroy()));
    await database.drop();
  });

  const write = (sql: string, ...parameters: unknown[]) => sources[0]!.query(sql, parameters);

  async function found(code: string, name: string, use: number, more: { trialEndsOn?: string; status?: string } = {}) {
    const id = newId();
    await write(
      `INSERT INTO tenants (id, code, name, status, trial_ends_on, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $6)`,
      ...[id, code, name, more.status ?? 'active', more.trialEndsOn ?? null, NOW],
    );
    await write(
      'INSERT INTO budgets (tenant_id, month, limit_tokens, used_tokens) VALUES ($1, $2, 1000, $3)',
      ...[id, `${jstMonthOf(NOW)}-01`, use],
    );
    const key = newId();
    await write(
      `INSERT INTO api_keys (tenant_id, id, segment, name, secret_hash, scopes, created_at)
       VALUES ($1, $2, 'lgwan', '鍵', sha256('x'), '{jobs}', $3)`,
      ...[id, key, NOW],
    );
    const end = (hours: number, status: string, jobs: number) =>
      write(
        `INSERT INTO jobs (tenant_id, segment, id, kind, status, api_key_id, model, max_tokens, input_bytes, accepted_at, finished_at)
         SELECT $1, 'lgwan', gen_random_uuid(), 'chat', $3, $2, 'm', 1, 1, $4, $4 FROM generate_series(1, $5)`,
        ...[id, key, status, hoursAgo(hours), jobs],
      );
    return { id, end };
  }

  const codes = async (query: CityQuery, limit = 100): Promise<string[]> => {
    const seen: string[] = [];
    for (let after: CityPosition | null = null; ;) {
      const page: Awaited<ReturnType<CityOverview['list']>> = await ops.run((tx) =>
        overview.list(tx, query, { after, limit }),
      );
      seen.push(...page.map(({ state }) => state.code));
      if (page.length < limit) return seen;
      after = page.at(-1)!.position;
    }
  };

  it('counts answers and failures of a day and of a week, and no cancellation, by the hour', async () => {
    const { id, end } = await found('100001', '札幌市', 100);
    await end(1, 'completed', 8);
    await end(2, 'failed', 2);
    await end(3, 'cancelled', 5);
    await end(50, 'failed', 10);
    await end(24 * 9, 'failed', 100);
    expect(await activity.refresh()).toBe(true);
    const [city] = await ops.run((tx) => overview.list(tx, {}, { after: null, limit: 10 }));
    expect(city?.state).toMatchObject({ id, day: { ended: 10, failed: 2 }, week: { ended: 20, failed: 12 } });
    // A job that ends while it is being counted is met by the next round.
    await end(0, 'failed', 1);
    await activity.refresh();
    const state = await ops.run((tx) => overview.get(tx, id));
    expect(state).toMatchObject({ day: { ended: 11, failed: 3 }, week: { ended: 21, failed: 13 } });
  });

  it('finds cities by name, code and stage, and puts first what needs looking at, page by page', async () => {
    await found('200001', '青森市', 950);
    await found('200002', '弘前市', 10, { trialEndsOn: '2026-07-01' });
    const { end } = await found('200003', '盛岡市', 500, { status: 'suspended' });
    await end(1, 'failed', 1);
    await activity.refresh();
    expect(await codes({ search: '市' })).toEqual(['100001', '200001', '200002', '200003']);
    expect(await codes({ search: '2000' })).toEqual(['200001', '200002', '200003']);
    expect(await codes({ search: '%' })).toEqual([]);
    expect(await codes({ stage: 'trial' })).toEqual(['200002']);
    expect(await codes({ stage: 'active' })).toEqual(['100001', '200001']);
    for (const limit of [1, 2, 100]) {
      expect(await codes({ sort: 'use' }, limit)).toEqual(['200001', '200003', '100001', '200002']);
      expect(await codes({ sort: 'errors' }, limit)).toEqual(['200003', '100001', '200001', '200002']);
    }
  });

  it('says that a city is being removed until its exit has proved that nothing stayed', async () => {
    const operator = newId();
    await write(
      `INSERT INTO vendor_users VALUES ($1, 'ops', 'ops', '運用', 'ops', 'active', 'x', now(), NULL, now(), now())`,
      operator,
    );
    const leaves = async (code: string, state: 'deleting' | 'deleted') => {
      const { id } = await found(code, `${state}市`, 0, { status: 'deleted' });
      const isOver = state === 'deleted';
      await write(
        `INSERT INTO city_exits (tenant_id, id, state, phase, reason, waiting_days, planned_by, planned_at, agreed_by,
           agreed_at, frozen_at, exported_at, handed_over_at, delete_from, deletion_started_at, deleted_at)
         VALUES ($1, $2, $3, $4, '契約の終了', 60, $5, $6, $7, $6, $6, $6, $6, '2026-06-20', $6, $8)`,
        ...[id, newId(), state, isOver ? null : 'scan', operator, NOW, newId(), isOver ? NOW : null],
      );
    };
    await leaves('400001', 'deleting');
    await leaves('400002', 'deleted');
    expect(await codes({ stage: 'deleting' })).toEqual(['400001']);
    expect(await codes({ stage: 'deleted' })).toEqual(['400002']);
  });

  it('brings nothing back of a city that is being removed', async () => {
    const { id, end } = await found('300001', '退会市', 0, { status: 'deleted' });
    await end(0, 'completed', 1);
    await activity.refresh();
    expect(await write('SELECT FROM city_hours WHERE tenant_id = $1', id)).toHaveLength(0);
  });
});
