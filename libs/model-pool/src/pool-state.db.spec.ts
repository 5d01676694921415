import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import type { ModelDeployment } from '#libs/config';
import { AdmissionDatabase, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase } from '#libs/testing';
import { ModelPool } from './model-pool.ts';
import { PoolState } from './pool-state.ts';

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
  maxOutputTokens: 8_192,
  ...over,
});

const TIMEOUTS = { firstTokenMs: 1, tokenGapMs: 1, totalMs: 1, drainMs: 1 };

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
async function start(...deployments: ModelDeployment[]): Promise<{ state: PoolState; pool: ModelPool }> {
  const pool = new ModelPool(deployments, TIMEOUTS);
  const state = new PoolState(pool, new AdmissionDatabase(admission));
  await state.onApplicationBootstrap();
  return { state, pool };
}

describe('the state of the pool', () => {
  it('knows what a process was started with, in order and with full quotas', async () => {
    const { state } = await start(deployment('tokyo'), deployment('local', { tokensPerMinute: undefined }));
    expect(await state.deployments()).toMatchObject([
      {
        id: 'tokyo',
        concurrency: 10,
        requestsLeft: 600,
        tokensLeft: 100_000,
        outputBurnDown: 5,
        breaker: 'closed',
        pace: 1,
      },
      { id: 'local', tokensPerMinute: null, tokensLeft: null, retired: false },
    ]);
  });

  it('is the same for all processes, and keeps what is known when one more starts', async () => {
    await start(deployment('tokyo'));
    await everything.query('UPDATE pool_deployments SET running = 3, tokens_left = 5');
    const { state } = await start(deployment('tokyo', { concurrency: 20 }));
    expect(await state.deployments()).toMatchObject([{ concurrency: 20, running: 3, tokensLeft: 5 }]);
  });

  it('retires what is no longer configured, and takes it up again', async () => {
    await start(deployment('tokyo'), deployment('osaka'));
    const { state } = await start(deployment('osaka'));
    const retired = (await state.deployments()).map(({ id, retired: gone }) => [id, gone]);
    expect(retired).toEqual([
      ['osaka', false],
      ['tokyo', true],
    ]);
    const back = await start(deployment('tokyo'), deployment('osaka'));
    expect((await back.state.deployments()).every(({ retired: gone }) => !gone)).toBe(true);
  });

  it('slows down after a throttling, once for all calls that were on their way', async () => {
    const { state } = await start(deployment('tokyo'));
    await state.reportFault('tokyo', 'MODEL.THROTTLED', 0);
    await state.reportFault('tokyo', 'MODEL.THROTTLED', 10_000);
    const [tokyo] = await state.deployments();
    expect(tokyo).toMatchObject({ throttledTotal: 2, breaker: 'closed' });
    expect(tokyo!.pace).toBeGreaterThan(0.65);
    expect(tokyo!.pace).toBeLessThan(0.95);
  });

  it('opens the breaker after five failures in a row, and lets one try once its time has passed', async () => {
    const { state } = await start(deployment('tokyo'));
    for (let failure = 0; failure < 5; failure += 1) await state.reportFault('tokyo', 'MODEL.UNAVAILABLE', 1);
    const [open] = await state.deployments();
    expect(open).toMatchObject({ breaker: 'open', failures: 5 });
    expect(open!.opensAgainInMs).toBeGreaterThan(1_000);
    await everything.query(`UPDATE pool_deployments SET open_until = now() - interval '1 ms'`);
    const { state: another } = await start(deployment('tokyo'));
    expect(await another.deployments()).toMatchObject([{ breaker: 'trial', opensAgainInMs: 0 }]);
  });

  it('calls a route healthy while one deployment of it may be tried', async () => {
    const { state, pool } = await start(deployment('tokyo'), deployment('osaka'));
    await everything.query(`UPDATE pool_deployments SET open_until = now() + interval '1 min' WHERE id = 'tokyo'`);
    await expect(state.demandHealthy(pool.route('sonnet', 'lgwan'))).resolves.toBeUndefined();
  });

  it('refuses a route that is broken or retired altogether, with the time of the next try', async () => {
    await start(deployment('tokyo'), deployment('osaka'));
    await everything.query(`UPDATE pool_deployments SET open_until = now() + interval '40 s' WHERE id = 'tokyo'`);
    await everything.query(`UPDATE pool_deployments SET open_until = now() + interval '20 s' WHERE id = 'osaka'`);
    const pool = new ModelPool([deployment('tokyo'), deployment('osaka')], TIMEOUTS);
    const route = pool.route('sonnet', 'lgwan');
    const state = () => new PoolState(pool, new AdmissionDatabase(admission));
    await expect(state().demandHealthy(route)).rejects.toMatchObject({
      code: 'MODEL.NO_HEALTHY_DEPLOYMENT',
      retryAfterSeconds: 20,
    });
    await everything.query('UPDATE pool_deployments SET open_until = NULL, retired_at = now()');
    await expect(state().demandHealthy(route)).rejects.toMatchObject({ retryAfterSeconds: undefined });
  });

  it('gives no other deployment to an execution that holds no job', async () => {
    const { state } = await start(deployment('tokyo'));
    const nobody = { tenantId: tenantId(newId()), jobId: newId(), fence: 1 };
    await expect(state.reroute(nobody, [])).resolves.toBeNull();
  });
});
