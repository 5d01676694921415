import { apiEnvironment, databaseEnvironment, loadConfig, modelEnvironment, workerEnvironment } from '#libs/config';
import { describe, expect, it } from 'vitest';
import { composeEnvironments, type EnvironmentInput } from './environment.ts';
import { modelDeployments } from './models.ts';

const secret = 'a-secret-of-at-least-thirty-two-characters';
const simulator = { origin: 'http://127.0.0.1:4000' };

const input = async (given: NodeJS.ProcessEnv = {}): Promise<EnvironmentInput> => ({
  given,
  secrets: { databasePassword: secret, rolePassword: secret, ingressSecret: secret, streamSecret: secret },
  databases: {
    owner: 'postgres://owner@127.0.0.1:5/moyai',
    app: 'postgres://moyai_app@127.0.0.1:5/moyai',
    admission: 'postgres://moyai_admission@127.0.0.1:5/moyai',
    ops: 'postgres://moyai_ops@127.0.0.1:5/moyai',
    finance: 'postgres://moyai_finance@127.0.0.1:5/moyai',
    exit: 'postgres://moyai_exit@127.0.0.1:5/moyai',
  },
  keyDirectory: '/data/keys',
  auditAnchorFile: '/data/anchors.jsonl',
  compileCache: '/data/cache',
  modelDeployments: await modelDeployments(given, simulator),
  ports: { api: 1, portal: 2, simulator: 3 },
  listeners: { lgwan: 3000, my_number: 3001, vendor: 3002 },
});

describe('the environment of a process', () => {
  it('is what its configuration asks for', async () => {
    const { api, worker } = composeEnvironments(await input());
    expect(() =>
      loadConfig({ api: apiEnvironment, database: databaseEnvironment, model: modelEnvironment }, api),
    ).not.toThrow();
    expect(() => loadConfig({ worker: workerEnvironment, model: modelEnvironment }, worker)).not.toThrow();
  });

  it('holds no more than it works with: roles of the vendor for the api, that of finance for the worker, the owner for none, no database for the outer processes', async () => {
    const {
      api,
      worker,
      portal,
      ingress,
      simulator: model,
    } = composeEnvironments(await input({ DATABASE_URL: 'postgres://root@h/d' }));
    const databases = (environment: NodeJS.ProcessEnv) =>
      Object.keys(environment)
        .filter((name) => name.startsWith('DATABASE_'))
        .sort();
    expect(databases(api)).toEqual(['ADMISSION', 'APP', 'FINANCE', 'OPS'].map((role) => `DATABASE_${role}_URL`));
    expect(databases(worker)).toEqual(['ADMISSION', 'APP', 'EXIT', 'FINANCE'].map((role) => `DATABASE_${role}_URL`));
    for (const environment of [portal, ingress, model]) {
      expect(databases(environment)).toEqual([]);
      expect(environment).not.toHaveProperty('KEY_DIRECTORY');
    }
    for (const environment of [worker, portal, model]) expect(environment).not.toHaveProperty('INGRESS_SECRET');
  });

  it('passes on what the operator has set', async () => {
    const { api, worker } = composeEnvironments(
      await input({ REDIS_URL: 'redis://h:1', WORKER_CONCURRENCY: '7', LOG_LEVEL: 'warn' }),
    );
    expect(api).toMatchObject({ REDIS_URL: 'redis://h:1', LOG_LEVEL: 'warn' });
    expect(worker).toMatchObject({ WORKER_CONCURRENCY: '7' });
  });

  it('has a place in the one worker for every call that the pool may have under way', async () => {
    const placesFor = async (given: NodeJS.ProcessEnv) =>
      loadConfig({ worker: workerEnvironment }, composeEnvironments(await input(given)).worker).worker.concurrency;
    const { deployments } = loadConfig({ model: modelEnvironment }, composeEnvironments(await input()).worker).model;
    expect(await placesFor({})).toBe(deployments.reduce((sum, { concurrency }) => sum + concurrency, 0));
    expect(await placesFor({ MODEL_DEPLOYMENTS: '[{"concurrency":7},{"concurrency":90000}]' })).toBe(10_000);
    expect(await placesFor({ MODEL_DEPLOYMENTS: 'no deployments' })).toBe(200);
  });

  it('gives each process a management port of its own, and none unless asked', async () => {
    const { api, worker, command } = composeEnvironments(await input({ METRICS_PORT: '9464' }));
    expect([api.METRICS_PORT, worker.METRICS_PORT, command.METRICS_PORT]).toEqual(['9464', '9465', undefined]);
    expect(composeEnvironments(await input()).api).not.toHaveProperty('METRICS_PORT');
  });
});

describe('the model deployments', () => {
  const composed = async (given: NodeJS.ProcessEnv) => JSON.parse(await modelDeployments(given, simulator)) as object[];

  it('are the simulator, over both protocols and saying so, when nothing real is named', async () => {
    const deployments = await composed({});
    expect(deployments).toMatchObject([
      { provider: 'bedrock', region: 'ap-northeast-1', simulated: true },
      { provider: 'bedrock', region: 'ap-northeast-3', simulated: true },
      { provider: 'openai-compatible', simulated: true },
    ]);
  });

  it('have the quotas that the simulator enforces', async () => {
    const { simulator: model } = composeEnvironments(await input());
    const granted = JSON.parse(model['SIMULATOR_QUOTAS']!) as Record<string, object>;
    const [tokyo, osaka] = await composed({});
    expect(tokyo).toMatchObject(granted['ap-northeast-1/jp.anthropic.claude-sonnet-4-6']!);
    expect(osaka).toMatchObject(granted['ap-northeast-3/jp.anthropic.claude-sonnet-4-6']!);
  });

  it('are real ones, and no simulator, as soon as one is named', async () => {
    const deployments = await composed({
      AWS_REGION: 'ap-northeast-3',
      OPENAI_COMPATIBLE_URL: 'http://127.0.0.1:1/v1',
      OPENAI_COMPATIBLE_MODEL: 'models/qwen',
    });
    expect(deployments).toMatchObject([
      { provider: 'bedrock', region: 'ap-northeast-3' },
      { provider: 'bedrock', region: 'ap-northeast-3' },
      { provider: 'openai-compatible', model: 'qwen', providerModelId: 'models/qwen' },
    ]);
    expect(deployments.some((deployment) => 'simulated' in deployment)).toBe(false);
  });

  it('are what the operator wrote, when he wrote them', async () => {
    expect(await modelDeployments({ MODEL_DEPLOYMENTS: '[1]', AWS_REGION: 'x' }, simulator)).toBe('[1]');
  });
});
