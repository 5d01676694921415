import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { ROOT } from '../lib/root.mjs';
import { poll } from '../services/processes.ts';
import { RedisServer } from '../services/redis.ts';
import { RunningProduct } from '../services/running-product.ts';
import type { Secrets } from '../start/home.ts';
import { Supervisor } from '../start/supervisor.ts';

export type Backend = 'postgres' | 'redis';

/** Short, so that a lost worker's jobs are taken over within the run; the rules are the same at any length. */
export const LEASE_MS = 6_000;

const SECOND_WORKER = 'worker-2';

/** A whole product of our own to be cruel to, with a second worker, so that there is somebody to take over. */
export class ChaosHouse {
  readonly backend: Backend;
  readonly product: RunningProduct;
  redis: RedisServer | undefined;
  private readonly redisDirectory: string;
  private readonly workers: Supervisor;

  private constructor(
    backend: Backend,
    product: RunningProduct,
    redis: RedisServer | undefined,
    redisDirectory: string,
    workers: Supervisor,
  ) {
    this.backend = backend;
    this.product = product;
    this.redis = redis;
    this.redisDirectory = redisDirectory;
    this.workers = workers;
  }

  static async open(backend: Backend): Promise<ChaosHouse> {
    const home = mkdtempSync(join(tmpdir(), 'moyai-chaos-'));
    chmodSync(home, 0o755);
    const redisDirectory = join(home, 'redis');
    const redis = backend === 'redis' ? await RedisServer.start(redisDirectory) : undefined;
    const environment = { REDIS_URL: redis?.url, WORKER_LEASE_MS: String(LEASE_MS) };
    const product = await RunningProduct.start({ home, environment }).catch(async (error: unknown) => {
      await redis?.stop();
      throw error;
    });
    const silent = (): void => undefined;
    const workers = new Supervisor(join(home, 'logs'), silent, silent);
    const env = JSON.parse(readFileSync(join(home, 'environment.json'), 'utf8')) as NodeJS.ProcessEnv;
    const args = [join(ROOT, 'dist', 'apps', 'worker', 'src', 'main.js')];
    // Should this process be killed outright, nothing that it started stays.
    if (redis) workers.guard(redis.pid, 'SIGTERM');
    workers.start({ name: SECOND_WORKER, args, env, stopMs: 8_000 });
    return new ChaosHouse(backend, product, redis, redisDirectory, workers);
  }

  get logDirectory(): string {
    return join(this.product.home, 'logs');
  }

  get redisFiles(): string | undefined {
    return this.redis && this.redisDirectory;
  }

  /** Process id of a part of the product right now; worker-2 is ours. */
  pid(name: string): number {
    const pids = { ...this.product.record.processes, ...this.workers.pids };
    const pid = pids[name]?.pid;
    if (!pid) throw new Error(`no process ${name}`);
    return pid;
  }

  /** Sends a signal to a part; one that is down already needs no more. */
  signal(name: string, signal: NodeJS.Signals): void {
    try {
      process.kill(this.pid(name), signal);
    } catch {
      // The supervisor is about to start it again
    }
  }

  async killRedis(): Promise<void> {
    this.workers.release(this.redis!.pid);
    process.kill(this.redis!.pid, 'SIGKILL');
    await this.redis!.stop();
  }

  async reviveRedis(): Promise<void> {
    this.redis = await RedisServer.start(this.redisDirectory, Number(new URL(this.redis!.url).port));
    this.workers.guard(this.redis.pid, 'SIGTERM');
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
  async simulator(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${this.product.record.ports['simulator']}/_simulator${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`simulator ${method} ${path}: ${answer.status}`);
    return answer.json();
  }

  /** Waits until a person could work again. */
  async ready(): Promise<void> {
    const { lgwan } = this.product.demo.origins;
    await poll('the product after the storm', 60_000, async () => {
      const answer = await fetch(`${lgwan}/api/health/ready`).catch(() => undefined);
      return answer?.ok || undefined;
    });
  }

  /** Ends everything; with `keepData` the folder stays, for whoever has to find out what went wrong. */
  async close(keepData: boolean): Promise<void> {
    for (const name of ['worker', SECOND_WORKER]) this.signal(name, 'SIGCONT');
    await this.workers.stop([SECOND_WORKER]);
    this.workers.dismissReaper();
    await this.product.stop({ keepData });
    await this.redis?.stop();
  }

  private superuserUrl(): string {
    const secrets = JSON.parse(readFileSync(join(this.product.home, 'secrets.json'), 'utf8')) as Secrets;
    const port = this.product.record.ports['postgres'];
    return `postgres://postgres:${encodeURIComponent(secrets.databasePassword)}@127.0.0.1:${port}/moyai`;
  }
}
