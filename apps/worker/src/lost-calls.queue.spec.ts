import { once } from 'node:events';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ModelDeployment } from '#libs/config';
import { FinanceDatabase, createDataSource } from '#libs/database';
import {
  JobIntake,
  JobReader,
  JobRunner,
  LostCallReconciler,
  LostCalls,
  OpenCalls,
  Reconciler,
  StreamHub,
} from '#libs/jobs';
import { jstMonthOf } from '#libs/kernel';
import { type House, openHouse } from '../test/job-house.ts';
import { startWorkerProcess } from '../test/worker-process.ts';
import { WorkerModule } from './worker.module.ts';

const PATIENCE = { timeout: 15_000, interval: 10 };
const HOUR_MS = 3_600_000;
const AT_ONCE = { firstTokenDelayMs: 0, tokenDelayMs: 0 };
const PROFILE = 'jp.anthropic.claude';
const LOG_GROUP = '/bedrock/model-invocations';

const deploymentsAt = (url: string): ModelDeployment[] => {
  const common = {
    displayName: 'Claude',
    provider: 'bedrock' as const,
    providerModelId: PROFILE,
    simulated: true,
    segments: ['lgwan'] as const,
    dataResidency: 'japan' as const,
    concurrency: 8,
    outputBurnDown: 5,
    headRoom: 0.01,
    maxOutputTokens: 4_096,
  };
  const inRegion = (region: string) => ({ region, endpoint: `${url}/region/${region}` });
  return [
    { ...common, ...inRegion('ap-northeast-1'), id: 'tokyo', model: 'claude', invocationLogGroup: LOG_GROUP },
    { ...common, ...inRegion('ap-northeast-3'), id: 'osaka', model: 'claude', invocationLogGroup: LOG_GROUP },
    { ...common, ...inRegion('ap-northeast-1'), id: 'logless', model: 'unlogged' },
  ];
};

/**
 * Calls whose usage event never came. The worker here takes nothing from the queue and looks into no log by itself: each
 * test says what happens and when, but for those that need a process to kill.
 */
