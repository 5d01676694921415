import { chmodSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { RunningProduct, threeFreePorts } from '../services/running-product.ts';
import type { Secrets } from '../start/home.ts';
import { Supervisor } from '../start/supervisor.ts';
import type { Backend } from './backends.ts';
import { ModelService } from './model-service.ts';
import { type QueueServer, openRedis, openRedisCluster } from './queue-server.ts';
import { SecondMachine, ready } from './second-machine.ts';

/** Short, so that a lost worker's jobs are taken over within the run; the rules are the same at any length. */
export const LEASE_MS = 6_000;

export const WORKERS = ['worker', 'worker-2', 'worker-3'] as const;
export type WorkerName = (typeof WORKERS)[number];
export const APIS = ['api', 'api-2'] as const;

/** A stalled call is given up within the run. */
const MODEL_PATIENCE = {
  MODEL_FIRST_TOKEN_TIMEOUT_MS: '4000',
  MODEL_TOKEN_GAP_TIMEOUT_MS: '4000',
  MODEL_TOTAL_TIMEOUT_MS: '40000',
  MODEL_DRAIN_TIMEOUT_MS: '10000',
  // Longer than any call lasts: what the provider's log does not have by then never reached it.
  WORKER_LOST_CALL_HORIZON_MS: '60000',
};

/** A whole product of our own to be cruel to, on what would be two machines, so that there is somebody to take over. */
export class ChaosHouse {
  readonly backend: Backend;
  readonly product: RunningProduct;
  readonly queue: QueueServer | undefined;
  readonly models: ModelService;
  readonly second: SecondMachine;
  /** How often what was done, for demands on their number. */
  readonly tally = { workerKills: 0, databaseRestarts: 0, queueLosses: 0 };
  /** When processes could not answer because they were stopped. */
  readonly pauses: { readonly name: string; readonly from: number; readonly to: number }[] = [];
  /** Where readers attach to a worker: part of the address that it gives itself. */
  readonly streamPort: (worker: WorkerName) => number;
  private readonly metricsPort: number;
  private readonly keeper: Supervisor;

  private constructor(
    backend: Backend,
    parts: Pick<ChaosHouse, 'product' | 'queue' | 'models' | 'second' | 'streamPort'> & {
      metricsPort: number;
      keeper: Supervisor;
    },
  ) {
    this.backend = backend;
    this.product = parts.product;
    this.queue = parts.queue;
    this.models = parts.models;
    this.second = parts.second;
    this.streamPort = parts.streamPort;
    this.metricsPort = parts.metricsPort;
    this.keeper = parts.keeper;
  }

  static async open(backend: Backend): Promise<ChaosHouse> {
    const home = mkdtempSync(join(tmpdir(), 'moyai-chaos-'));
    chmodSync(home, 0o755);
    mkdirSync(join(home, 'logs'));
    const silent = (): void => undefined;
    const keeper = new Supervisor(join(home, 'logs'), silent, silent);
    await using undo = new AsyncDisposableStack();
    undo.defer(() => keeper.stop(Object.keys(keeper.pids)));
    const directory = join(home, 'redis');
    const queue =
      backend === 'redis'
        ? await openRedis(directory)
        : backend === 'redis-cluster'
          ? await openRedisCluster(directory)
          : undefined;
    undo.defer(() => queue?.stop());
    // Should this process be killed outright, nothing that it started stays.
    for (const pid of queue?.pids ?? []) keeper.guard(pid, 'SIGTERM');
    const models = await ModelService.open(keeper);
    undo.defer(() => models.close());
    const [firstPort, metricsPort] = [await threeFreePorts(), await threeFreePorts()];
    const streamPort = (name: WorkerName) => firstPort + WORKERS.indexOf(name);
    const product = await RunningProduct.start({
      home,
      environment: {
        REDIS_URL: queue?.url,
        MODEL_DEPLOYMENTS: models.deployments,
        WORKER_LEASE_MS: String(LEASE_MS),
        METRICS_PORT: String(metricsPort),
        WORKER_STREAM_PORT: String(streamPort('worker')),
        ...MODEL_PATIENCE,
      },
    });
    undo.defer(() => product.stop());
    const second = await SecondMachine.open(product, keeper, streamPort);
    undo.move();
    return new ChaosHouse(backend, { product, queue, models, second, keeper, streamPort, metricsPort });
  }

  get logDirectory(): string {
    return join(this.product.home, 'logs');
  }

  get redisFiles(): string | undefined {
    return this.queue && join(this.product.home, 'redis');
  }

  /** Process id of a part of the product right now, on either machine. */
  pid(name: string): number {
    const pids = { ...this.product.record.processes, ...this.keeper.pids };
    const pid = pids[name]?.pid;
    if (!pid) throw new Error(`no process ${name}`);
    return pid;
  }

  /** Sends a signal to a part. @returns false when it is down already, which is no less than was wanted */
  signal(name: string, signal: NodeJS.Signals): boolean {
    try {
      return process.kill(this.pid(name), signal);
    } catch {
      return false; // its supervisor is about to start it again
    }
  }

  killWorker(name: WorkerName): void {
    if (this.signal(name, 'SIGKILL')) this.tally.workerKills += 1;
  }

  /** In immediate mode: no checkpoint, crash recovery at start. */
  restartDatabase(): void {
    if (this.signal('postgres', 'SIGQUIT')) this.tally.databaseRestarts += 1;
  }

  /** Everything that waits for a worker is gone from the queue. */
  async loseQueue(): Promise<void> {
    if (this.queue) await this.queue.command('FLUSHALL');
    else await this.sql('DELETE FROM bullmq.job');
    this.tally.queueLosses += 1;
  }

  async killQueue(): Promise<void> {
    for (const pid of this.queue!.pids) this.keeper.release(pid);
    await this.queue!.kill();
  }

  async reviveQueue(options?: { forgetting: boolean }): Promise<void> {
    await this.queue!.revive(options);
    if (options?.forgetting) this.tally.queueLosses += 1;
    for (const pid of this.queue!.pids) this.keeper.guard(pid, 'SIGTERM');
  }

  /** One statement as the server's superuser, whom no wall stops. */
  async sql<Row extends object>(statement: string, parameters: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.superuserUrl(), connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Row>(statement, parameters)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** The simulator's control plane. @throws Error when it does not answer */
  simulator(method: string, path: string, body?: object): Promise<unknown> {
    return this.models.control(method, path, body);
  }

  /** What an api and a worker tell the operator's monitoring. */
  async metrics(): Promise<string> {
    const ports = [this.metricsPort, this.metricsPort + 1];
    const pages = ports.map(async (port) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
    return (await Promise.all(pages)).join('\n');
  }

  /** Waits until a person could work again, by either entrance. */
  async ready(): Promise<void> {
    await Promise.all([this.product.demo.origins.lgwan, this.second.origins.lgwan].map(ready));
  }

  /** Ends everything; with `keepData` the folder stays, for whoever has to find out what went wrong. */
  async close(keepData: boolean): Promise<void> {
    for (const name of [...WORKERS, ...APIS]) this.signal(name, 'SIGCONT');
    await this.keeper.stop(Object.keys(this.keeper.pids).filter((name) => name !== 'simulator'));
    await this.second.close();
    await this.product.stop({ keepData });
    await this.keeper.stop(['simulator']);
    await this.models.close();
    await this.queue?.stop();
    this.keeper.dismissReaper();
  }

  private superuserUrl(): string {
    const secrets = JSON.parse(readFileSync(join(this.product.home, 'secrets.json'), 'utf8')) as Secrets;
    const port = this.product.record.ports['postgres'];
    return `postgres://postgres:${encodeURIComponent(secrets.databasePassword)}@127.0.0.1:${port}/moyai`;
  }
}
