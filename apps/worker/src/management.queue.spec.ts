import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobFollower, JobIntake } from '#libs/jobs';
import { ManagementServer } from '#libs/observability';
import { type House, openHouse } from '../test/job-house.ts';

describe('the management port of a worker', () => {
  let house: House;
  let origin: string;
  beforeAll(async () => {
    house = await openHouse('postgres');
    const { app } = await house.startWorker();
    const management = app.get(ManagementServer);
    await management.listen();
    origin = `http://127.0.0.1:${management.port}`;
  });
  afterAll(() => house.close());

  const samples = async () => (await fetch(`${origin}/metrics`)).text();
  const finish = async (content: string): Promise<void> => {
    const request = { kind: 'chat' as const, messages: [{ role: 'user' as const, content }] };
    const { id } = await house.intake.get(JobIntake).accept(house.requester, request);
    const signal = AbortSignal.timeout(15_000);
    for await (const _ of house.intake.get(JobFollower).follow(house.requester, id, { signal }));
  };

  it('counts what the worker did, and tells no word of it', async () => {
    await finish('防災訓練の案内文を作ってください。');
    const body = await samples();
    expect(body).toContain('moyai_jobs_total{outcome="completed"} 1');
    expect(body).toContain('moyai_executions_total{lane="interactive"} 1');
    expect(body).toContain('moyai_time_to_first_token_seconds_count{lane="interactive"} 1');
    expect(body).not.toMatch(/防災|模擬市/);
    expect(body).not.toContain(house.requester.scope.tenantId);
  });

  it('is ready while the safety net turns and work moves', async () => {
    await finish('要点をまとめてください。');
    await expect
      .poll(async () => (await fetch(`${origin}/health/ready`)).json())
      .toEqual({ status: 'ok', checks: { reconciler: 'ok', progress: 'ok' } });
  });
});
