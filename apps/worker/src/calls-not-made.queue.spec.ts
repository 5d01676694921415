import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Client } from 'pg';
import { AT_ONCE, type IdleWorker, openIdleWorker } from '../test/idle-worker.ts';
import { kill, startWorkerProcess } from '../test/worker-process.ts';

const PATIENCE = { timeout: 20_000, interval: 10 };

const SETTLING = `FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%audit_append%'`;

/**
 * What a deployment without a log was called for nobody can ask. Each of these jobs has lost a worker in its first call, which
 * is owed, and then another that was to make none: held up at its settlement by the audit chain, it is killed before the end.
 */
describe('a call that a worker was not to make', () => {
  let idle: IdleWorker;
  let holdingUp: Client;
  beforeAll(async () => {
    idle = await openIdleWorker();
    holdingUp = new Client({ connectionString: idle.house.database.urls.superuser });
    await holdingUp.connect();
  });
  afterAll(async () => {
    await holdingUp.end();
    await idle.close();
  });
  beforeEach(() => idle.clear());

  const noRoom = 'UPDATE budgets SET limit_tokens = used_tokens + reserved_tokens WHERE $1::uuid IS NOT NULL';

  it.each([
    ['as the budget had no room for it', noRoom, 'METERING.BUDGET_EXHAUSTED'],
    ['as the job was cancelled', 'UPDATE admission_entries SET cancel_requested_at = now() WHERE job_id = $1', null],
    ['as the job had lost too many', 'UPDATE jobs SET fence = 5 WHERE id = $1', 'JOBS.WORKER_LOST'],
  ])('%s is not billed by estimate where that worker is lost, too', async (_why, sql, errorCode) => {
    const id = await idle.submit('unlogged');
    await idle.loseWorker(id);
    await idle.rows(sql, id);
    const { fence } = (await idle.rows<{ fence: number }>('SELECT fence FROM jobs WHERE id = $1', id))[0]!;
    await loseNextWorker(id, fence + 1);
    await idle.run(id);
    expect(await idle.view(id)).toMatchObject({ status: errorCode ? 'failed' : 'cancelled', errorCode });
    await idle.reconcile(0);
    expect(idle.calls(id)).toEqual([]);
    expect(await idle.bills(id)).toMatchObject([{ call: `${id}.${fence}` }]);
    expect((await idle.budget()).reserved).toBe(0);
  });

  it('after another that failed, as the budget had no room for it, is not billed by estimate where that worker is lost', async () => {
    idle.house.simulator.behaviour.replace({ ...AT_ONCE, cutAtFrame: 0 });
    const id = await idle.submit('unlogged');
    await idle.rows(noRoom, id);
    const { model } = idle.house.config;
    const logless = model.deployments.find((deployment) => deployment.id === 'logless')!;
    await loseNextWorker(id, 1, [...model.deployments, { ...logless, id: 'elsewhere' }]);
    await idle.run(id);
    expect(await idle.view(id)).toMatchObject({ status: 'failed', errorCode: 'METERING.BUDGET_EXHAUSTED' });
    await idle.reconcile(0);
    expect(idle.calls(id)).toHaveLength(1);
    expect(await idle.bills(id)).toMatchObject([{ call: `${id}.1` }]);
    expect((await idle.budget()).reserved).toBe(0);
  });

  /** Runs it in a process that comes as far as its settlement, and kills that. */
  const loseNextWorker = async (
    id: string,
    fence: number,
    deployments = idle.house.config.model.deployments,
  ): Promise<void> => {
    await holdingUp.query('BEGIN');
    await holdingUp.query('SELECT FROM audit_heads FOR UPDATE');
    const { config } = idle.house;
    const worker = await startWorkerProcess({ ...config, model: { ...config.model, deployments } });
    try {
      await vi.waitUntil(async () => (await settling(id, fence)).length > 0, PATIENCE);
    } finally {
      await kill(worker);
      // With what it had sent: PostgreSQL would else end the job for it.
      await idle.rows(`SELECT pg_terminate_backend(pid, 5000) ${SETTLING}`);
      await holdingUp.query('ROLLBACK');
    }
    await idle.rows('UPDATE admission_entries SET lease_expires_at = clock_timestamp() WHERE job_id = $1', id);
  };

  /** Whether this execution has the job, and somebody waits for the audit chain. */
  const settling = (id: string, fence: number) =>
    idle.rows(
      `SELECT FROM jobs WHERE id = $1 AND fence = $2 AND status = 'running' AND EXISTS (SELECT ${SETTLING})`,
      id,
      fence,
    );
});
