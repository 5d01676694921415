import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AdmissionDatabase } from '#libs/database';
import {
  AdmissionProgress,
  FairAdmission,
  type JobEvent,
  JobFollower,
  JobIntake,
  JobReader,
  JobRunner,
  LeaseKeeper,
  Reconciler,
  StrandedJobs,
  StreamHub,
  Suspensions,
  type WorkerIdentity,
} from '#libs/jobs';
import { Log, Metrics } from '#libs/observability';
import { type House, openHouse } from '../test/job-house.ts';
import { WorkerModule } from './worker.module.ts';

const PATIENCE = { timeout: 15_000, interval: 10 };

/**
 * What happens to jobs when a process was paused, meets its own work again, or hangs with a lock in its hands. The worker
 * here takes nothing from the queue and has no heartbeat: each test says itself what it does and when.
 */
describe('a job in trouble', () => {
  let house: House;
  let worker: INestApplicationContext;
  let superuser: Client;
  let identity: WorkerIdentity;
  beforeAll(async () => {
    house = await openHouse('postgres');
    worker = await NestFactory.createApplicationContext(WorkerModule.forRoot(house.config), {
      logger: false,
      abortOnError: false,
    });
    const { streamSecret: secret } = house.config.worker;
    const port = await worker.get(StreamHub).listen({ host: '127.0.0.1', port: 0, secret });
    identity = { address: `127.0.0.1:${port}`, leaseMs: 60_000 };
    superuser = new Client({ connectionString: house.database.urls.superuser });
    await superuser.connect();
  });
  afterAll(async () => {
    await superuser.end();
    await worker.get(StreamHub).close();
    await worker.close();
    await house.close();
  });
  beforeEach(async () => {
    house.simulator.behaviour.replace({ firstTokenDelayMs: 0, tokenDelayMs: 0 });
    await rows('UPDATE pool_deployments SET throttle_level = 1, throttled_at = NULL, failures = 0, open_until = NULL');
  });

  const submit = async (): Promise<string> => {
    const messages = [{ role: 'user' as const, content: 'ごみの分別の手順を一覧にしてください。' }];
    return (await house.intake.get(JobIntake).accept(house.requester, { kind: 'chat', messages })).id;
  };
  const run = (jobId: string) => worker.get(JobRunner).run({ ...house.requester.scope, jobId, delivery: 1 }, identity);
  const rows = async <Row extends object>(sql: string, ...parameters: unknown[]) =>
    (await superuser.query<Row>(sql, parameters)).rows;
  const job = async (id: string) =>
    (
      await rows<{ status: string; error_code: string | null; fence: number }>(
        'SELECT status, error_code, fence FROM jobs WHERE id = $1',
        id,
      )
    )[0]!;
  const entry = async (id: string) =>
    (
      await rows<{ deliveries: number; held: boolean }>(
        'SELECT deliveries, lease_expires_at > now() AS held FROM admission_entries WHERE job_id = $1',
        id,
      )
    )[0]!;
  const reconciler = () =>
    new Reconciler(
      worker.get(AdmissionDatabase),
      house.intake.get(FairAdmission),
      worker.get(Suspensions),
      worker.get(Log),
      worker.get(Metrics),
    );
  const keeper = () => new LeaseKeeper(worker.get(AdmissionDatabase), worker.get(Log));

  it('ends once, with an exact bill for each call and the answer its reader holds, when its own paused worker takes it up again', async () => {
    house.simulator.behaviour.replace({ firstTokenDelayMs: 0, tokenDelayMs: 10, jitter: 0 });
    const id = await submit();
    const events: JobEvent[] = [];
    const reading = (async () => {
      const signal = AbortSignal.timeout(15_000);
      for await (const event of house.intake.get(JobFollower).follow(house.requester, id, { signal }))
        events.push(event);
    })();
    const first = run(id);
    await vi.waitUntil(() => events.some((event) => event.type === 'delta' && event.offset > 20), PATIENCE);
    // The second answer is shorter than what the reader holds of the first.
    await rows('UPDATE jobs SET max_tokens = 10 WHERE id = $1', id);
    await rows(`UPDATE admission_entries SET lease_expires_at = now() - interval '1 hour' WHERE job_id = $1`, id);
    await Promise.all([first, run(id), reading]);
    const text = events.reduce(
      (held, event) => (event.type === 'delta' ? held.slice(0, event.offset) + event.text : held),
      '',
    );
    expect((await house.intake.get(JobReader).view(house.requester, id)).output?.text).toBe(text);
    expect(events.filter(({ type }) => ['completed', 'failed', 'cancelled'].includes(type))).toHaveLength(1);
    const bills = await rows<{ call: string; outputTokens: number }>(
      'SELECT call, output_tokens::integer AS "outputTokens" FROM usage_records WHERE subject_id = $1 ORDER BY call',
      id,
    );
    const calls = house.simulator.ledger.list().filter(({ callId }) => callId?.startsWith(id));
    expect(bills).toEqual(calls.map(({ callId: call, outputTokens }) => ({ call, outputTokens })));
    expect(bills).toMatchObject([{ call: `${id}.1` }, { call: `${id}.2`, outputTokens: 10 }]);
    expect((await job(id)).fence).toBe(2);
  });

  it('keeps the lease of the worker that took it over when the late one stops', async () => {
    const id = await submit();
    await rows(
      `UPDATE admission_entries SET lease_fence = 2, lease_expires_at = now() + interval '1 hour' WHERE job_id = $1`,
      id,
    );
    const late = keeper();
    late.hold({ tenantId: house.requester.scope.tenantId, jobId: id, fence: 1, onEnd: () => undefined });
    await late.surrender();
    expect(await entry(id)).toMatchObject({ held: true });
  });

  it('is given up by the late worker as soon as another has it', async () => {
    const id = await submit();
    await rows('UPDATE admission_entries SET lease_fence = 2 WHERE job_id = $1', id);
    const late = keeper();
    await new Promise<void>((onEnd) => {
      late.hold({ tenantId: house.requester.scope.tenantId, jobId: id, fence: 1, onEnd });
      late.start(30);
    });
    late.stop();
  });

  it('fails, and is not delivered for ever, when its content does not open', async () => {
    const id = await submit();
    await rows(`UPDATE jobs SET input_sealed = '\\x01' WHERE id = $1`, id);
    await run(id);
    expect(await job(id)).toMatchObject({ status: 'failed', error_code: 'SYSTEM.UNEXPECTED' });
    expect(await rows('SELECT state FROM reservations WHERE subject_id = $1', id)).toEqual([{ state: 'released' }]);
  });

  it('is nobody’s to claim after it was given back, until admission hands it over again', async () => {
    house.simulator.behaviour.replace({ throttleEveryNth: 1 });
    const id = await submit();
    await run(id);
    expect(await job(id)).toMatchObject({ status: 'queued', fence: 1 });
    // A late copy of the first delivery.
    await run(id);
    expect(await job(id)).toMatchObject({ status: 'queued', fence: 1 });
    house.simulator.behaviour.replace({ firstTokenDelayMs: 0, tokenDelayMs: 0 });
    await vi.waitUntil(async () => {
      await house.intake.get(FairAdmission).request();
      await run(id);
      return (await job(id)).status === 'completed';
    }, PATIENCE);
    expect(await job(id)).toMatchObject({ fence: 2 });
  });

  it('fails with what the last deployment met when it was given back ten times, and is not billed', async () => {
    house.simulator.behaviour.replace({ throttleEveryNth: 1 });
    const id = await submit();
    await rows('UPDATE jobs SET returns = 10, fence = 10 WHERE id = $1', id);
    await run(id);
    expect(await job(id)).toMatchObject({ status: 'failed', error_code: 'MODEL.THROTTLED' });
    expect(await rows('SELECT id FROM usage_records WHERE subject_id = $1', id)).toEqual([]);
    expect(await rows('SELECT state FROM reservations WHERE subject_id = $1', id)).toEqual([{ state: 'released' }]);
  });

  it('is held responsible for lost workers, and not for those that gave it back', async () => {
    const [returned, lost] = [await submit(), await submit()];
    await rows('UPDATE jobs SET returns = 8, fence = 12 WHERE id = $1', returned);
    await rows('UPDATE jobs SET returns = 7, fence = 12 WHERE id = $1', lost);
    await Promise.all([run(returned), run(lost)]);
    expect(await job(returned)).toMatchObject({ status: 'completed' });
    expect(await job(lost)).toMatchObject({ status: 'failed', error_code: 'JOBS.WORKER_LOST' });
  });

  it('fails, and gives its reservation back, when its model is taken out of the pool while it waits', async () => {
    await rows('UPDATE pool_deployments SET running = running + 100');
    const id = await submit();
    await rows('UPDATE pool_deployments SET retired_at = now()');
    await worker.get(StrandedJobs).end();
    // Perhaps processes are only being replaced.
    expect(await job(id)).toMatchObject({ status: 'queued' });
    await rows(`UPDATE pool_deployments SET retired_at = now() - interval '1 hour'`);
    await worker.get(StrandedJobs).end();
    expect(await job(id)).toMatchObject({ status: 'failed', error_code: 'MODEL.NO_HEALTHY_DEPLOYMENT' });
    expect(await rows('SELECT state FROM reservations WHERE subject_id = $1', id)).toEqual([{ state: 'released' }]);
    await rows('UPDATE pool_deployments SET running = running - 100, retired_at = NULL');
  });

  it('is claimed and cancelled at once without a deadlock', async () => {
    const id = await submit();
    await superuser.query('BEGIN');
    await rows('SELECT id FROM jobs WHERE id = $1 FOR UPDATE', id);
    const claimed = run(id);
    await vi.waitUntil(
      async () =>
        (
          await rows(
            'SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = $1',
            'Lock',
          )
        ).length > 0,
      PATIENCE,
    );
    // What a cancellation does next; it would wait for the claim that waits for it, had that one begun with the entry.
    await rows('UPDATE admission_entries SET cancel_requested_at = now() WHERE job_id = $1', id);
    await superuser.query('COMMIT');
    await claimed;
    expect(await job(id)).toMatchObject({ status: 'cancelled' });
  });

  it('is delivered again although another one is locked by a worker that hangs', async () => {
    const [hung, lost] = [await submit(), await submit()];
    await rows(
      `UPDATE admission_entries SET stage = 'running', deliveries = 1, admitted_at = now() - interval '1 hour'
       WHERE job_id = ANY ($1)`,
      [hung, lost],
    );
    await superuser.query('BEGIN');
    await rows('SELECT job_id FROM admission_entries WHERE job_id = $1 FOR UPDATE', hung);
    // Not at once on a server that has just been started: living workers get a moment first.
    await vi.waitUntil(async () => {
      await reconciler().reconcile();
      return (await entry(lost)).deliveries > 1;
    }, PATIENCE);
    expect((await entry(hung)).deliveries).toBe(1);
    await superuser.query('ROLLBACK');
  });

  it('is not taken for lost because nobody could reach the database for longer than its lease', async () => {
    const id = await submit();
    await rows(
      `UPDATE admission_entries SET stage = 'running', deliveries = 1, admitted_at = now() - interval '1 minute',
         lease_expires_at = now() - interval '5 s' WHERE job_id = $1`,
      id,
    );
    await rows(`UPDATE admission_clock SET updated_at = now() - interval '20 s'`);
    await reconciler().reconcile();
    expect(await entry(id)).toMatchObject({ deliveries: 1 });
    await rows(`UPDATE admission_clock SET resumed_at = resumed_at - interval '5 s'`);
    await reconciler().reconcile();
    expect(await entry(id)).toMatchObject({ deliveries: 2 });
    await run(id);
  });

  it('is refused within two seconds when the city’s audit chain is locked by something that hangs', async () => {
    await submit();
    await superuser.query('BEGIN');
    await rows('SELECT 1 FROM audit_heads WHERE tenant_id = $1 FOR UPDATE', house.requester.scope.tenantId);
    const asked = performance.now();
    await expect(submit()).rejects.toThrow();
    expect(performance.now() - asked).toBeLessThan(2_000);
    await superuser.query('ROLLBACK');
    await submit();
  });

  it('shows as a lack of progress when no worker claims it, and no longer once one does', async () => {
    const progress = house.intake.get(AdmissionProgress);
    const id = await submit();
    await expect(progress.assert()).resolves.toBeUndefined();
    await rows(
      `UPDATE admission_entries SET deliveries = 4, admitted_at = now() - interval '10 s' WHERE job_id = $1`,
      id,
    );
    await expect(progress.assert()).rejects.toThrow('no progress');
    await run(id);
    await expect(progress.assert()).resolves.toBeUndefined();
  });
});
