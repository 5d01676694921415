import { join } from 'node:path';
import { RedisServer } from '../../services/redis.ts';
import { RunningProduct } from '../../services/running-product.ts';
import type { BenchContext } from '../bench.ts';
import { HttpConnection } from './http-connection.ts';

export type Backend = 'postgres' | 'redis';

export const BACKEND_NAMES: Readonly<Record<Backend, string>> = { postgres: 'PostgreSQL', redis: 'Redis' };

/** A product of one bench, started as people start it, and the doors through which the bench reaches it. */
export interface BenchProduct {
  readonly product: RunningProduct;
  /** To the LGWAN listener. */
  readonly city: HttpConnection;
  /** Process ids by name, Redis included. */
  readonly processes: Readonly<Record<string, number>>;
}

/** Runs `work` with a product on the wanted queue backend, and leaves nothing of it behind. */
export async function withProduct<Result>(
  { directory, scope }: BenchContext,
  { backend, environment }: { backend: Backend; environment?: NodeJS.ProcessEnv },
  work: (started: BenchProduct) => Promise<Result>,
): Promise<Result> {
  await using left = scope();
  const redis = backend === 'redis' ? await RedisServer.start(join(directory, 'redis')) : undefined;
  left.defer(() => redis?.stop());
  const product = await RunningProduct.start({
    home: join(directory, 'home'),
    environment: { ...environment, REDIS_URL: redis?.url },
  });
  left.defer(() => product.stop());
  const city = left.use(new HttpConnection(product.demo.origins.lgwan));
  const pids = Object.entries(product.record.processes).map(([name, { pid }]) => [name, pid] as const);
  return await work({ product, city, processes: { ...Object.fromEntries(pids), ...(redis && { redis: redis.pid }) } });
}
