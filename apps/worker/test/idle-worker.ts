import { NestFactory } from '@nestjs/core';
import { Client } from 'pg';
import type { ModelDeployment } from '#libs/config';
import { JobIntake, JobReader, JobRunner, LostCallReconciler, StreamHub } from '#libs/jobs';
import { WorkerModule } from '../src/worker.module.ts';
import { openHouse } from './job-house.ts';

export const AT_ONCE = { firstTokenDelayMs: 0, tokenDelayMs: 0 };
export const PROFILE = 'jp.anthropic.claude';
const HOUR_MS = 3_600_000;
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

/** A worker that takes nothing from the queue and looks into no log by itself: each test says what happens and when. */
export async function openIdleWorker() {
  const house = await openHouse('postgres', deploymentsAt);
  const worker = await NestFactory.createApplicationContext(WorkerModule.forRoot(house.config), {
    logger: false,
    abortOnError: false,
  });
  const { streamSecret: secret } = house.config.worker;
  const address = `127.0.0.1:${await worker.get(StreamHub).listen({ host: '127.0.0.1', port: 0, secret })}`;
  const superuser = new Client({ connectionString: house.database.urls.superuser });
  await superuser.connect();

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
      .map(({ callId, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens }) => ({
        call: callId,
        inputTokens,
        cacheReadTokens,
        cacheWriteTokens,
        outputTokens,
      }));
  const bills = (jobId: string) =>
    rows<ReturnType<typeof calls>[number]>(
      `SELECT call, input_tokens::integer AS "inputTokens", cache_read_tokens::integer AS "cacheReadTokens",
         cache_write_tokens::integer AS "cacheWriteTokens", output_tokens::integer AS "outputTokens"
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
  /** As if nothing had gone wrong before. */
  const clear = async (): Promise<void> => {
    house.simulator.behaviour.replace(AT_ONCE);
    house.simulator.ledger.reset();
    await rows('UPDATE pool_deployments SET throttle_level = 1, throttled_at = NULL, failures = 0, open_until = NULL');
    await rows('UPDATE budgets SET limit_tokens = 10000000');
  };
  const close = async (): Promise<void> => {
    await superuser.end();
    await worker.get(StreamHub).close();
    await worker.close();
    await house.close();
  };
  return {
    house,
    worker,
    rows,
    submit,
    run,
    view,
    calls,
    bills,
    outcomes,
    audited,
    budget,
    loseWorker,
    reconcile,
    clear,
    close,
  };
}

export type IdleWorker = Awaited<ReturnType<typeof openIdleWorker>>;
