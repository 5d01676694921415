import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type Queue, Worker, createPostgresBackend, withBackend } from 'bullmq';
import * as bullmq from 'bullmq';
import type { QueueConfig } from '#libs/config';
import type { TenantId } from '#libs/kernel';
import type { QueueContract } from './contracts.ts';
import { QUEUE_SCHEMA } from './queue-schema.ts';
import { connectRedis } from './redis-connection.ts';

export const QUEUE_CONFIG = Symbol('QueueConfig');

export interface Producer<Payload> {
  /** Hands deliveries to the queue. Rejects within seconds when the queue is away; the rows stay and are re-admitted. */
  add(payloads: readonly Payload[]): Promise<void>;
}

export interface Consumer {
  /** Stops taking work and waits for what is running. */
  close(): Promise<void>;
}

interface QueueSource {
  readonly open: () => Queue;
  /** BullMQ closes a connection to PostgreSQL with its queue, and leaves one to Redis that it was given. */
  readonly disconnect: () => void;
}

const JOB_OPTIONS = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

/** Between two tries of a consumer whose queue is away. */
const RETRY_MS = 500;

/**
 * A stalled delivery is dropped, not repeated: a lost worker's jobs come back by their lease in PostgreSQL (libs/jobs),
 * and two recoveries would race. The lock is therefore only BullMQ's own bookkeeping.
 */
const WORKER_OPTIONS = {
  maxStalledCount: 0,
  lockDuration: 60_000,
  // An idle worker whose connection died in silence, or whose look for waiting jobs failed, notices after so many seconds.
  drainDelay: 5,
  runRetryDelay: RETRY_MS,
  autorun: false,
} as const;

const ADD_TIMEOUT_MS = 5_000;

/** In braces, so that a cluster keeps all keys of a queue on one node: BullMQ's scripts work on several at once. */
const REDIS_PREFIX = '{moyai}';

/** BullMQ on the configured backend. The only place that knows which one it is. */
@Injectable()
export class QueueHost implements OnApplicationShutdown {
  private readonly closers: (() => Promise<unknown>)[] = [];

  constructor(@Inject(QUEUE_CONFIG) private readonly config: QueueConfig) {}

  producer<Payload>(contract: QueueContract<Payload>): Producer<Payload> {
    const { open, disconnect } = this.queueSource(contract.name);
    let queue = open();
    this.closers.push(
      () => queue.close(),
      async () => disconnect(),
    );
    const ready = (): Promise<unknown> =>
      queue.waitUntilReady().catch((error: unknown) => {
        // BullMQ remembers a failed start for ever: the next try needs a new queue.
        void queue.close().catch(() => undefined);
        queue = open();
        throw error;
      });
    return {
      add: async (payloads) => {
        const jobs = payloads.map((payload) => ({
          name: contract.name,
          data: payload,
          opts: { ...JOB_OPTIONS, jobId: contract.deliveryId(payload) },
        }));
        // BullMQ waits without end for a Redis that is away.
        const added = ready().then(() => this.addAll(queue, jobs));
        await accepted(added, contract.name);
      },
    };
  }

  async consume<Payload>(
    contract: QueueContract<Payload>,
    concurrency: number,
    handle: (payload: Payload) => Promise<void>,
    onError: (error: Error) => void,
  ): Promise<Consumer> {
    // Not started before it is ready: BullMQ retries a failed start without a pause between tries.
    const worker = this.openWorker(contract.name, concurrency, async (job) => handle(contract.payload.parse(job.data)));
    worker.on('error', onError);
    worker.on('failed', (_job, error) => onError(error));
    await worker.waitUntilReady();
    worker.run().catch(onError);
    return { close: () => worker.close() };
  }

  /** How many deliveries of a queue are for a tenant. */
  async countOf({ name }: { readonly name: string }, tenantId: TenantId): Promise<number> {
    return this.withQueue(name, async (queue) => (await deliveriesOf(queue, tenantId)).length);
  }

