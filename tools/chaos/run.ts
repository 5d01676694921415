import { cpus, loadavg } from 'node:os';
import { poll } from '../services/processes.ts';
import { batchAct } from './batch-act.ts';
import { type Check, figure } from './check.ts';
import { checkClients } from './check-clients.ts';
import { checkRecord } from './check-record.ts';
import { checkTraces } from './check-traces.ts';
import { counts } from './counts.ts';
import { Dice } from '../dice.ts';
import type { Backend } from './backends.ts';
import { ChaosHouse } from './house.ts';
import { Observations } from './observations.ts';
import { type Scene, openScene } from './scene.ts';
import { storm } from './storm.ts';

const SAMPLE_MS = 200;
const QUIET_MS = 240_000;

/** A storm of faults for a time, those alone whose name contains `only`; or each kind as often as is demanded; or one large batch. */
export type Act =
  | { readonly kind: 'storm'; readonly durationMs: number; readonly only: string | undefined }
  | { readonly kind: 'counts' }
  | { readonly kind: 'batch'; readonly rows: number };

export interface Run {
  readonly backend: Backend;
  readonly seed: number;
  readonly act: Act;
  readonly say: (line: string) => void;
}

/** One storm on one backend, and its verdict. Everything random comes from the seed; only the machine's pace differs. */
export async function run({ backend, seed, act, say }: Run): Promise<Check[]> {
  const dice = new Dice(seed);
  // Letters only: nothing in it may look like a number to the guard.
  const canary = `kanarienvogel${Array.from({ length: 12 }, () => 'bcdfghjkmnpqrstvwxz'[dice.between(0, 18)]).join('')}`;
  say(`starting the product (${backend})`);
  const house = await ChaosHouse.open(backend);
  let checks: Check[] = [];
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const seen = new Observations();
    const sampler = setInterval(() => void sample(house, seen), SAMPLE_MS);
    let done: Check[] = [];
    try {
      const scene = await openScene({ house, seen, dice, say, signal: interrupted.signal }, canary);
      done = await played(scene, act);
      await calm(scene);
    } finally {
      clearInterval(sampler);
    }
    seen.pauses.push(...pausesOf(house));
    say('the storm is over; checking');
    checks = [
      ...done,
      figure('machine', `${cpus().length} cores, load average ${loadavg()[0]!.toFixed(1)}`),
      figure('jobs that failed, by code', await failures(house)),
      ...(await checkRecord(house, seen)),
      ...(await checkClients(seen)),
      ...(await checkTraces(house, canary)),
    ];
    return checks;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    const broken = checks.length === 0 || checks.some(({ met }) => !met);
    if (broken) say(`the data is kept for a look: ${house.product.home}`);
    await house.close(broken);
  }
}

function played(scene: Scene, act: Act): Promise<Check[]> {
  if (act.kind === 'counts') return counts(scene);
  if (act.kind === 'batch') return batchAct(scene, act.rows);
  return storm(scene, act.durationMs, act.only);
}

/** No more faults: waits until everything accepted has ended. */
async function calm({ house, seen, load, say }: Scene): Promise<void> {
  await house.models.behave({});
  say('no more faults; waiting for quiet');
  await house.ready();
  await load.stop();
  await quiet(house).catch((error: unknown) => seen.surprises.push(String(error)));
}

async function failures(house: ChaosHouse): Promise<string> {
  const rows = await house.sql<{ what: string }>(
    `SELECT format('%s × %s', count(*), error_code) AS what FROM jobs WHERE status = 'failed'
     GROUP BY error_code ORDER BY count(*) DESC`,
  );
  return rows.map(({ what }) => what).join(', ') || 'none';
}

/** Which entrances led to the processes that were stopped, and when. */
function pausesOf({ product, second, pauses }: ChaosHouse): Observations['pauses'] {
  const entrances: Record<string, readonly string[]> = {
    api: Object.values(product.demo.origins),
    'api-2': Object.values(second.origins),
  };
  return pauses.flatMap(({ name, from, to }) => (entrances[name] ? [{ origins: entrances[name], from, to }] : []));
}

/** Until nothing waits, runs or is still asked about; gives up in the end and leaves the finding to the checks. */
async function quiet(house: ChaosHouse): Promise<void> {
  const open = `SELECT (SELECT count(*) FROM jobs WHERE finished_at IS NULL)
                     + (SELECT count(*) FROM admission_entries)
                     + (SELECT count(*) FROM lost_calls WHERE resolved_at IS NULL)
                     + (SELECT abs(running) FROM admission_clock) AS open`;
  await poll(
    'quiet',
    QUIET_MS,
    async () => {
      const [row] = await house.sql<{ open: string }>(open);
      return row?.open === '0' || undefined;
    },
    500,
  );
}

/** A look at every budget and limit, whenever the database can be asked. */
async function sample(house: ChaosHouse, seen: Observations): Promise<void> {
  try {
    const rows = await house.sql<{ what: string }>(
      `SELECT format('%s: %s used + %s reserved of %s', tenant_id, used_tokens, reserved_tokens, limit_tokens) AS what
       FROM budgets WHERE used_tokens + reserved_tokens > limit_tokens
       UNION ALL
       SELECT format('%s %s: %s used + %s reserved of %s', level, holder_id, used_tokens, reserved_tokens, limit_tokens)
       FROM budget_allotments WHERE used_tokens + reserved_tokens > limit_tokens`,
    );
    seen.samples += 1;
    seen.overdrawn.push(...rows.map(({ what }) => what));
  } catch {
    // The database is one of the things that are away at times
  }
}
