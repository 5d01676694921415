import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/root.mjs';
import { FaultProxy } from '../services/fault-proxy.ts';
import { poll } from '../services/processes.ts';
import { type RunningProduct, threeFreePorts } from '../services/running-product.ts';
import { Supervisor } from '../start/supervisor.ts';
import { ProcessClock } from './clocks.ts';

const WORKERS = ['worker-2', 'worker-3'] as const;
const API = 'api-2';
const INGRESS = 'ingress-2';

/**
 * More of the product, as a second machine would run it: two workers, an api and its entrance. Its way to the database can
 * be made bad while the first machine's is not, and each process has a clock of its own.
 */
export class SecondMachine {
  /** Its way to PostgreSQL. */
  readonly way: FaultProxy;
  readonly clocks: ReadonlyMap<string, ProcessClock>;
  readonly origins: Readonly<Record<'lgwan' | 'my_number', string>>;

  private constructor(
    way: FaultProxy,
    clocks: ReadonlyMap<string, ProcessClock>,
    origins: Readonly<Record<'lgwan' | 'my_number', string>>,
  ) {
    this.way = way;
    this.clocks = clocks;
    this.origins = origins;
  }

  static async open(
    product: RunningProduct,
    supervisor: Supervisor,
    streamPort: (worker: (typeof WORKERS)[number]) => number,
  ): Promise<SecondMachine> {
    const { ports } = product.record;
    const way = await FaultProxy.open('127.0.0.1', ports['postgres']!);
    const directory = join(product.home, 'clocks');
    mkdirSync(directory);
    const clocks = new Map([...WORKERS, API].map((name) => [name, new ProcessClock(directory, name)] as const));
    const shared = throughWay(environmentOf(product), way);
    const api = await threeFreePorts();
    const [lgwan, myNumber] = [api + 1, api + 2];
    const main = (app: string) => [join(ROOT, 'dist', 'apps', app, 'src', 'main.js')];
    for (const name of WORKERS) {
      const own = { WORKER_STREAM_PORT: String(streamPort(name)), WORKER_DRAIN_MS: '5000' };
      const env = { ...shared, ...clocks.get(name)!.environment, ...own };
      supervisor.start({ name, args: main('worker'), env, stopMs: 8_000, restartMs: 250 });
    }
    const apiEnv = { ...shared, ...clocks.get(API)!.environment, API_PORT: String(api) };
    supervisor.start({ name: API, args: main('api'), env: apiEnv, stopMs: 8_000, restartMs: 250 });
    const ingressEnv = {
      PATH: process.env['PATH'],
      INGRESS_SECRET: shared['INGRESS_SECRET'],
      INGRESS_LISTENERS: `lgwan:${lgwan},my_number:${myNumber}`,
      API_PORT: String(api),
      PORTAL_PORT: String(ports['portal']),
    };
    supervisor.start({
      name: INGRESS,
      args: [join(ROOT, 'tools', 'ingress', 'main.ts')],
      env: ingressEnv,
      stopMs: 3_000,
    });
    const origins = { lgwan: `http://127.0.0.1:${lgwan}`, my_number: `http://127.0.0.1:${myNumber}` };
    await ready(origins.lgwan);
    return new SecondMachine(way, clocks, origins);
  }

  /** After its processes have ended. */
  async close(): Promise<void> {
    await this.way.close();
  }
}

/** Waits until a person could work by way of this entrance. */
export async function ready(origin: string): Promise<void> {
  await poll(`the product at ${origin}`, 60_000, async () => {
    const answer = await fetch(`${origin}/api/health/ready`).catch(() => undefined);
    return answer?.ok || undefined;
  });
}

/** What the product gives its processes. */
export const environmentOf = (product: RunningProduct): NodeJS.ProcessEnv =>
  JSON.parse(readFileSync(join(product.home, 'environment.json'), 'utf8')) as NodeJS.ProcessEnv;

function throughWay(environment: NodeJS.ProcessEnv, way: FaultProxy): NodeJS.ProcessEnv {
  const moved = Object.entries(environment).map(([name, value]) =>
    /^DATABASE_\w+_URL$/.test(name) ? [name, way.through(value!)] : [name, value],
  );
  return Object.fromEntries(moved) as NodeJS.ProcessEnv;
}
