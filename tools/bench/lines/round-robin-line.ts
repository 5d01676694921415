import { DefaultFairQueueKeyProducer, DRRScheduler, FairQueue, WorkerQueueManager } from '@trigger.dev/redis-worker';
import { pause } from '../load/closed-loop.ts';
import type { LineJob, WaitingLine } from './waiting-line.ts';

const POOL = 'pool';
const FILLED_AT_ONCE = 500;
/** How often it looks for work when it found none, and how often the pool asks it: its own default would leave places empty. */
const LOOKS_EVERY_MS = 10;
const ASKS_EVERY_MS = 2;
/** Claimed and not begun: enough that no place waits for the next claim, few enough that the decision is late. */
const CLAIMED_AHEAD = 20;
/**
 * A round credits every city, also one in which no place is free, and of equal credits the oldest job's goes first. These
 * did best of what we tried: with larger ones quiet cities wait as in a line of first in, first out, with smaller ones half
 * of the places stay empty.
 */
const QUANTUM = 3;
const MOST_DEFICIT = 30;
const CLAIMED_AT_ONCE = 5;

const queueOf = (city: string): string => `tenant:${city}:jobs`;

/**
 * The fair queue of @trigger.dev/redis-worker with its deficit round robin: a queue a city, each city's turn worth so many
 * jobs. It knows neither tokens nor weights.
 */
export class RoundRobinLine implements WaitingLine {
  private readonly queue: FairQueue;
  private readonly claimed: WorkerQueueManager;
  private pulling: Promise<void> | undefined;
  private open = true;

  constructor(redisUrl: string) {
    process.env['TRIGGER_LOG_LEVEL'] ??= 'error';
    const { hostname, port } = new URL(redisUrl);
    const redis = { host: hostname, port: Number(port) };
    const keys = new DefaultFairQueueKeyProducer({ prefix: 'peer' });
    this.claimed = new WorkerQueueManager({ redis, keys });
    this.queue = new FairQueue({
      redis,
      keys,
      scheduler: new DRRScheduler({ redis, keys, quantum: QUANTUM, maxDeficit: MOST_DEFICIT }),
      workerQueue: { resolveWorkerQueue: () => POOL },
      workerQueueMaxDepth: CLAIMED_AHEAD,
      workerQueueDepthCheckId: POOL,
      consumerIntervalMs: LOOKS_EVERY_MS,
      batchClaimSize: CLAIMED_AT_ONCE,
      startConsumers: false,
    });
  }

  async fill(jobs: readonly LineJob[]): Promise<void> {
    for (const [city, mine] of Map.groupBy(jobs, (job) => job.city)) {
      for (let from = 0; from < mine.length; from += FILLED_AT_ONCE) {
        const messages = mine.slice(from, from + FILLED_AT_ONCE).map(({ id }) => ({ messageId: id, payload: {} }));
        await this.queue.enqueueBatch({ queueId: queueOf(city), tenantId: city, messages });
      }
    }
  }

  async start(places: number, run: (jobId: string) => Promise<void>): Promise<void> {
    this.queue.start();
    this.pulling = this.pull(places, run);
  }

  async add({ id, city }: LineJob): Promise<void> {
    await this.queue.enqueue({ queueId: queueOf(city), tenantId: city, messageId: id, payload: {} });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.open = false;
    await this.pulling;
    await this.queue.close();
    await this.claimed.close();
  }

  private async pull(places: number, run: (jobId: string) => Promise<void>): Promise<void> {
    let free = places;
    while (this.open) {
      const next = free > 0 ? await this.claimed.pop(POOL) : null;
      if (!next) {
        await pause(ASKS_EVERY_MS);
        continue;
      }
      free -= 1;
      const [jobId = '', ...queue] = next.messageKey.split(':');
      void run(jobId)
        .finally(() => (free += 1))
        .then(() => (this.open ? this.queue.completeMessage(jobId, queue.join(':')) : undefined))
        .catch(() => undefined); // the run is over and its connections are closed
    }
  }
}
