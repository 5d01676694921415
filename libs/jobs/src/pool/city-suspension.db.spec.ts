import type { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, OpsDatabase, createDataSource } from '#libs/database';
import { SystemClock, newId } from '#libs/kernel';
import { type Signal, Signals } from '#libs/queue';
import { CityRegistry, SegmentPolicies } from '#libs/tenancy';
import { Line, countBy } from '../../test/line.ts';
import { Suspensions } from '../admission/suspensions.ts';
import { CitySuspension, type RunningJobs } from './city-suspension.ts';

/** Hears what this process says. */
class HeardSignals extends Signals {
  readonly heard: Signal[] = [];

  override publish(signal: Signal): void {
    this.heard.push(signal);
  }

  protected broadcast(): void {}
}

describe('a suspended city', () => {
  const operator = { type: 'vendor', id: newId() } as const;
  const signals = new HeardSignals();
  let line: Line;
  let sources: DataSource[];
  let ops: OpsDatabase;
  let suspension: CitySuspension;
  let suspensions: Suspensions;
  beforeAll(async () => {
    line = await Line.open();
    sources = [
      await createDataSource(line.database.urls.ops, 1).initialize(),
      await createDataSource(line.database.urls.admission, 4).initialize(),
    ];
    const clock = new SystemClock();
    ops = new OpsDatabase(sources[0]!);
    const audit = new AuditTrail(clock);
    suspension = new CitySuspension(new CityRegistry(new SegmentPolicies(audit, clock), audit, clock));
    suspensions = new Suspensions(new AdmissionDatabase(sources[1]!), signals);
  });
  afterEach(() => line.clear());
  afterAll(async () => {
    await Promise.all(sources.map((source) => source.destroy()));
    await line.close();
  });

  const suspend = (city: string, running: RunningJobs = 'finish') =>
    ops.run((tx) => suspension.suspend(tx, operator, city, { reason: '試験', running }));
  const resume = (city: string) => ops.run((tx) => suspension.resume(tx, operator, city, '試験'));
  const stages = async (city: string): Promise<Record<string, number>> => {
    const rows = await line.query<{ stage: string; jobs: number }>(
      'SELECT stage, count(*)::integer AS jobs FROM admission_entries WHERE tenant_id = $1 GROUP BY 1',
      [city],
    );
    return Object.fromEntries(rows.map(({ stage, jobs }) => [stage, jobs]));
  };
  const waitingAnywhere = async (): Promise<unknown> => line.query('SELECT * FROM admission_routes WHERE waiting > 0');

  it('has nothing admitted from the commit on, whatever arrives, before anybody has put its jobs aside', async () => {
    const city = await line.foundCity();
    await line.configure({ id: 'tokyo', concurrency: 2 });
    await line.queue(city, 5);
    expect(await line.admit()).toHaveLength(2);
    await suspend(city);
    await line.configure({ id: 'tokyo', concurrency: 20 });
    expect(await line.admit()).toHaveLength(0);
    await line.queue(city, 1);
    expect(await line.admit()).toHaveLength(0);
  });

  it('waits outside of the line, so that the others go the short way as if it were not there', async () => {
    const [city, other] = [await line.foundCity(), await line.foundCity()];
    await line.configure({ id: 'tokyo', concurrency: 1 });
    await line.queue(city, 3);
    await line.admit();
    await line.queue(city, 2, { lane: 'batch' });
    await suspend(city);
    await suspensions.heed();
    expect(await stages(city)).toEqual({ running: 1, held: 4 });
    expect(await waitingAnywhere()).toEqual([]);
    await line.configure({ id: 'tokyo', concurrency: 3 });
    await line.queue(other, 2);
    expect(countBy(await line.admit(), other)).toBe(2);
  });

  it('lets what runs come to its end, or asks it to end, as was chosen', async () => {
    const [finishing, cancelled] = [await line.foundCity(), await line.foundCity()];
    await line.configure({ id: 'tokyo', concurrency: 4 });
    await line.queue(finishing, 2);
    const stopped = await line.queue(cancelled, 2);
    expect(await line.admit()).toHaveLength(4);
    await suspend(finishing);
    await suspend(cancelled, 'cancel');
    await suspensions.heed();
    const asked = await line.query<{ job_id: string }>(
      'SELECT job_id FROM admission_entries WHERE cancel_requested_at IS NOT NULL',
    );
    expect(asked.map(({ job_id }) => job_id).toSorted()).toEqual(stopped.toSorted());
    const told = signals.heard.flatMap((signal) => (signal.kind === 'job.cancel-requested' ? [signal.jobId] : []));
    expect(told.toSorted()).toEqual(stopped.toSorted());
  });

  it('is admitted again by turns with those who waited meanwhile, its own jobs in their old order, with no credit', async () => {
    const [city, steady] = [await line.foundCity(), await line.foundCity()];
    await line.configure({ id: 'tokyo', concurrency: 1 });
    const jobs = await line.queue(city, 10);
    await line.queue(steady, 60);
    await line.admit();
    await suspend(city);
    await suspensions.heed();
    await line.finish(
      (await line.query<{ job_id: string }>(`SELECT job_id FROM admission_entries WHERE stage = 'running'`)).map(
        ({ job_id }) => job_id,
      ),
      1_000,
    );
    expect(countBy(await line.serve(20, () => 1_000), steady)).toBe(20);
    await resume(city);
    await suspensions.heed();
    const served = await line.serve(16, () => 1_000);
    expect(Math.abs(countBy(served, city) - countBy(served, steady))).toBeLessThanOrEqual(2);
    const own = served.filter(({ tenant_id }) => tenant_id === city).map(({ job_id }) => job_id);
    expect(own).toEqual(jobs.filter((id) => own.includes(id)));
  });

  it('keeps its agreed limit for the time after', async () => {
    const city = await line.foundCity({ limit: 2 });
    await line.configure({ id: 'tokyo', concurrency: 10 });
    await suspend(city);
    await line.queue(city, 5);
    await suspensions.heed();
    await resume(city);
    await suspensions.heed();
    expect(await line.admit()).toHaveLength(2);
  });

  it('comes to the same counts when many look after it at once', async () => {
    const city = await line.foundCity();
    await line.configure({ id: 'tokyo', concurrency: 1 });
    await line.queue(city, 1_500);
    await line.admit();
    await line.admit();
    await suspend(city);
    const heedAll = () => Promise.all(Array.from({ length: 4 }, () => suspensions.heed()));
    await heedAll();
    expect(await stages(city)).toEqual({ running: 1, held: 1_499 });
    expect(await waitingAnywhere()).toEqual([]);
    await resume(city);
    await heedAll();
    await line.admit();
    await line.admit();
    expect(await stages(city)).toEqual({ running: 1, waiting: 1_499 });
    expect(await line.query('SELECT waiting FROM admission_routes WHERE waiting > 0')).toEqual([{ waiting: 1_499 }]);
  });

  it('is suspended once and resumed once', async () => {
    const city = await line.foundCity();
    await suspend(city);
    await expect(suspend(city)).rejects.toMatchObject({ code: 'TENANCY.STATUS_CHANGED' });
    await resume(city);
    await expect(resume(city)).rejects.toMatchObject({ code: 'TENANCY.STATUS_CHANGED' });
    await expect(resume(newId())).rejects.toMatchObject({ code: 'REQUEST.NOT_FOUND' });
  });
});
