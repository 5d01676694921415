import { Queue, Worker } from 'bullmq';
import { type Call, callMaker, type Kept, type Regions } from './regions.ts';
import { SdkCaller } from './sdk-caller.ts';

const JOBS = 3_000;
const PAUSE_WHEN_THROTTLED_MS = 1_000;

/** BullMQ's limiter in front of the SDK: so many calls a second, and a pause of all when the provider throttles. */
export class Limiter implements AsyncDisposable {
  private readonly queue: Queue;
  private readonly worker: Worker;
  private readonly caller: SdkCaller;

  private constructor(queue: Queue, worker: Worker, caller: SdkCaller) {
    this.queue = queue;
    this.worker = worker;
    this.caller = caller;
  }

  static async start(
    redisUrl: string,
    regions: Regions,
    settings: { readonly perSecond: number; readonly callers: number },
    keep: (kept: Kept) => void,
  ): Promise<Limiter> {
    const connection = { url: redisUrl };
    const queue = new Queue('limited', { connection });
    const next = callMaker();
    await queue.addBulk(Array.from({ length: JOBS }, () => ({ name: 'call', data: next(), opts: {} })));
    const caller = new SdkCaller(regions, { maxAttempts: 1, retryMode: 'standard' });
    const worker: Worker = new Worker(
      'limited',
      async (job) => {
        const kept = await caller.call(job.data as Call);
        if (kept) return keep(kept);
        await queue.rateLimit(PAUSE_WHEN_THROTTLED_MS);
        throw Worker.RateLimitError();
      },
      {
        connection,
        concurrency: settings.callers,
        limiter: { max: Math.max(1, Math.round(settings.perSecond)), duration: 1_000 },
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
      },
    );
    worker.on('error', () => undefined);
    return new Limiter(queue, worker, caller);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker.close(true);
    await this.queue.obliterate({ force: true });
    await this.queue.close();
    this.caller[Symbol.dispose]();
  }
}
