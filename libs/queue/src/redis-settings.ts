import { type Cluster, type Redis, ReplyError } from 'ioredis';
import type { RedisConfig } from '#libs/config';
import { connectRedis, mastersOf } from './redis-connection.ts';

/** A server that is up tells its settings sooner; one that hangs is as good as away. */
const PATIENCE_MS = 5_000;

/**
 * Refuses a Redis that may drop queue entries: eviction silently removes keys, and without an append-only file a
 * restart forgets them. Nothing accepted would be lost (rows are the record), but every loss costs a city a wait.
 * In a cluster every master is asked. One that is away is not refused: without it jobs are still accepted and read, and
 * run when it is back. One that is up and does not tell is refused: nobody would know.
 * @throws RedisUnusable naming each server at fault, the setting and the command that mends it
 */
export async function assertRedisKeepsQueues(config: RedisConfig): Promise<void> {
  const redis = connectRedis(config, {
    maxRetriesPerRequest: 0,
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: PATIENCE_MS,
    commandTimeout: PATIENCE_MS,
  });
  try {
    const refusal = await refusalOf(redis);
    const faults = refusal
      ? [refusal]
      : (await Promise.all(mastersOf(redis).map((master) => faultsOf(master, config)))).flat();
    if (faults.length > 0) throw new RedisUnusable(faults);
  } finally {
    redis.disconnect();
  }
}

class RedisUnusable extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`Redis is not usable for the queue:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

/** Connects. @returns in words why a server that is up does not let us; undefined when it does, or when none is up */
async function refusalOf(redis: Redis | Cluster): Promise<string | undefined> {
  let said: string | undefined;
  const listen = (error: Error & { lastNodeError?: Error }) => {
    const reply = [error, error.lastNodeError].find((candidate) => candidate instanceof ReplyError);
    said ??= reply?.message;
  };
  redis.on('error', listen).on('node error', listen);
  // A cluster that is down ends without settling connect().
  const ended = new Promise<void>((resolve) => redis.once('end', resolve));
  await Promise.race([redis.connect().catch(listen), ended]);
  if (said === undefined) return undefined;
  if (/cluster support disabled/i.test(said))
    return 'it is no cluster; name one address in REDIS_URL, without REDIS_CLUSTER';
  return `its settings cannot be read: ${said}`;
}

async function faultsOf(redis: Redis, { backend }: RedisConfig): Promise<string[]> {
  const server = `${redis.options.host}:${redis.options.port}`;
  const read = async (section: string) => {
    const text = await redis.info(section);
    return (field: string) => new RegExp(`^${field}:(.*)$`, 'm').exec(text)?.[1]?.trim();
  };
  try {
    const [memory, persistence, cluster] = [await read('memory'), await read('persistence'), await read('cluster')];
    const faults: string[] = [];
    const policy = memory('maxmemory_policy');
    if (policy !== 'noeviction')
      faults.push(`maxmemory-policy is ${policy ?? 'not told'}; run: CONFIG SET maxmemory-policy noeviction`);
    if (persistence('aof_enabled') !== '1') faults.push('the append-only file is off; run: CONFIG SET appendonly yes');
    if (backend === 'redis' && cluster('cluster_enabled') === '1')
      faults.push('it is a node of a cluster; set REDIS_CLUSTER=true, or name several nodes in REDIS_URL');
    return faults.map((fault) => `${server}: ${fault}`);
  } catch (error) {
    // What is no reply is a connection that broke: this server is away.
    return error instanceof ReplyError ? [`${server}: its settings cannot be read: ${(error as Error).message}`] : [];
  }
}
