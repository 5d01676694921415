import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import type { ModelDeployment } from '#libs/config';
import { AdmissionDatabase, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase } from '#libs/testing';
import { ModelPool } from './model-pool.ts';
import { SharedPool } from './shared-pool.ts';

const deployment = (id: string, over: Partial<ModelDeployment> = {}): ModelDeployment => ({
  id,
  model: 'sonnet',
  displayName: 'Sonnet',
  provider: 'bedrock',
  providerModelId: 'jp.sonnet',
  region: 'ap-northeast-1',
  simulated: false,
  segments: ['lgwan'],
  dataResidency: 'japan',
  concurrency: 10,
  requestsPerMinute: 600,
  tokensPerMinute: 100_000,
  outputBurnDown: 5,
  headRoom: 0.01,
  maxOutputTokens: 8_192,
  ...over,
});

const TIMEOUTS = { firstTokenMs: 1, tokenGapMs: 1, totalMs: 1, drainMs: 1 };

/** An execution that holds nothing any more. */
const NOBODY = { tenantId: tenantId(newId()), jobId: newId(), fence: 1 };

let database: TestDatabase;
let everything: DataSource;
let admission: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  everything = await createDataSource(database.urls.superuser, 1).initialize();
  admission = await createDataSource(database.urls.admission, 4).initialize();
});
beforeEach(() => everything.query('TRUNCATE pool_deployments'));
afterAll(async () => {
  await Promise.all([everything.destroy(), admission.destroy()]);
  await database.drop();
});

/** A process that starts with these deployments. */
async function start(...deployments: ModelDeployment[]): Promise<{ shared: SharedPool; pool: ModelPool }> {
  const pool = new ModelPool(deployments, TIMEOUTS);
  const shared = new SharedPool(pool, new AdmissionDatabase(admission));
  await shared.onApplicationBootstrap();
  return { shared, pool };
}

/** One that started before, and has not looked yet. */
const another = (pool: ModelPool) => new SharedPool(pool, new AdmissionDatabase(admission));

const rows = (columns: string): Promise<object[]> =>
  everything.query(`SELECT id, ${columns} FROM pool_deployments ORDER BY retired_at IS NOT NULL, position`);

describe('the pool that processes share', () => {
  it('knows what a process was started with, in order and with full quotas', async () => {
    await start(deployment('tokyo'), deployment('local', { tokensPerMinute: undefined }));
    expect(await rows('concurrency, requests_left, tokens_left, output_burn_down')).toEqual([
      { id: 'tokyo', concurrency: 10, requests_left: 600, tokens_left: 100_000, output_burn_down: 5 },
      { id: 'local', concurrency: 10, requests_left: 600, tokens_left: null, output_burn_down: 5 },
    ]);
  });

  it('keeps what is in use when one more process starts', async () => {
    await start(deployment('tokyo'));
    await everything.query('UPDATE pool_deployments SET running = 3, tokens_left = 5');
    await start(deployment('tokyo', { concurrency: 20 }));
    expect(await rows('concurrency, running, tokens_left')).toEqual([
      { id: 'tokyo', concurrency: 20, running: 3, tokens_left: 5 },
    ]);
  });

  it('retires what is no longer configured, and takes it up again', async () => {
    await start(deployment('tokyo'), deployment('osaka'));
    await start(deployment('osaka'));
    expect(await rows('retired_at IS NULL AS open')).toEqual([
      { id: 'osaka', open: true },
      { id: 'tokyo', open: false },
    ]);
    await start(deployment('tokyo'), deployment('osaka'));
    expect(await rows('retired_at IS NULL AS open')).toMatchObject([{ open: true }, { open: true }]);
  });

  it('slows down after a throttling, once for all calls that were on their way', async () => {
    const { shared } = await start(deployment('tokyo'));
    await shared.reportFault(NOBODY, 'tokyo', 'MODEL.THROTTLED', 0);
    const [first] = await rows('throttled_at, throttle_level');
    expect(first).toMatchObject({ throttled_at: expect.any(Date), throttle_level: 0.7 });
    await shared.reportFault(NOBODY, 'tokyo', 'MODEL.THROTTLED', 10_000);
    expect(await rows('throttled_at, throttle_level')).toEqual([first]);
    expect(await rows('throttled_total::int AS told, failures')).toEqual([{ id: 'tokyo', told: 2, failures: 0 }]);
  });

  it('opens the breaker after five failures in a row', async () => {
    const { shared } = await start(deployment('tokyo'));
    for (let failure = 0; failure < 4; failure += 1) await shared.reportFault(NOBODY, 'tokyo', 'MODEL.UNAVAILABLE', 1);
    expect(await rows('open_until')).toEqual([{ id: 'tokyo', open_until: null }]);
    await shared.reportFault(NOBODY, 'tokyo', 'MODEL.TIMED_OUT', 1);
    expect(await rows('open_until > now() AS open')).toEqual([{ id: 'tokyo', open: true }]);
  });

  it('calls a route healthy while one of its deployments may be tried', async () => {
    const { shared, pool } = await start(deployment('tokyo'), deployment('osaka'));
    await everything.query(`UPDATE pool_deployments SET open_until = now() + interval '1 min' WHERE id = 'tokyo'`);
    await everything.query(`UPDATE pool_deployments SET open_until = now() - interval '1 ms' WHERE id = 'osaka'`);
    await expect(shared.demandHealthy(pool.route('sonnet', 'lgwan'))).resolves.toBeUndefined();
  });

  it('goes by what any process was started with, not by its own older settings', async () => {
    const { pool } = await start(deployment('tokyo'));
    await start(deployment('tokyo-2'));
    await expect(another(pool).demandHealthy(pool.route('sonnet', 'lgwan'))).resolves.toBeUndefined();
  });

  it('refuses a route that is broken or retired altogether, with the time of the next try', async () => {
    const { pool } = await start(deployment('tokyo'), deployment('osaka'));
    const route = pool.route('sonnet', 'lgwan');
    await everything.query(`UPDATE pool_deployments SET open_until = now() + interval '40 s' WHERE id = 'tokyo'`);
    await everything.query(`UPDATE pool_deployments SET open_until = now() + interval '20 s' WHERE id = 'osaka'`);
    const refusal = { code: 'MODEL.NO_HEALTHY_DEPLOYMENT', retryAfterSeconds: 20 };
    await expect(another(pool).demandHealthy(route)).rejects.toMatchObject(refusal);
    await start(deployment('other', { model: 'haiku' }));
    await expect(another(pool).demandHealthy(route)).rejects.toMatchObject({ retryAfterSeconds: undefined });
  });

  it('gives no other deployment to an execution that holds no job', async () => {
    const { shared } = await start(deployment('tokyo'));
    const nobody = { tenantId: tenantId(newId()), jobId: newId(), fence: 1 };
    await expect(shared.reroute(nobody, [], false)).resolves.toBeNull();
  });
});
