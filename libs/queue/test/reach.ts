import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueueConfig, RedisConfig } from '#libs/config';
import { createTestDatabase, createTestRedis } from '#libs/testing';
import { FaultProxy } from '../../../tools/services/fault-proxy.ts';
import { RedisCluster } from '../../../tools/services/redis-cluster.ts';

export const BACKENDS = ['postgres', 'redis', 'redis-cluster'] as const;

/** A server of the queue that can be put out of reach and back, with all it holds. */
export interface Reach {
  readonly config: QueueConfig;
  lose(): Promise<void>;
  regain(): Promise<void>;
  close(): Promise<void>;
}

export async function openReach(backend: (typeof BACKENDS)[number]): Promise<Reach> {
  if (backend === 'redis-cluster') return openCluster();
  if (backend === 'redis') {
    const redis = await createTestRedis();
    return byProxy(
      redis.url,
      (url) => ({ backend, url }),
      () => redis.drop(),
    );
  }
  const database = await createTestDatabase();
  return byProxy(
    database.urls.admission,
    (url) => ({ backend, url }),
    () => database.drop(),
  );
}

async function byProxy(
  address: string,
  config: (url: string) => QueueConfig,
  drop: () => Promise<void>,
): Promise<Reach> {
  const { hostname, port } = new URL(address);
  const proxy = await FaultProxy.open(hostname, Number(port));
  return {
    config: config(proxy.through(address)),
    lose: () => proxy.become({ kind: 'closed' }),
    regain: () => proxy.become({ kind: 'clear' }),
    async close() {
      await proxy.close();
      await drop();
    },
  };
}

/** Nodes tell clients each other's addresses, past any proxy: here they die themselves. */
export async function openCluster() {
  const folder = await mkdtemp(join(tmpdir(), 'moyai-cluster-'));
  const cluster = await RedisCluster.start(folder);
  return {
    nodes: cluster.nodes,
    config: clusterOf(cluster.nodes),
    /** One node, or all of them. */
    lose: (node?: number) => cluster.kill(node),
    async regain() {
      await cluster.revive();
      await cluster.agreed();
    },
    async close() {
      await cluster.stop();
      await rm(folder, { recursive: true });
    },
  };
}

export const clusterOf = (nodes: readonly { host: string; port: number }[]): RedisConfig => ({
  backend: 'redis-cluster',
  nodes: [...nodes],
  username: '',
  password: '',
  tls: false,
});
