import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisConfig } from '#libs/config';

/** How a connection behaves while its server is away; everything else is the configuration's. */
export type RedisManners = Pick<
  RedisOptions,
  'maxRetriesPerRequest' | 'enableOfflineQueue' | 'lazyConnect' | 'connectTimeout' | 'commandTimeout' | 'retryStrategy'
>;

/** Opens a connection to the configured Redis, be it one server or a cluster. Its errors are told where commands reject. */
export function connectRedis(config: RedisConfig, manners: RedisManners): Redis | Cluster {
  const redis = config.backend === 'redis' ? new Redis(config.url, manners) : connectCluster(config, manners);
  redis.on('error', () => undefined);
  return redis;
}

function connectCluster(
  { nodes, username, password, tls }: Extract<RedisConfig, { backend: 'redis-cluster' }>,
  { lazyConnect, enableOfflineQueue, retryStrategy, ...ofEachNode }: RedisManners,
): Cluster {
  return new Cluster([...nodes], {
    lazyConnect,
    ...(enableOfflineQueue !== undefined && { enableOfflineQueue }),
    ...(retryStrategy && { clusterRetryStrategy: retryStrategy }),
    // A certificate is for the name; by default the driver would look the name up and compare the address.
    ...(tls && { dnsLookup: (host, told) => told(null, host) }),
    redisOptions: {
      ...ofEachNode,
      ...(username && { username }),
      ...(password && { password }),
      ...(tls && { tls: {} }),
    },
  });
}

/** The servers that take writes: the one there is, or every master of a cluster. */
export const mastersOf = (redis: Redis | Cluster): Redis[] =>
  redis instanceof Cluster ? redis.nodes('master') : [redis];
