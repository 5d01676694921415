import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ModelDeployment } from '#libs/config';
import { JobIntake, JobReader, JobRunner, LostCallReconciler } from '#libs/jobs';
import { FaultProxy } from '../../../tools/services/fault-proxy.ts';
import { type House, openHouse } from '../test/job-house.ts';
import { kill, startWorkerProcess } from '../test/worker-process.ts';
import type { WorkerProcessConfig } from './worker-config.ts';
import { WorkerModule } from './worker.module.ts';
import { Worker } from './worker.ts';

const PATIENCE = { timeout: 20_000, interval: 10 };
const AT_ONCE = { firstTokenDelayMs: 0, tokenDelayMs: 0 };
const DRAIN_MS = 300;

const deploymentsAt = (answering: string, silent: string): ModelDeployment[] => {
  const common = {
    displayName: 'Claude',
    provider: 'bedrock' as const,
    providerModelId: 'jp.anthropic.claude',
    region: 'ap-northeast-1',
    simulated: true,
    segments: ['lgwan'] as const,
    dataResidency: 'japan' as const,
    concurrency: 8,
    outputBurnDown: 1,
    headRoom: 0.01,
    maxOutputTokens: 4_096,
    invocationLogGroup: '/bedrock/model-invocations',
  };
  return [
    { ...common, id: 'answering', model: 'claude', endpoint: answering },
    { ...common, id: 'silent', model: 'silent', endpoint: silent },
  ];
};

/** A lost call is being looked up in the log of a provider that takes the question and never answers. */
describe('a worker that is told to stop while a round waits for a provider', () => {
  let house: House;
  let config: WorkerProcessConfig;
  let superuser: Client;
  let provider: Server;
  const asked = new Set<Socket>();
  let hangsUp = false;
  beforeAll(async () => {
    provider = createServer((socket) => {
      if (hangsUp) return socket.destroy();
      socket.on('error', () => undefined).on('close', () => asked.delete(socket));
      return asked.add(socket);
    }).listen(0, '127.0.0.1');
    await once(provider, 'listening');
    const silent = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
    house = await openHouse('postgres', (answering) => deploymentsAt(answering, silent));
    config = { ...house.config, worker: { ...house.config.worker, drainMs: DRAIN_MS } };
    superuser = new Client({ connectionString: house.database.urls.superuser });
    await superuser.connect();
    await loseCall();
  });
  beforeEach(async () => {
    hangsUp = false;
    house.simulator.behaviour.replace(AT_ONCE);
    await superuser.query('UPDATE lost_calls SET look_at = now(), looks = 0');
  });
  afterAll(async () => {
    await superuser.end();
    await house.close();
    provider.close();
  });

  const open = (settings: WorkerProcessConfig) =>
    NestFactory.createApplicationContext(WorkerModule.forRoot(settings), { logger: false, abortOnError: false });
  const submit = async (): Promise<string> => {
    const messages = [{ role: 'user' as const, content: 'ごみの分別の手順を一覧にしてください。' }];
    return (await house.intake.get(JobIntake).accept(house.requester, { kind: 'chat', model: 'claude', messages })).id;
  };
  const statusOf = async (id: string) => (await house.intake.get(JobReader).view(house.requester, id)).status;
  const leaseIsOver = async (id: string) =>
    (
      await superuser.query<{ over: boolean }>(
        `SELECT lease_expires_at <= clock_timestamp() AS over FROM admission_entries WHERE job_id = $1`,
        [id],
      )
    ).rows[0]!.over;

  const hangUp = () => {
    hangsUp = true;
    for (const socket of asked) socket.destroy();
  };

  async function loseCall(): Promise<void> {
    house.simulator.behaviour.replace({ ...AT_ONCE, cutAtFrame: 9 });
    const app = await open(config);
    const delivery = { ...house.requester.scope, jobId: await submit(), delivery: 1 };
    await app.get(JobRunner).run(delivery, { address: '127.0.0.1:1', leaseMs: 60_000 });
    await superuser.query(`UPDATE lost_calls SET deployment_id = 'silent'`);
    await app.close();
  }

  it('takes nothing from then on', async () => {
    const app = await open(config);
    const worker = app.get(Worker);
    await worker.start();
    await vi.waitUntil(() => asked.size > 0, PATIENCE);
    const drained = worker.drain();
    const id = await submit();
    await drained;
    expect(await statusOf(id)).toBe('queued');
    expect(asked.size).toBeGreaterThan(0);
    hangUp();
    await app.get(LostCallReconciler).stop();
    await app.close();
  });

  it('hands over what it runs within its bound, and ends', async () => {
    const child = await startWorkerProcess(config);
    await vi.waitUntil(() => asked.size > 0, PATIENCE);
    house.simulator.behaviour.replace({ firstTokenDelayMs: 0, tokenDelayMs: 400, jitter: 0 });
    const id = await submit();
    await vi.waitUntil(async () => (await statusOf(id)) === 'running', PATIENCE);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await statusOf(id)).toBe('running');
    expect(await leaseIsOver(id)).toBe(true);
  });

  it('ends also when its database has fallen silent', async () => {
    const { hostname, port } = new URL(house.database.urls.app);
    const way = await FaultProxy.open(hostname, Number(port));
    const { database } = config;
    const child = await startWorkerProcess({
      ...config,
      database: {
        ...database,
        appUrl: way.through(database.appUrl),
        admissionUrl: way.through(database.admissionUrl),
      },
    });
    await way.become({ kind: 'silent' });
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([1, null]);
    way.cut();
    await way.close();
    await kill(child);
  }, 40_000); // ten seconds of it are the farewell's
});
