import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TenantDatabase } from '#libs/database';
import { LostCalls } from '#libs/jobs';
import { AT_ONCE, type IdleWorker, PROFILE, openIdleWorker } from '../test/idle-worker.ts';

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
        estimate: {
          inputTokens: 1,
          outputTokens: 1,
          cacheReadTokens: 0,
          cacheWriteTokens: 0,
          inputCharacters: 0,
          outputCharacters: 0,
        },
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
