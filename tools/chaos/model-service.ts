import { join } from 'node:path';
import { ROOT } from '../lib/root.mjs';
import { FaultProxy } from '../services/fault-proxy.ts';
import { freePort, poll } from '../services/processes.ts';
import { simulatedDeployments } from '../start/models.ts';
import type { Supervisor } from '../start/supervisor.ts';

/** Wide enough that whole it is not felt. */
const QUOTA = { requestsPerMinute: 3_000, tokensPerMinute: 1_500_000, outputBurnDown: 5 };

/** How much of the input a prompt cache gives and takes where one is in use: in one of two regions, and in the model of one's own. */
const CACHE = { cacheReadShare: 0.4, cacheWriteShare: 0.3 };

/** The model provider: one simulator that stands for two regions, each reached over a way of its own. */
export class ModelService {
  /** Value of MODEL_DEPLOYMENTS for a product that is served by it. */
  readonly deployments: string;
  /** By region. */
  readonly ways: ReadonlyMap<string, FaultProxy>;
  private readonly origin: string;
  private readonly quotas: object;
  private readonly cached: object;

  private constructor(origin: string, ways: ReadonlyMap<string, FaultProxy>) {
    this.origin = origin;
    this.ways = ways;
    const placed = simulatedDeployments({ origin }).map((deployment) => {
      const way = deployment.region && ways.get(deployment.region);
      return way ? { ...deployment, ...QUOTA, endpoint: way.through(deployment.endpoint) } : deployment;
    });
    this.deployments = JSON.stringify(placed);
    this.quotas = Object.fromEntries(
      placed.flatMap(({ region, providerModelId }) => (region ? [[`${region}/${providerModelId}`, QUOTA]] : [])),
    );
    const [inOneRegion] = placed;
    const alone = placed.filter(({ region }) => !region).map(({ providerModelId }) => providerModelId);
    const cached = [`${inOneRegion?.region}/${inOneRegion?.providerModelId}`, ...alone];
    this.cached = Object.fromEntries(cached.map((key) => [key, CACHE]));
  }

  static async open(supervisor: Supervisor): Promise<ModelService> {
    const port = await freePort();
    const args = [join(ROOT, 'dist', 'apps', 'model-simulator', 'src', 'main.js')];
    const env = { PATH: process.env['PATH'], SIMULATOR_PORT: String(port) };
    supervisor.start({ name: 'simulator', args, env, stopMs: 3_000 });
    const regions = simulatedDeployments({ origin: '' }).flatMap(({ region }) => region ?? []);
    const ways = await Promise.all(
      regions.map(async (region) => [region, await FaultProxy.open('127.0.0.1', port)] as const),
    );
    const service = new ModelService(`http://127.0.0.1:${port}`, new Map(ways));
    const granted = () => service.control('PUT', '/quotas', service.quotas).catch(() => undefined);
    await poll('the simulator', 20_000, granted);
    await service.behave({});
    return service;
  }

  /** The simulator's control plane. @throws Error when it does not answer */
  async control(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.origin}/_simulator${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`simulator ${method} ${path}: ${answer.status}`);
    return answer.json();
  }

  /** What models do from now on, but for what prompt caches do to their usage; `{}` is what they do by themselves. */
  behave(traits: object): Promise<unknown> {
    return this.control('PUT', '/behaviour', { ...traits, models: this.cached });
  }

  /** Grants so much of the usual quota in every region; 1 is all of it. */
  async grant(factor: number): Promise<void> {
    const scales = Object.keys(this.quotas).map((key) => [key, { factor }] as const);
    await this.control('PATCH', '/quotas', Object.fromEntries(scales));
  }

  /** How many calls it has throttled until now. */
  async refusedCalls(): Promise<number> {
    const { total } = (await this.control('GET', '/quotas')) as { total: { throttledCalls: number } };
    return total.throttledCalls;
  }

  async close(): Promise<void> {
    await Promise.all([...this.ways.values()].map((way) => way.close()));
  }
}
