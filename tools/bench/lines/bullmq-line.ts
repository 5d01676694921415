import { Queue, Worker } from 'bullmq';
import type { LineCity, LineJob, WaitingLine } from './waiting-line.ts';

const FILLED_AT_ONCE = 1_000;
const LOWEST_PRIORITY = 2 ** 21;

/** The priority of a city's next job, 1 the highest; undefined for first in, first out. */
export type Prioritise = (job: LineJob) => number | undefined;

export const firstInFirstOut: Prioritise = () => undefined;

/**
 * What BullMQ's priorities are used for where tenants share a queue: a job's priority is the number of jobs its city has
 * asked for lately, by the city's weight. (No run is longer than the minute in which such a count would be forgotten.)
 */
export function byRecentCount(cities: readonly LineCity[]): Prioritise {
  const weights = new Map(cities.map(({ id, weight }) => [id, weight]));
  const asked = new Map<string, number>();
  return ({ city }) => {
    const count = (asked.get(city) ?? 0) + 1;
    asked.set(city, count);
    return Math.min(LOWEST_PRIORITY, Math.ceil(count / weights.get(city)!));
  };
}

/** Plain BullMQ on Redis, with its defaults. */
export class BullmqLine implements WaitingLine {
  private readonly queue: Queue;
  private readonly connection: { readonly url: string };
  private readonly priorityOf: Prioritise;
  private worker: Worker | undefined;

  constructor(redisUrl: string, priorityOf: Prioritise) {
    this.connection = { url: redisUrl };
    this.priorityOf = priorityOf;
    this.queue = new Queue('peer', { connection: this.connection });
  }

  async fill(jobs: readonly LineJob[]): Promise<void> {
    for (let from = 0; from < jobs.length; from += FILLED_AT_ONCE)
      await this.queue.addBulk(jobs.slice(from, from + FILLED_AT_ONCE).map((job) => this.entryOf(job)));
  }

  async start(places: number, run: (jobId: string) => Promise<void>): Promise<void> {
    this.worker = new Worker('peer', (job) => run((job.data as { jobId: string }).jobId), {
      connection: this.connection,
      concurrency: places,
    });
    this.worker.on('error', () => undefined);
    await this.worker.waitUntilReady();
  }

  async add(job: LineJob): Promise<void> {
    const { name, data, opts } = this.entryOf(job);
    await this.queue.add(name, data, opts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker?.close(true);
    await this.queue.close();
  }

  private entryOf(job: LineJob) {
    const priority = this.priorityOf(job);
    const opts = { removeOnComplete: true, removeOnFail: true, ...(priority !== undefined && { priority }) };
    return { name: 'job', data: { jobId: job.id }, opts };
  }
}
