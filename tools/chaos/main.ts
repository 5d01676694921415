import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { hasRedis } from '../services/redis.ts';
import { type Backend, backendsOf } from './backends.ts';
import { BUDGET_STORM } from './budget-storm.ts';
import type { Check } from './check.ts';
import { FAULTS, type Fault } from './faults/index.ts';
import { table } from './report.ts';
import { type Act, run } from './run.ts';
import { fits } from './schedule.ts';

const USAGE = `Usage: npm run chaos -- [--seed N] [--minutes M] [--only TEXT] [--counts] [--batch ROWS] [--backend B] [--json FILE]
  --seed N      chooses faults, their order and their times (default: drawn, and printed)
  --minutes M   how long the storm lasts on each backend (default 2; every fault once takes about 5)
  --only TEXT   only faults whose name contains TEXT; a backend that knows none of them is left out
  --counts      instead of a storm: 200 workers killed, 20 database restarts, 20 queues lost, 1,000 clients gone,
                300 streams cut and 200 requests at a budget with room for 10, as fast as they can be had (default on Redis)
  --batch ROWS  instead of a storm: a file of so many rows (10,000 at most) goes through workers that are killed meanwhile
  --backend B   postgres, redis, redis-cluster or both, which is the first two (default both; without a redis-server
                PostgreSQL alone, which is said at the beginning and at the end)
  --json FILE   writes the checks to FILE as well
Exit code: 0 every invariant holds, 1 one is broken, 2 it could not be run`;

interface Options {
  readonly seed: number;
  readonly act: Act;
  readonly backends: readonly Backend[];
  /** For want of a redis-server. */
  readonly leftOut: readonly Backend[];
  readonly json: string | undefined;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string', default: '2' },
      only: { type: 'string' },
      counts: { type: 'boolean', default: false },
      batch: { type: 'string' },
      backend: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed);
  const minutes = Number(values.minutes);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('--seed is a whole number from 0');
  if (!(minutes > 0 && minutes <= 24 * 60)) throw new Error('--minutes is a number above 0');
  const { counts, backend: asked, json } = values;
  const { backends, leftOut } = backendsOf({ asked, counts, hasRedis: hasRedis() });
  const rows = values.batch === undefined ? undefined : Number(values.batch);
  if (rows !== undefined && !(Number.isInteger(rows) && rows >= 1 && rows <= 10_000))
    throw new Error('--batch is a number of rows from 1 to 10000');
  const act: Act = counts
    ? { kind: 'counts' }
    : rows !== undefined
      ? { kind: 'batch', rows }
      : { kind: 'storm', durationMs: minutes * 60_000, only: values.only };
  return { seed, act, backends: act.kind === 'storm' ? stormy(backends, act.only) : backends, leftOut, json };
}

/** The backends on which there is something to break. */
function stormy(backends: readonly Backend[], only: string | undefined): readonly Backend[] {
  const faults: Pick<Fault, 'name' | 'only' | 'missing'>[] = [...FAULTS, { name: BUDGET_STORM }];
  const possible = faults.filter(({ missing }) => !missing);
  const left = backends.filter((backend) => possible.some((fault) => fits(fault, backend, only)));
  if (left.length > 0) return left;
  const names = possible.map(({ name }) => `  ${name}`).join('\n');
  throw new Error(`--only: no fault on ${backends.join(' or ')} has "${only}" in its name. There are:\n${names}`);
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const { seed, act, backends, leftOut, json } = options;
  const missing = leftOut
    .map((backend) => `NOT RUN on ${backend}: there is no redis-server on this machine`)
    .join('\n');
  if (missing) console.log(`\n${missing}`);
  const results: { backend: Backend; checks: readonly Check[] }[] = [];
  for (const backend of backends) {
    const length = act.kind === 'storm' ? `${act.durationMs / 60_000} min` : act.kind;
    console.log(`\n${backend}, seed ${seed}, ${length}`);
    const say = (line: string) => console.log(`  ${line}`);
    const checks = await run({ backend, seed, act, say });
    console.log(`\n${table(checks)}`);
    results.push({ backend, checks });
  }
  const met = results.every(({ checks }) => checks.every((check) => check.met));
  if (json) writeFileSync(json, `${JSON.stringify({ seed, act, met, results, leftOut }, null, 2)}\n`);
  if (missing) console.log(`\n${missing}`);
  console.log(`\n${met ? 'Every invariant holds' : 'AN INVARIANT IS BROKEN'} (seed ${seed})`);
  return met ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error);
  process.exitCode = 2;
}