describe('a lost call', () => {
  let house: House;
  let worker: INestApplicationContext;
  let superuser: Client;
  let address: string;
  let financeSource: DataSource;
  let finance: FinanceDatabase;
  beforeAll(async () => {
    house = await openHouse('postgres', deploymentsAt);
    worker = await NestFactory.createApplicationContext(WorkerModule.forRoot(house.config), {
      logger: false,
      abortOnError: false,
    });
    const { streamSecret: secret } = house.config.worker;
    address = `127.0.0.1:${await worker.get(StreamHub).listen({ host: '127.0.0.1', port: 0, secret })}`;
    superuser = new Client({ connectionString: house.database.urls.superuser });
    await superuser.connect();
    financeSource = await createDataSource(house.database.urls.finance, 1).initialize();
    finance = new FinanceDatabase(financeSource);
  });
  afterAll(async () => {
    await Promise.all([superuser.end(), financeSource.destroy()]);
    await worker.get(StreamHub).close();
    await worker.close();
    await house.close();
  });
  beforeEach(async () => {
    house.simulator.behaviour.replace(AT_ONCE);
    house.simulator.ledger.reset();
    await rows('UPDATE pool_deployments SET throttle_level = 1, throttled_at = NULL, failures = 0, open_until = NULL');
    await rows('UPDATE budgets SET limit_tokens = 10000000');
  });

  const rows = async <Row extends object>(sql: string, ...parameters: unknown[]) =>
    (await superuser.query<Row>(sql, parameters)).rows;
  const submit = async (model = 'claude'): Promise<string> => {
    const messages = [{ role: 'user' as const, content: 'ごみの分別の手順を一覧にしてください。' }];
    return (await house.intake.get(JobIntake).accept(house.requester, { kind: 'chat', model, messages })).id;
  };
  const run = (jobId: string) =>
    worker.get(JobRunner).run({ ...house.requester.scope, jobId, delivery: 1 }, { address, leaseMs: 60_000 });
  const view = (jobId: string) => house.intake.get(JobReader).view(house.requester, jobId);
  const calls = (jobId: string) =>
    house.simulator.ledger
      .list()
      .filter(({ callId }) => callId?.startsWith(jobId))
      .map(({ callId, inputTokens, outputTokens }) => ({ call: callId, inputTokens, outputTokens }));
  const bills = (jobId: string) =>
    rows<{ call: string; inputTokens: number; outputTokens: number }>(
      `SELECT call, input_tokens::integer AS "inputTokens", output_tokens::integer AS "outputTokens"
       FROM usage_records WHERE subject_id = $1 ORDER BY call`,
      jobId,
    );
  const outcomes = async (jobId: string) =>
    (
      await rows<{ outcome: string | null }>('SELECT outcome FROM lost_calls WHERE job_id = $1 ORDER BY call_id', jobId)
    ).map(({ outcome }) => outcome);
  const audited = async (jobId: string) =>
    (
      await rows<{ action: string }>('SELECT action FROM audit_entries WHERE subject_id = $1 ORDER BY sequence', jobId)
    ).map(({ action }) => action);
  const budget = async () =>
    (
      await rows<{ used: number; reserved: number }>(
        'SELECT used_tokens::integer AS used, reserved_tokens::integer AS reserved FROM budgets WHERE reserved_tokens >= 0',
      )
    )[0]!;
  /** What an execution leaves behind whose worker died at once. */
  const loseWorker = (jobId: string) =>
    rows(
      `UPDATE jobs j SET status = 'running', fence = 1, started_at = now(), deployment_id = e.deployment_id
       FROM admission_entries e WHERE j.id = $1 AND e.job_id = j.id`,
      jobId,
    );
  const reconcile = async (horizonMs = HOUR_MS) => {
    await rows('UPDATE lost_calls SET look_at = now()');
    await worker.get(LostCallReconciler).reconcile(horizonMs);
  };
  const openCalls = () => finance.run((tx) => new OpenCalls().countIn(tx, jstMonthOf(new Date())));

  it('of a worker killed in the middle of an answer is billed to the token, and so is the one that took its place', async () => {
    house.simulator.behaviour.replace({ firstTokenDelayMs: 0, tokenDelayMs: 20, jitter: 0 });
    const killed = await startWorkerProcess(house.config);
    const id = await submit();
    await vi.waitUntil(() => calls(id)[0]?.outputTokens, PATIENCE);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    house.simulator.behaviour.replace(AT_ONCE);
    const { worker: second } = await house.startWorker();
    await vi.waitUntil(async () => (await view(id)).status === 'completed' && (await bills(id)).length === 2, PATIENCE);
    await second.drain();
    expect(await bills(id)).toEqual(calls(id));
    const [first, last] = calls(id);
    expect(first?.outputTokens).toBeLessThan(last?.outputTokens ?? 0);
    expect((await view(id)).usage).toMatchObject({
      inputTokens: first!.inputTokens + last!.inputTokens,
      outputTokens: first!.outputTokens + last!.outputTokens,
    });
    expect((await audited(id)).filter((action) => /completed|billed/.test(action)).toSorted()).toEqual([
      'job.call-billed',
      'job.completed',
    ]);
    expect((await budget()).reserved).toBe(0);
  });

  it.each([
    ['was cut', { cutAtFrame: 9 }, 'failed'],
    ['came without its usage', { omitUsage: true }, 'completed'],
  ])(
    'whose stream %s ends its job at once, without usage, and is billed exactly when the log has it',
    async (_how, behaviour, status) => {
      house.simulator.behaviour.replace({ ...AT_ONCE, ...behaviour });
      const id = await submit();
      await run(id);
      expect(await view(id)).toMatchObject({ status, usage: null });
      expect(await bills(id)).toEqual([]);
      expect((await budget()).reserved).toBeGreaterThan(0);
      expect(await openCalls()).toBe(1);
      const usage = { ...calls(id)[0]!, cacheReadTokens: 0, cacheWriteTokens: 0 };
      const resolve = () =>
        worker.get(LostCalls).resolve(house.requester.scope, `${id}.1`, { outcome: 'billed', usage });
      const resolved = await Promise.all([reconcile(), resolve(), resolve(), resolve()]);
      expect(resolved.filter((first) => first === true).length).toBeLessThanOrEqual(1);
      expect(await resolve()).toBe(false);
      expect(await bills(id)).toEqual(calls(id));
      const { outputTokens, inputTokens } = calls(id)[0]!;
      expect((await view(id)).usage).toMatchObject({ inputTokens, outputTokens });
      expect((await budget()).reserved).toBe(0);
      expect(await openCalls()).toBe(0);
      expect((await audited(id)).filter((action) => action === 'job.call-billed')).toHaveLength(1);
    },
  );

  it('that broke before its first word is owed, and the job goes on at another deployment under a reservation of its own', async () => {
    house.simulator.behaviour.replace({ ...AT_ONCE, models: { [`ap-northeast-1/${PROFILE}`]: { cutAtFrame: 0 } } });
    const id = await submit();
    await rows(`UPDATE admission_entries SET deployment_id = 'tokyo' WHERE job_id = $1`, id);
    await run(id);
    expect(await view(id)).toMatchObject({ status: 'completed' });
    expect(await bills(id)).toMatchObject([{ call: `${id}.1.2` }]);
    await reconcile();
    expect(await bills(id)).toEqual(calls(id));
    expect(calls(id)).toHaveLength(2);
    expect((await budget()).reserved).toBe(0);
  });

  it('is looked for as the call that was really under way, and where it was', async () => {
    const id = await submit();
    await loseWorker(id);
    await rows(`UPDATE jobs SET call_number = 3, deployment_id = 'osaka' WHERE id = $1`, id);
    await rows(`UPDATE admission_entries SET deployment_id = 'tokyo' WHERE job_id = $1`, id);
    await run(id);
    expect(await rows('SELECT call_id, deployment_id FROM lost_calls WHERE job_id = $1', id)).toEqual([
      { call_id: `${id}.1.3`, deployment_id: 'osaka' },
    ]);
    await reconcile(0);
  });

  it('has taken its worst case of the quota, and the call in its place takes as much again', async () => {
    const id = await submit();
    await rows(`UPDATE admission_entries SET quota_tokens = 300, lease_expires_at = now() - interval '1 ms'`);
    await rows('UPDATE pool_deployments SET tokens_per_minute = 1000, tokens_left = 1000');
    const left = async () =>
      (await rows<{ left: number }>('SELECT sum(tokens_left)::float8 AS left FROM pool_deployments'))[0]!.left;
    const before = await left();
    // PostgreSQL has just been started, and the reconciler then lets leases be renewed first.
    await vi.waitUntil(async () => (await worker.get(Reconciler).reconcile(), (await left()) < before), PATIENCE);
    expect(await left()).toBe(before - 300);
    await rows('UPDATE pool_deployments SET tokens_per_minute = NULL, tokens_left = NULL');
    await run(id);
  });

  it('that never reached the model ends with nothing owed, but not before the log would have it', async () => {
    const id = await submit();
    await loseWorker(id);
    const before = await budget();
    await run(id);
    expect(await view(id)).toMatchObject({ status: 'completed' });
    await reconcile();
    expect(await outcomes(id)).toEqual([null]);
    expect((await budget()).reserved).toBe(before.reserved);
    await reconcile(0);
    expect(await outcomes(id)).toEqual(['nothing owed']);
    expect(await bills(id)).toEqual(calls(id));
    expect((await budget()).reserved).toBe(0);
    expect(await audited(id)).toContain('job.call-not-owed');
  });

  it('that has said something is billed by estimate where the log never has it', async () => {
    house.simulator.behaviour.replace({ ...AT_ONCE, cutAtFrame: 9 });
    const id = await submit();
    await run(id);
    house.simulator.ledger.reset();
    await reconcile();
    expect(await outcomes(id)).toEqual([null]);
    await reconcile(0);
    expect(await outcomes(id)).toEqual(['estimated']);
    const [bill] = await bills(id);
    expect(bill!.outputTokens).toBeGreaterThan(0);
    expect((await budget()).reserved).toBe(0);
  });

  it('stays open for as long as the log cannot be read', async () => {
    house.simulator.behaviour.replace({ ...AT_ONCE, omitUsage: true });
    const id = await submit();
    await run(id);
    await rows(`UPDATE lost_calls SET call_id = call_id || '"' WHERE job_id = $1`, id);
    await reconcile(0);
    expect(await outcomes(id)).toEqual([null]);
    await rows(`UPDATE lost_calls SET call_id = rtrim(call_id, '"') WHERE job_id = $1`, id);
    await reconcile(0);
    expect(await outcomes(id)).toEqual(['billed']);
  });

  it('of a deployment without a log is billed by estimate', async () => {
    const id = await submit('unlogged');
    await loseWorker(id);
    await run(id);
    await reconcile();
    const [estimated, exact] = await bills(id);
    expect(exact).toEqual(calls(id)[0]);
    expect(estimated).toMatchObject({ call: `${id}.1`, outputTokens: 0 });
    expect(estimated!.inputTokens).toBeGreaterThan(0);
    expect(await outcomes(id)).toEqual(['estimated']);
    expect((await budget()).reserved).toBe(0);
  });

  it('keeps what the job had reserved; where the budget has no room for another call, the job fails for it', async () => {
    const id = await submit();
    await loseWorker(id);
    await rows('UPDATE budgets SET limit_tokens = used_tokens + reserved_tokens');
    const before = await budget();
    await run(id);
    expect(await view(id)).toMatchObject({ status: 'failed', errorCode: 'METERING.BUDGET_EXHAUSTED', usage: null });
    expect(await budget()).toEqual(before);
    expect(calls(id)).toEqual([]);
    await reconcile(0);
    expect(await budget()).toEqual({ used: before.used, reserved: 0 });
    expect((await audited(id)).filter((action) => action === 'job.failed')).toHaveLength(1);
  });
});
