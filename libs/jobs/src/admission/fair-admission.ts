import { Injectable } from '@nestjs/common';
import { AdmissionDatabase } from '#libs/database';
import type { TenantId } from '#libs/kernel';
import { Log, Metrics } from '#libs/observability';
import { JOBS_RUN, type Producer, QueueHost, type RunDelivery } from '#libs/queue';
import { Coalesced } from './coalesced.ts';

/** An admission takes from a fraction of a millisecond to as long as a locked line makes it. */
const ADMISSION_SECONDS = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** A job with its city, without which it would be looked for in the whole line. */
export interface JobKey {
  readonly tenantId: TenantId;
  readonly jobId: string;
}

/** A job's place in the line. */
export interface QueuePosition {
  readonly jobId: string;
  readonly running: boolean;
  readonly ahead: number;
  readonly waitMs: number | null;
}

/** A delivery to be handed to the queue, as the database tells it. */
export interface AdmittedRow {
  tenant_id: RunDelivery['tenantId'];
  segment: RunDelivery['segment'];
  job_id: string;
  delivery: number;
}

/**
 * Moves the next jobs into the queue, as many as the pool can take, in fair order between lanes, cities and members. The
 * decision is the SQL function admit(): any process may ask for it at any time.
 */
@Injectable()
export class FairAdmission {
  private readonly producer: Producer<RunDelivery>;
  private readonly admitted = new RecentIds();
  private readonly admissionSeconds;
  private readonly failedHandOvers;
  // A free place of many waits longer for company than somebody who asks.
  private readonly admissions = new Coalesced<'job' | 'room'>((causes) => this.admit(!causes.has('job')), {
    job: 1,
    room: 3,
  });

  constructor(
    private readonly database: AdmissionDatabase,
    private readonly log: Log,
    queues: QueueHost,
    metrics: Metrics,
  ) {
    this.admissionSeconds = metrics.histogram(
      'moyai_admission_seconds',
      'Of one decision who goes next',
      [],
      ADMISSION_SECONDS,
    );
    this.failedHandOvers = metrics.counter('moyai_queue_add_failures_total', 'Hand-overs that did not reach the queue');
    this.producer = queues.producer(JOBS_RUN);
  }

  /**
   * Resolves after an admission that began after this call. Calls that come while one runs, or soon after, share the next one,
   * so that under load admissions grow in size and not in number.
   */
  request(): Promise<void> {
    return this.admissions.request('job');
  }

  /** As {@link request}, for a job that has left the pool: costs next to nothing while nobody waits for its room. */
  giveRoomBack(): Promise<void> {
    return this.admissions.request('room');
  }

  /**
   * Where one job stands; null when it is out of the line, because it runs or has ended.
   * @param fence of the job: one that has been executed is in line for another time, whatever was admitted before
   */
  async place(tenantId: TenantId, jobId: string, fence = 0): Promise<QueuePosition | null> {
    if (fence === 0 && this.admitted.has(jobId)) return null;
    const [position] = await this.positions([{ tenantId, jobId }]);
    return position && !position.running ? position : null;
  }

  /** Where waiting jobs stand. A job that is in none of the answers has finished. */
  async positions(jobs: readonly JobKey[]): Promise<QueuePosition[]> {
    const rows = await this.database.query<{ job_id: string; stage: string; ahead: number; wait_ms: string | null }>(
      'SELECT * FROM admission_positions($1, $2)',
      [jobs.map(({ tenantId }) => tenantId), jobs.map(({ jobId }) => jobId)],
    );
    return rows.map((row) => ({
      jobId: row.job_id,
      running: row.stage === 'running',
      ahead: row.ahead,
      waitMs: row.wait_ms === null ? null : Number(row.wait_ms),
    }));
  }

  /** Hands deliveries to the queue without waiting: one that does not arrive is overdue soon and delivered again. */
  deliver(rows: readonly AdmittedRow[]): void {
    if (rows.length === 0) return;
    const deliveries = rows.map((row) => ({
      tenantId: row.tenant_id,
      segment: row.segment,
      jobId: row.job_id,
      delivery: row.delivery,
    }));
    this.producer.add(deliveries).catch((error: unknown) => {
      this.failedHandOvers.inc();
      this.log.warn('queue.add-failed', { error, jobs: rows.length });
    });
  }

  private async admit(onlyIfWaiting: boolean): Promise<void> {
    const decided = this.admissionSeconds.startTimer();
    const rows = await this.database.query<AdmittedRow>('SELECT * FROM admit($1)', [onlyIfWaiting]);
    // A look at a line where nobody waits decides nothing, and there are many of them.
    if (rows.length > 0 || !onlyIfWaiting) decided();
    for (const row of rows) this.admitted.add(row.job_id);
    this.deliver(rows);
  }
}

/** The last ids seen: most jobs are admitted by the process that accepted them, which then need not ask where they are. */
class RecentIds {
  private static readonly SIZE = 5_000;
  private current = new Set<string>();
  private previous = new Set<string>();

  add(id: string): void {
    if (this.current.size >= RecentIds.SIZE) [this.previous, this.current] = [this.current, new Set()];
    this.current.add(id);
  }

  has(id: string): boolean {
    return this.current.has(id) || this.previous.has(id);
  }
}
