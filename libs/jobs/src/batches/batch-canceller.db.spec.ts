import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, ContentSeal, LocalKeyService, TenantDatabase, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { BudgetKeeper } from '#libs/metering';
import { Metrics, createLogger } from '#libs/observability';
import { QueueHost, Signals } from '#libs/queue';
import { FrozenClock } from '#libs/testing';
import { Line } from '../../test/line.ts';
import { FairAdmission } from '../admission/fair-admission.ts';
import { JobCanceller } from '../job-canceller.ts';
import { JobMetrics } from '../job-metrics.ts';
import type { Requester } from '../job.ts';
import { RunRepository } from '../run/run-repository.ts';
import { WaitingJobs } from '../waiting-jobs.ts';
import { BatchCanceller } from './batch-canceller.ts';
import { BatchJobs } from './batch-jobs.ts';
import { BatchRepository } from './batch-repository.ts';

const NOW = new Date('2026-07-01T00:00:00Z');

/** Remembers what it is to tell. */
class ToldSignals extends Signals {
  readonly told: unknown[] = [];
  protected broadcast(message: string): void {
    this.told.push(...(JSON.parse(message) as unknown[]));
  }
}

let line: Line;
let sources: DataSource[];
let queues: QueueHost;
let keys: string;
beforeAll(async () => {
  line = await Line.open();
  const { admission, app } = line.database.urls;
  sources = await Promise.all([admission, app].map((url) => createDataSource(url, 4).initialize()));
  queues = new QueueHost({ backend: 'postgres', url: admission });
  keys = await mkdtemp(join(tmpdir(), 'keys-'));
});
afterAll(async () => {
  await queues.onApplicationShutdown();
  await Promise.all(sources.map((source) => source.destroy()));
  await line.close();
  await rm(keys, { recursive: true });
});

it('stops the rows of a batch that was handed over, though somebody else had asked for them', async () => {
  const [admission, database] = [new AdmissionDatabase(sources[0]!), new TenantDatabase(sources[1]!)];
  const [clock, metrics, signals] = [new FrozenClock(NOW), new Metrics(), new ToldSignals()];
  const [seal, audit, budget] = [
    new ContentSeal(database, new LocalKeyService(keys)),
    new AuditTrail(clock),
    new BudgetKeeper(),
  ];
  const fair = new FairAdmission(admission, createLogger('spec', { level: 'fatal' }), queues, metrics);
  const counted = new JobMetrics(metrics, clock);
  const [repository, jobs] = [new BatchRepository(), new BatchJobs()];
  const canceller = new BatchCanceller(
    database,
    seal,
    repository,
    jobs,
    new WaitingJobs(database, budget, fair, signals, counted, clock),
    new JobCanceller(database, budget, fair, audit, signals, clock, counted),
    audit,
  );

  await line.configure({ id: 'a', concurrency: 1 });
  const id = tenantId(await line.foundCity());
  const heir = await line.addActor(id);
  const scope = { tenantId: id, segment: 'lgwan' } as const;
  const requesterOf = (apiKeyId: string): Requester => ({
    ...{ scope, memberId: null, apiKeyId, departmentId: null, models: null },
  });
  const batchId = newId();
  const sealed = await seal.forTenant(scope);
  const ids = await database.run(scope, async (tx) => {
    const rows = [2, 3].map((number) => ({ number, cells: [`${number}`] }));
    const table = { format: 'csv', encoding: 'utf-8', columns: ['用件'], rows } as const;
    const requester = requesterOf(id);
    await repository.insert(tx, sealed, { id: batchId, requester, name: '住民', table, createdAt: NOW });
    const terms = { batchId, requester, model: 'm', maxTokens: 100, purposeId: null, acceptedAt: NOW };
    const prompts = rows.map(({ number }) => ({ row: number, messages: [], inputTokens: 1, worstCaseTokens: 101 }));
    const plan = {
      template: '{用件}',
      fingerprint: Buffer.from('plan'),
      model: 'm',
      maxTokens: 100,
      purpose: null,
      at: NOW,
    };
    await repository.markStarted(tx, sealed, batchId, plan);
    return jobs.insert(tx, sealed, terms, prompts);
  });
  const [running] = await line.admit();
  await database.together(
    scope,
    async (tx) => ({
      result: await new RunRepository().claim(tx, { jobId: running!.job_id, worker: 'w:1', leaseMs: 60_000, now: NOW }),
    }),
    'claims',
  );
  // As hand_over() leaves it: the batch is another's, its jobs remember who asked.
  await line.everything.query('UPDATE batches SET api_key_id = $2 WHERE id = $1', [batchId, heir]);

  await expect(canceller.cancel(requesterOf(id), batchId)).rejects.toMatchObject({ code: 'REQUEST.NOT_FOUND' });
  await canceller.cancel(requesterOf(heir), batchId);

  const waited = ids.find((job) => job !== running!.job_id);
  expect(
    await line.everything.query(
      `SELECT j.id, j.status, e.cancel_requested_at IS NOT NULL AS told FROM jobs j
       LEFT JOIN admission_entries e ON e.job_id = j.id ORDER BY j.status`,
    ),
  ).toEqual([
    { id: waited, status: 'cancelled', told: false },
    { id: running!.job_id, status: 'running', told: true },
  ]);
  expect(signals.told).toEqual([
    { kind: 'job.finished', jobId: waited },
    { kind: 'job.cancel-requested', jobId: running!.job_id },
  ]);
});
