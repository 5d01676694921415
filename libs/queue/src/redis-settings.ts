import { Redis } from 'ioredis';

/**
 * Refuses a Redis that may drop queue entries: eviction silently removes keys, and without an append-only file a
 * restart forgets them. Nothing accepted would be lost (rows are the record), but every loss costs a city a wait.
 * A Redis that is away is not refused: without it jobs are still accepted and read, and run when it is back.
 * @throws Error naming the setting and the command that mends it
 */
export async function assertRedisKeepsQueues(url: string): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: 0, lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    if (!(await connects(redis))) return;
    const memory = await redis.info('memory');
    const policy = /^maxmemory_policy:(.*)$/m.exec(memory)?.[1]?.trim();
    if (policy !== undefined && policy !== 'noeviction')
      throw new Error(`Redis maxmemory-policy is ${policy}; run: CONFIG SET maxmemory-policy noeviction`);
    const persistence = await redis.info('persistence');
    if (/^aof_enabled:0/m.test(persistence))
      throw new Error('Redis append-only file is off; run: CONFIG SET appendonly yes');
  } finally {
    redis.disconnect();
  }
}

const connects = (redis: Redis): Promise<boolean> =>
  redis.connect().then(
    () => true,
    () => false,
  );
