import { once } from 'node:events';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { FinanceDatabase, createDataSource } from '#libs/database';
import { LostCalls, OpenCalls, Reconciler } from '#libs/jobs';
import { jstMonthOf } from '#libs/kernel';
import { AT_ONCE, type IdleWorker, PROFILE, openIdleWorker } from '../test/idle-worker.ts';
import { startWorkerProcess } from '../test/worker-process.ts';

const PATIENCE = { timeout: 15_000, interval: 10 };

/**
 * Calls whose usage event never came. The worker here takes nothing from the queue and looks into no log by itself: each
 * test says what happens and when, but for those that need a process to kill.
 */
describe('a lost call', () => {
  let idle: IdleWorker;
  let financeSource: DataSource;
  let finance: FinanceDatabase;
  beforeAll(async () => {
    idle = await openIdleWorker();
    financeSource = await createDataSource(idle.house.database.urls.finance, 1).initialize();
    finance = new FinanceDatabase(financeSource);
  });
  afterAll(async () => {
    await financeSource.destroy();
    await idle.close();
  });
  beforeEach(() => idle.clear());

  const openCalls = () => finance.run((tx) => new OpenCalls().countIn(tx, jstMonthOf(new Date())));

  it('of a worker killed in the middle of an answer is billed to the token, and so is the one that took its place', async () => {
    idle.house.simulator.behaviour.replace({ firstTokenDelayMs: 0, tokenDelayMs: 20, jitter: 0 });
    const killed = await startWorkerProcess(idle.house.config);
    const id = await idle.submit();
    await vi.waitUntil(() => idle.calls(id)[0]?.outputTokens, PATIENCE);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    idle.house.simulator.behaviour.replace(AT_ONCE);
    const { worker: second } = await idle.house.startWorker();
    await vi.waitUntil(
      async () => (await idle.view(id)).status === 'completed' && (await idle.bills(id)).length === 2,
      PATIENCE,
    );
    await second.drain();
    expect(await idle.bills(id)).toEqual(idle.calls(id));
    const [first, last] = idle.calls(id);
    expect(first?.outputTokens).toBeLessThan(last?.outputTokens ?? 0);
    expect((await idle.view(id)).usage).toMatchObject({
      inputTokens: first!.inputTokens + last!.inputTokens,
      outputTokens: first!.outputTokens + last!.outputTokens,
    });
    expect((await idle.audited(id)).filter((action) => /completed|billed/.test(action)).toSorted()).toEqual([
      'job.call-billed',
      'job.completed',
    ]);
    expect((await idle.budget()).reserved).toBe(0);
  });

  it.each([
    ['was cut', { cutAtFrame: 9 }, 'failed'],
    ['used a prompt cache and was cut', { cutAtFrame: 9, cacheReadShare: 0.5, cacheWriteShare: 0.3 }, 'failed'],
    ['came without its usage', { omitUsage: true }, 'completed'],
  ])(
    'whose stream %s ends its job at once, without usage, and is billed exactly when the log has it',
    async (_how, behaviour, status) => {
      idle.house.simulator.behaviour.replace({ ...AT_ONCE, ...behaviour });
      const id = await idle.submit();
      await idle.run(id);
      expect(await idle.view(id)).toMatchObject({ status, usage: null });
      expect(await idle.bills(id)).toEqual([]);
      expect((await idle.budget()).reserved).toBeGreaterThan(0);
      expect(await openCalls()).toBe(1);
      const usage = idle.calls(id)[0]!;
      const resolve = () =>
        idle.worker.get(LostCalls).resolve(idle.house.requester.scope, `${id}.1`, { outcome: 'billed', usage });
      const resolved = await Promise.all([idle.reconcile(), resolve(), resolve(), resolve()]);
      expect(resolved.filter((first) => first === true).length).toBeLessThanOrEqual(1);
      expect(await resolve()).toBe(false);
      expect(await idle.bills(id)).toEqual(idle.calls(id));
      const { outputTokens, inputTokens } = idle.calls(id)[0]!;
      expect((await idle.view(id)).usage).toMatchObject({ inputTokens, outputTokens });
      expect((await idle.budget()).reserved).toBe(0);
      expect(await openCalls()).toBe(0);
      expect((await idle.audited(id)).filter((action) => action === 'job.call-billed')).toHaveLength(1);
    },
  );

  it('that broke before its first word is owed, and the job goes on at another deployment under a reservation of its own', async () => {
    idle.house.simulator.behaviour.replace({
      ...AT_ONCE,
      models: { [`ap-northeast-1/${PROFILE}`]: { cutAtFrame: 0 } },
    });
    const id = await idle.submit();
    await idle.rows(`UPDATE admission_entries SET deployment_id = 'tokyo' WHERE job_id = $1`, id);
    await idle.run(id);
    expect(await idle.view(id)).toMatchObject({ status: 'completed' });
    expect(await idle.bills(id)).toMatchObject([{ call: `${id}.1.2` }]);
    await idle.reconcile();
    expect(await idle.bills(id)).toEqual(idle.calls(id));
    expect(idle.calls(id)).toHaveLength(2);
    expect((await idle.budget()).reserved).toBe(0);
  });

  it('is looked for as the call that was really under way, and where it was', async () => {
    const id = await idle.submit();
    await idle.loseWorker(id);
    await idle.rows(`UPDATE jobs SET call_number = 3, deployment_id = 'osaka' WHERE id = $1`, id);
    await idle.rows(`UPDATE admission_entries SET deployment_id = 'tokyo' WHERE job_id = $1`, id);
    await idle.run(id);
    expect(await idle.rows('SELECT call_id, deployment_id FROM lost_calls WHERE job_id = $1', id)).toEqual([
      { call_id: `${id}.1.3`, deployment_id: 'osaka' },
    ]);
    await idle.reconcile(0);
  });

  it('has taken its worst case of the quota, and the call in its place takes as much again', async () => {
    const id = await idle.submit();
    await idle.rows(`UPDATE admission_entries SET quota_tokens = 300, lease_expires_at = now() - interval '1 ms'`);
    await idle.rows('UPDATE pool_deployments SET tokens_per_minute = 1000, tokens_left = 1000');
    const left = async () =>
      (await idle.rows<{ left: number }>('SELECT sum(tokens_left)::float8 AS left FROM pool_deployments'))[0]!.left;
    const before = await left();
    // PostgreSQL has just been started, and the reconciler then lets leases be renewed first.
    await vi.waitUntil(async () => (await idle.worker.get(Reconciler).reconcile(), (await left()) < before), PATIENCE);
    expect(await left()).toBe(before - 300);
    await idle.rows('UPDATE pool_deployments SET tokens_per_minute = NULL, tokens_left = NULL');
    await idle.run(id);
  });

  it('that never reached the model ends with nothing owed, but not before the log would have it', async () => {
    const id = await idle.submit();
    await idle.loseWorker(id);
    const before = await idle.budget();
    await idle.run(id);
    expect(await idle.view(id)).toMatchObject({ status: 'completed' });
    await idle.reconcile();
    expect(await idle.outcomes(id)).toEqual([null]);
    expect((await idle.budget()).reserved).toBe(before.reserved);
    await idle.reconcile(0);
    expect(await idle.outcomes(id)).toEqual(['nothing owed']);
    expect(await idle.bills(id)).toEqual(idle.calls(id));
    expect((await idle.budget()).reserved).toBe(0);
    expect(await idle.audited(id)).toContain('job.call-not-owed');
  });

  it('that has said something is billed by estimate where the log never has it', async () => {
    idle.house.simulator.behaviour.replace({ ...AT_ONCE, cutAtFrame: 9 });
    const id = await idle.submit();
    await idle.run(id);
    idle.house.simulator.ledger.reset();
    await idle.reconcile();
    expect(await idle.outcomes(id)).toEqual([null]);
    await idle.reconcile(0);
    expect(await idle.outcomes(id)).toEqual(['estimated']);
    const [bill] = await idle.bills(id);
    expect(bill!.outputTokens).toBeGreaterThan(0);
    expect((await idle.budget()).reserved).toBe(0);
  });

  it('that nobody noted for hours, as no worker ran, is found in the log all the same', async () => {
    idle.house.simulator.behaviour.replace({ ...AT_ONCE, omitUsage: true });
    const id = await idle.submit();
    await idle.run(id);
    await idle.rows(`UPDATE lost_calls SET lost_at = lost_at + interval '9 hours' WHERE job_id = $1`, id);
    await idle.reconcile();
    expect(await idle.outcomes(id)).toEqual(['billed']);
    expect(await idle.bills(id)).toEqual(idle.calls(id));
  });

  it('stays open for as long as the log cannot be read', async () => {
    idle.house.simulator.behaviour.replace({ ...AT_ONCE, omitUsage: true });
    const id = await idle.submit();
    await idle.run(id);
    await idle.rows(`UPDATE lost_calls SET call_id = call_id || '"' WHERE job_id = $1`, id);
    await idle.reconcile(0);
    expect(await idle.outcomes(id)).toEqual([null]);
    await idle.rows(`UPDATE lost_calls SET call_id = rtrim(call_id, '"') WHERE job_id = $1`, id);
    await idle.reconcile(0);
    expect(await idle.outcomes(id)).toEqual(['billed']);
  });

  it('of a deployment without a log is billed by estimate', async () => {
    const id = await idle.submit('unlogged');
    await idle.loseWorker(id);
    await idle.run(id);
    await idle.reconcile();
    const [estimated, exact] = await idle.bills(id);
    expect(exact).toEqual(idle.calls(id)[0]);
    expect(estimated).toMatchObject({ call: `${id}.1`, outputTokens: 0 });
    expect(estimated!.inputTokens).toBeGreaterThan(0);
    expect(await idle.outcomes(id)).toEqual(['estimated']);
    expect((await idle.budget()).reserved).toBe(0);
  });

  it('keeps what the job had reserved; where the budget has no room for another call, the job fails for it', async () => {
    const id = await idle.submit();
    await idle.loseWorker(id);
    await idle.rows('UPDATE budgets SET limit_tokens = used_tokens + reserved_tokens');
    const before = await idle.budget();
    await idle.run(id);
    expect(await idle.view(id)).toMatchObject({
      status: 'failed',
      errorCode: 'METERING.BUDGET_EXHAUSTED',
      usage: null,
    });
    expect(await idle.budget()).toEqual(before);
    expect(idle.calls(id)).toEqual([]);
    await idle.reconcile(0);
    expect(await idle.budget()).toEqual({ used: before.used, reserved: 0 });
    expect((await idle.audited(id)).filter((action) => action === 'job.failed')).toHaveLength(1);
  });
});