  /** Takes a tenant's deliveries out of a queue, but for one that a worker is at. @returns how many */
  async removeOf({ name }: { readonly name: string }, tenantId: TenantId): Promise<number> {
    return this.withQueue(name, async (queue) => {
      const deliveries = await deliveriesOf(queue, tenantId);
      await Promise.all(deliveries.map((delivery) => delivery.remove()));
      // What Redis remembers having done names deliveries by their ids; on PostgreSQL BullMQ cannot be told to forget.
      if (this.config.backend !== 'postgres') await queue.trimEvents(0);
      return deliveries.length;
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.allSettled(this.closers.map((close) => close()));
  }

  private async withQueue<Result>(name: string, work: (queue: Queue) => Promise<Result>): Promise<Result> {
    const { open, disconnect } = this.queueSource(name);
    const queue = open();
    try {
      await queue.waitUntilReady();
      return await work(queue);
    } finally {
      await queue.close().finally(disconnect);
    }
  }

  /** On PostgreSQL one by one: BullMQ's bulk add makes temporary tables, which cost more than the round trips here. */
  private addAll(queue: Queue, jobs: Parameters<Queue['addBulk']>[0]): Promise<unknown> {
    if (this.config.backend !== 'postgres') return queue.addBulk(jobs);
    return Promise.all(jobs.map(({ name, data, opts }) => queue.add(name, data, opts)));
  }

  private queueSource(name: string): QueueSource {
    if (this.config.backend === 'postgres') {
      const connection = postgresConnection(this.config.url, 2);
      return {
        open: () => reported(new PostgresQueue(name, { connection }) as unknown as Queue),
        disconnect: () => undefined,
      };
    }
    const connection = connectRedis(this.config, { maxRetriesPerRequest: 1, connectTimeout: 2_000 });
    return {
      open: () => reported(new bullmq.Queue(name, { connection, prefix: REDIS_PREFIX, skipWaitingForReady: true })),
      disconnect: () => connection.disconnect(),
    };
  }

  private openWorker(name: string, concurrency: number, process: (job: bullmq.Job) => Promise<void>): Worker {
    if (this.config.backend === 'postgres') {
      const connection = postgresConnection(this.config.url, 4);
      const options = { connection, concurrency, ...WORKER_OPTIONS } as object as bullmq.WorkerOptions;
      return new PatientWorker(name, process, options, createPostgresBackend as never);
    }
    const connection = connectRedis(this.config, { maxRetriesPerRequest: null });
    this.closers.push(async () => connection.disconnect());
    return new PatientWorker(name, process, { connection, prefix: REDIS_PREFIX, concurrency, ...WORKER_OPTIONS });
  }
}

const { Queue: PostgresQueue } = withBackend(createPostgresBackend);

/**
 * BullMQ asks again at once and for ever: a PostgreSQL that is away, a Redis that takes no writes. A server in trouble has
 * better to do.
 */
class PatientWorker extends Worker {
  protected override async moveToActive(token: string, name?: string): Promise<bullmq.Job> {
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      await this.delay(RETRY_MS);
      throw error;
    }
  }
}

/** Active ones are left out: the delivery that asks is one, and each ends with its worker. */
async function deliveriesOf(queue: Queue, tenantId: TenantId): Promise<bullmq.Job[]> {
  const jobs = await queue.getJobs(['waiting', 'delayed', 'prioritized', 'completed', 'failed']);
  return jobs.filter((job) => (job?.data as { tenantId?: unknown } | undefined)?.tenantId === tenantId);
}

const postgresConnection = (url: string, max: number) => ({
  connectionString: url,
  schema: QUEUE_SCHEMA,
  max,
  connectionTimeoutMillis: ADD_TIMEOUT_MS,
  // What a crash of the server forgets here is delivered again; it is not worth a disk flush each time.
  options: '-c synchronous_commit=off',
});

/** Errors of a producer are told where add() rejects. */
function reported(queue: Queue): Queue {
  queue.on('error', () => undefined);
  return queue;
}

/** @throws Error when the queue has not accepted in time; it may do so later */
async function accepted(added: Promise<unknown>, queue: string): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`queue ${queue} did not accept within ${ADD_TIMEOUT_MS} ms`)),
    ADD_TIMEOUT_MS,
  ).unref();
  try {
    await Promise.race([added, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
