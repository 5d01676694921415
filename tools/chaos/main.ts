import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { hasRedis } from '../services/redis.ts';
import type { Check } from './check.ts';
import type { Backend } from './house.ts';
import { table } from './report.ts';
import { run } from './run.ts';

const USAGE = `Usage: npm run chaos -- [--seed N] [--minutes M] [--backend postgres|redis|both] [--json FILE]
  --seed N      chooses faults, their order and their times (default: drawn, and printed)
  --minutes M   how long the storm lasts on each backend (default 2)
  --backend B   which queue backend (default both; Redis is left out where there is no redis-server)
  --json FILE   writes the checks to FILE as well
Exit code: 0 every invariant holds, 1 one is broken, 2 it could not be run`;

interface Options {
  readonly seed: number;
  readonly minutes: number;
  readonly backends: readonly Backend[];
  readonly json: string | undefined;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string', default: '2' },
      backend: { type: 'string', default: 'both' },
      json: { type: 'string' },
    },
  });
  const seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed);
  const minutes = Number(values.minutes);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('--seed is a whole number from 0');
  if (!(minutes > 0 && minutes <= 24 * 60)) throw new Error('--minutes is a number above 0');
  if (!['postgres', 'redis', 'both'].includes(values.backend)) throw new Error('--backend is postgres, redis or both');
  const wanted = values.backend === 'both' ? (['postgres', 'redis'] as const) : [values.backend as Backend];
  if (values.backend === 'redis' && !hasRedis()) throw new Error('there is no redis-server on this machine');
  return { seed, minutes, backends: wanted.filter((name) => name === 'postgres' || hasRedis()), json: values.json };
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const { seed, minutes, backends, json } = options;
  const results: { backend: Backend; checks: readonly Check[] }[] = [];
  for (const backend of backends) {
    console.log(`\n${backend}, seed ${seed}, ${minutes} min`);
    const say = (line: string) => console.log(`  ${line}`);
    const checks = await run({ backend, seed, durationMs: minutes * 60_000, say });
    console.log(`\n${table(checks)}`);
    results.push({ backend, checks });
  }
  const met = results.every(({ checks }) => checks.every((check) => check.met));
  if (json) writeFileSync(json, `${JSON.stringify({ seed, minutes, met, results }, null, 2)}\n`);
  console.log(`\n${met ? 'Every invariant holds' : 'AN INVARIANT IS BROKEN'} (seed ${seed})`);
  return met ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error);
  process.exitCode = 2;
}
