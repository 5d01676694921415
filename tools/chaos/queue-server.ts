import { rmSync } from 'node:fs';
import { Redis } from 'ioredis';
import { FaultProxy } from '../services/fault-proxy.ts';
import { RedisCluster } from '../services/redis-cluster.ts';
import { RedisServer } from '../services/redis.ts';

/** What the queue is on, when it is not on PostgreSQL: a Redis behind a way that can be made bad, or a cluster of three. */
export interface QueueServer {
  /** Value of REDIS_URL. */
  readonly url: string;
  /** Undefined for a cluster: its nodes tell clients each other's addresses, past any proxy. */
  readonly way: FaultProxy | undefined;
  readonly pids: readonly number[];
  /** One command to every server there is, past the way. */
  command(...words: readonly string[]): Promise<void>;
  kill(): Promise<void>;
  /** Starts again what was killed, on what it had written. */
  revive(options?: { forgetting: boolean }): Promise<void>;
  stop(): Promise<void>;
}

export async function openRedis(directory: string): Promise<QueueServer> {
  let server = await RedisServer.start(directory);
  const port = Number(new URL(server.url).port);
  const way = await FaultProxy.open('127.0.0.1', port);
  return {
    url: way.through(server.url),
    way,
    get pids() {
      return [server.pid];
    },
    command: (...words) => send({ host: '127.0.0.1', port }, words),
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await server.stop();
    },
    async revive({ forgetting } = { forgetting: false }) {
      if (forgetting) rmSync(directory, { recursive: true });
      server = await RedisServer.start(directory, port);
    },
    async stop() {
      await way.close();
      await server.stop();
    },
  };
}

/** Killing it kills the node that holds the queue or one of the others, in turn: all end up having been away. */
export async function openRedisCluster(directory: string): Promise<QueueServer> {
  const cluster = await RedisCluster.start(directory);
  let turn = 0;
  return {
    url: cluster.url,
    way: undefined,
    get pids() {
      return cluster.pids;
    },
    command: async (...words) => void (await Promise.all(cluster.nodes.map((node) => send(node, words)))),
    kill: () => cluster.kill(turn++ % cluster.nodes.length),
    async revive() {
      await cluster.revive();
      await cluster.agreed();
    },
    stop: () => cluster.stop(),
  };
}

async function send(address: { host: string; port: number }, [name, ...words]: readonly string[]): Promise<void> {
  const redis = new Redis({ ...address, maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
  await redis.call(name!, ...words).finally(() => redis.disconnect());
}
