import { Redis } from 'ioredis';
import { providedServices } from './provided-services.ts';

export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  /** Removes every key of it. */
  drop(): Promise<void>;
}

/**
 * A numbered Redis database of this spec file's own, so that files running side by side share no keys.
 * @throws Error naming the missing package on a machine without redis-server
 */
export async function createTestRedis(): Promise<TestRedis> {
  const { redisUrl } = providedServices();
  if (!redisUrl) throw new Error('redis-server is not installed: apt-get install redis-server');
  // Database 0 only counts: INCR gives each caller of any process a number of its own
  const number = await using(`${redisUrl}/0`, (redis) => redis.incr('databases'));
  const url = `${redisUrl}/${number}`;
  const drop = () => using(url, async (redis) => void (await redis.flushdb()));
  return { url, drop, [Symbol.asyncDispose]: drop };
}

async function using<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
