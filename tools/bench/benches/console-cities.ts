import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { vendorSession } from '../../services/vendor-sign-in.ts';
import { type Bench, type BenchContext, type Row, judged } from '../bench.ts';
import { withProduct } from '../load/bench-product.ts';
import { HttpConnection } from '../load/http-connection.ts';
import { addCities } from '../load/console-cities.ts';
import { quantilesOf } from '../measure/quantiles.ts';

const CITIES = 2_000;
const GOAL_MS = 300;
const ROUNDS = 20;

/** What an operator does on the page of cities: leafs through it, sorts it, looks for one, opens one. */
const VIEWS = {
  page: '/api/ops/v1/cities?limit=50',
  errors: '/api/ops/v1/cities?limit=50&sort=errors',
  quiet: '/api/ops/v1/cities?limit=50&sort=quiet',
  search: `/api/ops/v1/cities?limit=50&search=${encodeURIComponent('計測市19')}`,
  suspended: '/api/ops/v1/cities?limit=50&stage=suspended',
  csv: '/api/ops/v1/cities.csv',
} as const;

/** Two thousand cities with members, budgets, contracts, a week of outcomes and jobs in line, over HTTP through the api. */
export const consoleCities: Bench = { id: 'console.cities', run: measure };

async function measure(context: BenchContext): Promise<Row[]> {
  return withProduct(context, { backend: 'postgres' }, async ({ product }) => {
    const { databasePassword } = JSON.parse(readFileSync(join(product.home, 'secrets.json'), 'utf8')) as {
      databasePassword: string;
    };
    const port = product.record.ports['postgres'];
    const everything = new Client({
      connectionString: `postgres://postgres:${encodeURIComponent(databasePassword)}@127.0.0.1:${port}/moyai`,
    });
    await everything.connect();
    try {
      await addCities(everything, CITIES);
    } finally {
      await everything.end();
    }
    const { origins, vendor } = product.demo;
    const cookie = await vendorSession(
      origins.vendor,
      vendor.find(({ role }) => role === 'ops')!,
    );
    using connection = new HttpConnection(origins.vendor);
    const waits: number[] = [];
    const worst: string[] = [];
    for (const [name, path] of Object.entries(VIEWS)) {
      const own: number[] = [];
      for (let round = 0; round <= ROUNDS; round += 1) {
        const beganAt = performance.now();
        const response = await connection.send('GET', path, { cookie });
        for await (const _ of response);
        if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode}`);
        // The first one fills caches
        if (round > 0) own.push(performance.now() - beganAt);
      }
      if (name !== 'csv') waits.push(...own);
      worst.push(`${name} ${quantilesOf(own).p95.toFixed(0)}`);
    }
    const { p50, p95 } = quantilesOf(waits);
    const note = `${CITIES} 団体、p50 ${p50.toFixed(1)} ms、p95 の内訳 ${worst.join('、')} ms、load ${loadavg()[0]!.toFixed(1)}`;
    context.say(`1 ページ p95 ${p95.toFixed(1)} ms（${note}）`);
    const row = { id: 'console.cities', name: '事業者の団体一覧（1 ページ）p95', value: p95, unit: 'ms', note };
    return [judged(row, '<=', GOAL_MS)];
  });
}
