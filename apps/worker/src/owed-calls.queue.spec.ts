import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TenantDatabase } from '#libs/database';
import { LostCalls } from '#libs/jobs';
import { UsageRecorder } from '#libs/metering';
import { AT_ONCE, type IdleWorker, PROFILE, openIdleWorker } from '../test/idle-worker.ts';

const ESTIMATE = {
  inputTokens: 1,
  outputTokens: 1,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  inputCharacters: 0,
  outputCharacters: 0,
};

describe('an owed call', () => {
  let idle: IdleWorker;
  beforeAll(async () => {
    idle = await openIdleWorker();
  });
  afterAll(() => idle.close());
  beforeEach(() => idle.clear());

  it('is owed also where the next deployment has no room: the job does not go back into line, to owe another each time', async () => {
    const models = {
      [`ap-northeast-1/${PROFILE}`]: { cutAtFrame: 0 },
      [`ap-northeast-3/${PROFILE}`]: { throttleRate: 1 },
    };
    idle.house.simulator.behaviour.replace({ ...AT_ONCE, models });
    const id = await idle.submit();
    await idle.rows(`UPDATE admission_entries SET deployment_id = 'tokyo' WHERE job_id = $1`, id);
    await idle.run(id);
    expect(await idle.view(id)).toMatchObject({ status: 'failed', errorCode: 'MODEL.THROTTLED' });
    await idle.reconcile();
    expect(await idle.bills(id)).toMatchObject([{ call: `${id}.1` }]);
    expect((await idle.budget()).reserved).toBe(0);
  });

  it('is owed once where the deployment after it is one that this worker does not know', async () => {
    idle.house.simulator.behaviour.replace({ ...AT_ONCE, cutAtFrame: 0 });
    await idle.rows(
      `INSERT INTO pool_deployments SELECT other.* FROM pool_deployments d
       CROSS JOIN jsonb_populate_record(d, '{"id": "elsewhere"}') other WHERE d.id = 'logless'`,
    );
    const id = await idle.submit('unlogged');
    await idle.rows(`UPDATE admission_entries SET deployment_id = 'logless' WHERE job_id = $1`, id);
    await idle.run(id);
    await idle.rows(`DELETE FROM pool_deployments WHERE id = 'elsewhere'`);
    expect(await idle.view(id)).toMatchObject({ status: 'failed', errorCode: 'MODEL.STREAM_BROKEN', usage: null });
    await idle.reconcile();
    expect(await idle.bills(id)).toMatchObject([{ call: `${id}.1` }]);
    expect((await idle.budget()).reserved).toBe(0);
    expect((await idle.audited(id)).filter((action) => action.includes('call'))).toEqual(['job.call-estimated']);
  });

  it('that is on record when it is resolved ends what it holds, and is not said to be recorded twice', async () => {
    const id = await idle.submit();
    const { used } = await idle.budget();
    const { scope } = idle.house.requester;
    const usage = { ...ESTIMATE, inputTokens: 20 };
    const [calls, recorder] = [idle.worker.get(LostCalls), idle.worker.get(UsageRecorder)];
    const call = { callId: `${id}.1`, jobId: id, acceptedAt: new Date(), deploymentId: 'logless', estimate: ESTIMATE };
    await idle.worker.get(TenantDatabase).run(scope, async (tx) => {
      await calls.lose(tx, call);
      await recorder.settle(tx, {
        ...call,
        subject: { type: 'job', id },
        call: call.callId,
        usage,
        source: 'provider',
        model: 'claude',
        memberId: null,
        apiKeyId: null,
        departmentId: null,
        purposeId: null,
        recordedAt: new Date(),
      });
    });
    expect((await idle.budget()).reserved).toBeGreaterThan(0);
    expect(await calls.resolve(scope, call.callId, { outcome: 'estimated' })).toBe(true);
    expect(await idle.budget()).toEqual({ used: used + 21, reserved: 0 });
    expect(await idle.outcomes(id)).toEqual(['on record']);
    expect(
      await idle.rows(
        `SELECT action, details::jsonb ->> 'tokens' AS tokens FROM audit_entries WHERE subject_id = $1`,
        id,
      ),
    ).toContainEqual({ action: 'job.call-on-record', tokens: '0' });
    await idle.run(id);
  });

  it('after which the budget had no room ends the job also where the worker that found so was lost before it said so', async () => {
    const id = await idle.submit();
    await idle.loseWorker(id);
    await idle.rows('UPDATE budgets SET limit_tokens = used_tokens + reserved_tokens');
    const before = await idle.budget();
    await idle.worker.get(TenantDatabase).run(idle.house.requester.scope, (tx) =>
      idle.worker.get(LostCalls).lose(tx, {
        callId: `${id}.1`,
        jobId: id,
        acceptedAt: new Date(),
        deploymentId: 'tokyo',
        estimate: ESTIMATE,
      }),
    );
    await idle.rows('UPDATE jobs SET fence = 2 WHERE id = $1', id);
    await idle.run(id);
    expect(await idle.view(id)).toMatchObject({
      status: 'failed',
      errorCode: 'METERING.BUDGET_EXHAUSTED',
      usage: null,
    });
    expect(idle.calls(id)).toEqual([]);
    expect(await idle.budget()).toEqual(before);
    await idle.reconcile(0);
    expect((await idle.budget()).reserved).toBe(0);
  });
});
