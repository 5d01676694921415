import { randomUUID } from 'node:crypto';
import type { TenantId } from '#libs/kernel';
import { type Consumer, JOBS_RUN, type Producer, QueueHost, type RunDelivery } from '#libs/queue';
import type { AdmissionStand } from './admission-stand.ts';
import type { LineJob, WaitingLine } from './waiting-line.ts';

/** BullMQ and nothing before or after it, with the settings the product gives it: added and taken. */
export class PlainQueue implements WaitingLine {
  private readonly queues: QueueHost;
  private readonly producer: Producer<RunDelivery>;
  private consumer: Consumer | undefined;

  /** @param redisUrl for the queue on Redis; on the stand's PostgreSQL without */
  constructor(stand: AdmissionStand, redisUrl: string | undefined) {
    this.queues = new QueueHost(
      redisUrl ? { backend: 'redis', url: redisUrl } : { backend: 'postgres', url: stand.urls.admission },
    );
    this.producer = this.queues.producer(JOBS_RUN);
  }

  async fill(jobs: readonly LineJob[]): Promise<void> {
    await Promise.all(jobs.map((job) => this.add(job)));
  }

  async start(places: number, run: (jobId: string) => Promise<void>): Promise<void> {
    this.consumer = await this.queues.consume(
      JOBS_RUN,
      places,
      ({ jobId }) => run(jobId),
      () => undefined,
    );
  }

  async add({ id, city }: LineJob): Promise<void> {
    await this.producer.add([{ tenantId: city as TenantId, segment: 'lgwan', jobId: id, delivery: 1 }]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.consumer?.close();
    await this.queues.onApplicationShutdown();
  }
}

/** A city of its own with one job after the other. */
export const jobMaker = (city: string) => (): LineJob => ({ id: randomUUID(), city, tokens: 1_000 });
