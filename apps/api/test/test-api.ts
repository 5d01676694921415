import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Client } from 'pg';
import supertest from 'supertest';
import type { ModelDeployment, QueueConfig } from '#libs/config';
import { createTestDatabase, type TestDatabase } from '#libs/testing';
import type { ApiProcessConfig } from '../src/api-config.ts';
import { createApi } from '../src/create-api.ts';
import { INGRESS_HEADER, type RequestNetwork, signIngress } from '../src/http/ingress.ts';

const ASK_AS_YOU_LIKE = { perMember: 1_000_000, perKey: 1_000_000 };
const INGRESS_SECRET = 'ingress-secret-for-specs-only-0123456789';

export const ORIGIN = 'http://127.0.0.1:3000';

export interface TestApi extends AsyncDisposable {
  readonly app: NestExpressApplication;
  readonly database: TestDatabase;
  readonly config: ApiProcessConfig;
  /** See and change every row, past all policies. */
  readonly eyes: Client;
  /** What the ingress of one network adds to a request that it sees coming from this address. */
  ingressOf(listener: RequestNetwork['listener'], address?: string): Record<string, string>;
  /** A client behind the ingress of one network, which sees it at this address; it keeps no cookies. */
  on(listener: RequestNetwork['listener'], address?: string): ReturnType<typeof supertest.agent>;
  /** A client that no ingress vouches for. */
  outside(): ReturnType<typeof supertest.agent>;
}

const CALLS_NOBODY: ApiProcessConfig['sso'] = { backChannelOrigins: [] };
const MAILS_NOTHING: ApiProcessConfig['mail'] = { isOn: false };

/** The real api on a migrated database of its own. One per spec file: passport keeps its strategies per process. */
export async function createTestApi({
  requestLimits = ASK_AS_YOU_LIKE,
  sso = CALLS_NOBODY,
  mail = MAILS_NOTHING,
  queue = undefined as QueueConfig | undefined,
  deployments = undefined as readonly ModelDeployment[] | undefined,
} = {}): Promise<TestApi> {
  const database = await createTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'moyai-api-'));
  const usual = testConfig(database, folder, requestLimits);
  const model = { ...usual.model, deployments: deployments ? [...deployments] : usual.model.deployments };
  const config = { ...usual, sso, mail, queue: queue ?? usual.queue, model };
  const app = await createApi(config);
  await app.listen(0, '127.0.0.1');
  const eyes = new Client({ connectionString: database.urls.superuser });
  await eyes.connect();
  const agentWith = (headers: Record<string, string>) => supertest.agent(app.getHttpServer()).set(headers);
  const ingressOf = (listener: RequestNetwork['listener'], address = '127.0.0.1') => ({
    [INGRESS_HEADER]: signIngress(INGRESS_SECRET, {
      listener,
      address,
      expiresAt: Math.floor(Date.now() / 1000) + 600,
    }),
    'x-forwarded-host': new URL(ORIGIN).host,
    'x-forwarded-proto': 'http',
  });
  return {
    app,
    database,
    config,
    eyes,
    ingressOf,
    on: (listener, address) => agentWith(ingressOf(listener, address)),
    outside: () => agentWith({}),
    async [Symbol.asyncDispose]() {
      await app.close();
      await eyes.end();
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Tokens a minute that the provider grants to `small-model`. */
export const SMALL_QUOTA_TOKENS = 3_000;

/** Nobody listens where it is said to be. */
export const simulatedModel = (model: string): ModelDeployment => ({
  id: model,
  model,
  displayName: '模擬モデル',
  provider: 'openai-compatible',
  providerModelId: model,
  region: 'ap-northeast-1',
  endpoint: 'http://127.0.0.1:1',
  simulated: true,
  segments: ['lgwan', 'my_number'],
  dataResidency: 'japan',
  concurrency: 4,
  outputBurnDown: 1,
  headRoom: 0.01,
  maxOutputTokens: 4_096,
});

function testConfig(
  { urls }: TestDatabase,
  folder: string,
  requestLimits: ApiProcessConfig['api']['requestLimits'],
): ApiProcessConfig {
  return {
    api: {
      host: '127.0.0.1',
      port: 0,
      ingressSecret: INGRESS_SECRET,
      streamSecret: 'x'.repeat(32),
      requestLimits,
      drainMs: 1_000,
    },
    database: { appUrl: urls.app, admissionUrl: urls.admission, poolSize: 10 },
    vendorDatabase: { opsUrl: urls.ops, financeUrl: urls.finance },
    keyService: { kind: 'local', directory: join(folder, 'keys') },
    queue: { backend: 'postgres', url: urls.admission },
    model: {
      deployments: [
        simulatedModel('simulated-model'),
        { ...simulatedModel('small-model'), tokensPerMinute: SMALL_QUOTA_TOKENS },
      ],
      timeouts: { firstTokenMs: 60_000, tokenGapMs: 60_000, totalMs: 600_000, drainMs: 60_000 },
    },
    sso: CALLS_NOBODY,
    mail: MAILS_NOTHING,
    issuer: {
      name: '株式会社もやいサービス',
      registrationNumber: 'T9000000000000',
      postalCode: '100-0001',
      address: '東京都架空区1-1',
      contact: null,
      bankAccount: null,
    },
    reconciliation: { unexplainedUsd: '10', unexplainedPercent: '0.5' },
    log: { level: 'silent' },
    management: { host: '127.0.0.1', port: undefined },
  };
}
