import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, TenantDatabase, createDataSource } from '#libs/database';
import { jstMonthOf, newId } from '#libs/kernel';
import { BudgetKeeper } from '#libs/metering';
import { Metrics, createLogger } from '#libs/observability';
import { QueueHost, Signals } from '#libs/queue';
import { FrozenClock } from '#libs/testing';
import { Line } from '../../test/line.ts';
import { JobMetrics } from '../job-metrics.ts';
import { WaitingJobs } from '../waiting-jobs.ts';
import { FairAdmission } from './fair-admission.ts';
import { HeldJobs } from './held-jobs.ts';

/** Remembers what it is to tell. */
class ToldSignals extends Signals {
  readonly told: unknown[] = [];
  protected broadcast(message: string): void {
    this.told.push(...(JSON.parse(message) as unknown[]));
  }
}

describe('jobs that a suspended city has waiting', () => {
  const now = new Date();
  const nextMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 2));
  let line: Line;
  let sources: DataSource[];
  let queues: QueueHost;
  const metrics = new Metrics();
  const signals = new ToldSignals();
  beforeAll(async () => {
    line = await Line.open();
    const { admission, app } = line.database.urls;
    sources = await Promise.all([admission, app].map((url) => createDataSource(url, 2).initialize()));
    queues = new QueueHost({ backend: 'postgres', url: admission });
  });
  afterAll(async () => {
    await queues.onApplicationShutdown();
    await Promise.all(sources.map((source) => source.destroy()));
    await line.close();
  });

  const rows = <Row>(sql: string, ...parameters: unknown[]): Promise<Row[]> => line.everything.query(sql, parameters);
  const endAt = (at: Date): Promise<number> => {
    const clock = new FrozenClock(at);
    const [admission, app] = [new AdmissionDatabase(sources[0]!), new TenantDatabase(sources[1]!)];
    const fair = new FairAdmission(admission, createLogger('spec', { level: 'fatal' }), queues, new Metrics());
    const counted = new JobMetrics(metrics, clock);
    const waiting = new WaitingJobs(app, new BudgetKeeper(), fair, signals, counted, clock);
    return new HeldJobs(admission, waiting, new AuditTrail(clock), clock).endOfPastMonths();
  };

  it('keep their budget for the month they were accepted in, and give it back when that is over', async () => {
    const city = await line.foundCity();
    const jobs = await line.queue(city, 3);
    const month = `${jstMonthOf(now)}-01`;
    await rows(
      'INSERT INTO budgets (tenant_id, month, limit_tokens, reserved_tokens) VALUES ($1, $2, 1000, 300)',
      city,
      month,
    );
    for (const job of jobs)
      await rows(
        `INSERT INTO reservations (tenant_id, id, subject_type, subject_id, month, tokens, created_at, expires_at)
         VALUES ($1, $2, 'job', $3, $4, 100, now(), now())`,
        ...[city, newId(), job, month],
      );
    await rows(`UPDATE admission_entries SET stage = 'held'`);

    expect(await endAt(now)).toBe(0);
    const held = () => rows('SELECT reserved_tokens::integer AS held FROM budgets WHERE tenant_id = $1', city);
    expect(await held()).toEqual([{ held: 300 }]);

    expect(await Promise.all([endAt(nextMonth), endAt(nextMonth)])).toEqual(expect.arrayContaining([3, 0]));
    expect(await held()).toEqual([{ held: 0 }]);
    await expect.poll(() => signals.told).toHaveLength(3);
    expect(signals.told).toEqual(expect.arrayContaining(jobs.map((jobId) => ({ kind: 'job.finished', jobId }))));
    expect(await rows('SELECT DISTINCT status, error_code AS cause FROM jobs')).toEqual([
      { status: 'cancelled', cause: 'JOBS.HELD_PAST_MONTH' },
    ]);
    await line.admit();
    expect(await rows('SELECT 1 FROM admission_entries')).toEqual([]);
    expect(
      await rows(`SELECT details::jsonb->>'jobs' AS jobs FROM audit_entries WHERE action = 'city.held-jobs-cancelled'`),
    ).toEqual([{ jobs: '3' }]);
    expect((await metrics.expose()).body).toContain('moyai_jobs_total{outcome="cancelled"} 3');
  });
});
