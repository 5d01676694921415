import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuditModule } from '#libs/audit';
import type { ModelDeployment, QueueConfig } from '#libs/config';
import { DatabaseModule, createDataSource } from '#libs/database';
import { JobIntakeModule, type Requester } from '#libs/jobs';
import { Clock, SystemClock, newId, tenantId } from '#libs/kernel';
import { ModelPoolModule } from '#libs/model-pool';
import { ObservabilityModule } from '#libs/observability';
import { QueueModule } from '#libs/queue';
import { type TestDatabase, createTestDatabase, createTestRedis } from '#libs/testing';
import { RedisCluster } from '../../../tools/services/redis-cluster.ts';
import { type Simulator, startSimulator } from '../../model-simulator/src/simulator.ts';
import type { WorkerProcessConfig } from '../src/worker-config.ts';
import { WorkerModule } from '../src/worker.module.ts';
import { Worker } from '../src/worker.ts';

const STREAM_SECRET = 's'.repeat(32);
const TIMEOUTS = { firstTokenMs: 5_000, tokenGapMs: 5_000, totalMs: 20_000, drainMs: 5_000 };

@Global()
@Module({ providers: [{ provide: Clock, useClass: SystemClock }], exports: [Clock] })
class ClockModule {}

/** The api's half and any number of workers in this process, on a real database, queue and simulator. */
export interface House {
  readonly database: TestDatabase;
  readonly simulator: Simulator;
  readonly intake: INestApplicationContext;
  readonly config: WorkerProcessConfig;
  readonly requester: Requester;
  startWorker(): Promise<{ app: INestApplicationContext; worker: Worker }>;
  close(): Promise<void>;
}

const simulated = (endpoint: string): ModelDeployment[] => [
  {
    id: 'simulated',
    model: 'claude',
    displayName: 'Claude',
    provider: 'bedrock',
    providerModelId: 'jp.anthropic.claude',
    region: 'ap-northeast-1',
    endpoint,
    simulated: true,
    segments: ['lgwan', 'my_number'],
    dataResidency: 'japan',
    concurrency: 8,
    outputBurnDown: 1,
    headRoom: 0.01,
    maxOutputTokens: 4_096,
  },
];

/** @param poolOf the deployments, given where the simulator listens */
export async function openHouse(backend: QueueConfig['backend'], poolOf = simulated): Promise<House> {
  const database = await createTestDatabase();
  const simulator = await startSimulator({ port: 0, behaviour: { firstTokenDelayMs: 0, tokenDelayMs: 0 } });
  const folder = await mkdtemp(join(tmpdir(), 'moyai-jobs-'));
  const { queue, closeQueue } = await openQueue(backend, database, folder);
  const config: WorkerProcessConfig = {
    worker: {
      concurrency: 20,
      streamHost: '127.0.0.1',
      streamPort: 0,
      streamSecret: STREAM_SECRET,
      leaseMs: 1_500,
      drainMs: 5_000,
      lostCallHorizonMs: 900_000,
      draftDays: 14,
      mailRecordDays: 180,
      auditAnchorFile: join(folder, 'anchors.jsonl'),
    },
    database: { appUrl: database.urls.app, admissionUrl: database.urls.admission, poolSize: 10 },
    vendorDatabase: { financeUrl: database.urls.finance },
    exitDatabase: { exitUrl: database.urls.exit },
    issuer: null,
    keyService: { kind: 'local', directory: join(folder, 'keys') },
    queue,
    model: {
      deployments: poolOf(simulator.url),
      timeouts: TIMEOUTS,
    },
    smtp: null,
    log: { level: 'silent' },
    management: { host: '127.0.0.1', port: 0 },
  };

  @Module({
    imports: [
      ClockModule,
      ObservabilityModule.forRoot(config.log, 'intake'),
      DatabaseModule.forRoot(config),
      QueueModule.forRoot(queue),
      AuditModule,
      ModelPoolModule.register(config.model.deployments, TIMEOUTS),
      JobIntakeModule.forRoot({ streamSecret: STREAM_SECRET }),
    ],
  })
  class IntakeApp {}

  const intake = await NestFactory.createApplicationContext(IntakeApp, { logger: false, abortOnError: false });
  const requester = await foundCity(database);
  const workers: { app: INestApplicationContext; worker: Worker }[] = [];
  return {
    database,
    simulator,
    intake,
    config,
    requester,
    async startWorker() {
      const app = await NestFactory.createApplicationContext(WorkerModule.forRoot(config), {
        logger: false,
        abortOnError: false,
      });
      const worker = app.get(Worker);
      await worker.start();
      workers.push({ app, worker });
      return { app, worker };
    },
    async close() {
      for (const { app, worker } of workers) {
        await worker.drain();
        await app.close();
      }
      await intake.close();
      await simulator.stop();
      await database.drop();
      await closeQueue();
      await rm(folder, { recursive: true });
    },
  };
}

async function openQueue(backend: QueueConfig['backend'], database: TestDatabase, folder: string) {
  if (backend === 'redis-cluster') {
    const cluster = await RedisCluster.start(join(folder, 'redis'));
    const queue: QueueConfig = { backend, nodes: cluster.nodes, username: '', password: '', tls: false };
    return { queue, closeQueue: () => cluster.stop() };
  }
  if (backend === 'redis') {
    const redis = await createTestRedis();
    const queue: QueueConfig = { backend, url: redis.url };
    return { queue, closeQueue: () => redis.drop() };
  }
  const queue: QueueConfig = { backend, url: database.urls.admission };
  return { queue, closeQueue: () => Promise.resolve() };
}

/** A city with a member and a budget, made as the database's superuser. */
async function foundCity({ urls }: TestDatabase): Promise<Requester> {
  const source = await createDataSource(urls.superuser, 1).initialize();
  const city = newId();
  const member = newId();
  await source.query(`INSERT INTO tenants VALUES ($1, '999016', '模擬市', 'active', now(), now())`, [city]);
  await source.query(
    `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, password_hash, password_changed_at, created_at, updated_at)
     VALUES ($1, $2, 'taro', 'taro', '太郎', 'staff', 'lgwan', 'x', now(), now(), now())`,
    [city, member],
  );
  await source.query(
    `INSERT INTO budgets (tenant_id, month, limit_tokens) VALUES ($1, date_trunc('month', now() AT TIME ZONE 'Asia/Tokyo')::date, 10000000)`,
    [city],
  );
  await source.destroy();
  return {
    scope: { tenantId: tenantId(city), segment: 'lgwan' },
    memberId: member,
    apiKeyId: null,
    departmentId: null,
    models: null,
  };
}
