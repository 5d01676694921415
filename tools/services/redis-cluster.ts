import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort, poll } from './processes.ts';
import { RedisServer } from './redis.ts';

const SLOTS = 16_384;
const MASTERS = 3;
/** How soon the others call a node lost. Short, so that a test of it is. */
const NODE_TIMEOUT_MS = 2_000;

interface Seat {
  readonly directory: string;
  readonly port: number;
  readonly busPort: number;
}

/** A private Redis cluster of three masters on this machine, each a server of its own. */
export class RedisCluster {
  private readonly seats: readonly Seat[];
  private readonly servers = new Map<Seat, RedisServer>();

  private constructor(seats: readonly Seat[]) {
    this.seats = seats;
  }

  /** @throws Error when redis-server is missing, or the nodes do not agree within 20 s */
  static async start(dataDirectory: string): Promise<RedisCluster> {
    const seats = await Promise.all(
      Array.from({ length: MASTERS }, async (_, index) => ({
        directory: join(dataDirectory, `node-${index + 1}`),
        port: await freePort(),
        busPort: await freePort(),
      })),
    );
    const cluster = new RedisCluster(seats);
    try {
      await cluster.revive();
      await cluster.form();
      await cluster.agreed();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get nodes(): { host: string; port: number }[] {
    return this.seats.map(({ port }) => ({ host: '127.0.0.1', port }));
  }

  /** All nodes, as REDIS_URL takes them. */
  get url(): string {
    return this.nodes.map(({ host, port }) => `redis://${host}:${port}`).join(',');
  }

  get pids(): number[] {
    return [...this.servers.values()].map(({ pid }) => pid);
  }

  /** Ends one node, or all of them, without a word. */
  async kill(only?: number): Promise<void> {
    const killed = [...this.servers].filter(([seat]) => only === undefined || seat === this.seats[only]);
    for (const [seat, server] of killed) {
      process.kill(server.pid, 'SIGKILL');
      this.servers.delete(seat);
    }
    await Promise.all(killed.map(([, server]) => server.stop()));
  }

  /** Starts the nodes that are down on what they had written; returns when they answer. */
  async revive(): Promise<void> {
    await Promise.all(
      this.seats
        .filter((seat) => !this.servers.has(seat))
        .map(async (seat) => {
          const cluster = ['--cluster-enabled', 'yes', '--cluster-port', String(seat.busPort)];
          const timeout = ['--cluster-node-timeout', String(NODE_TIMEOUT_MS)];
          this.servers.set(seat, await RedisServer.start(seat.directory, seat.port, [...cluster, ...timeout]));
        }),
    );
  }

  /** Returns when every node says that the cluster is whole. */
  async agreed(): Promise<void> {
    await this.eachNode((node) =>
      poll('the Redis cluster', 20_000, async () => {
        const state = await node.cluster('INFO');
        return /cluster_state:ok/.test(state) && state.includes(`cluster_known_nodes:${MASTERS}`) ? true : undefined;
      }),
    );
  }

  async stop(): Promise<void> {
    await Promise.all([...this.servers.values()].map((server) => server.stop()));
    this.servers.clear();
  }

  private async form(): Promise<void> {
    const [{ port, busPort }] = this.seats as [Seat];
    const share = Math.ceil(SLOTS / MASTERS);
    await this.eachNode(async (node, index) => {
      const last = Math.min((index + 1) * share, SLOTS) - 1;
      await node.cluster('ADDSLOTSRANGE', index * share, last);
      if (index > 0) await node.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
    });
  }

  private async eachNode(work: (node: Redis, index: number) => Promise<unknown>): Promise<void> {
    await Promise.all(
      this.nodes.map(async (address, index) => {
        const node = new Redis(address);
        node.on('error', () => undefined);
        await work(node, index).finally(() => node.disconnect());
      }),
    );
  }
}
