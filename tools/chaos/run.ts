import { cpus, loadavg } from 'node:os';
import { poll } from '../services/processes.ts';
import { budgetStorm } from './budget-storm.ts';
import { type Caller, keyCaller, memberCaller } from './callers.ts';
import { type Check, figure } from './check.ts';
import { checkClients } from './check-clients.ts';
import { checkRecord } from './check-record.ts';
import { checkTraces } from './check-traces.ts';
import { pause } from './client.ts';
import { Dice } from './dice.ts';
import { FAULTS } from './faults.ts';
import { ChaosHouse, type Backend } from './house.ts';
import { Load } from './load.ts';
import { Observations } from './observations.ts';
import { plan } from './schedule.ts';

const SAMPLE_MS = 200;
const QUIET_MS = 120_000;
/** Callers per member and per key: enough that every fault meets running work, too few to be a fault themselves. */
const SEATS = 2;

export interface Run {
  readonly backend: Backend;
  readonly seed: number;
  readonly durationMs: number;
  readonly say: (line: string) => void;
}

/** One storm on one backend, and its verdict. Everything random comes from the seed; only the machine's pace differs. */
export async function run({ backend, seed, durationMs, say }: Run): Promise<Check[]> {
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
    try {
      await storm(house, seen, dice, { canary, durationMs, say, signal: interrupted.signal });
    } finally {
      clearInterval(sampler);
    }
    say('the storm is over; checking');
    checks = [
      figure('faults', `${seen.faults.length} in ${Math.round(durationMs / 1_000)} s`),
      figure('machine', `${cpus().length} cores, load average ${loadavg()[0]!.toFixed(1)}`),
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

interface Storm {
  readonly canary: string;
  readonly durationMs: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Load and faults until the time is over, then waits until everything accepted has ended. */
async function storm(house: ChaosHouse, seen: Observations, dice: Dice, options: Storm): Promise<void> {
  const { demo } = house.product;
  const [first, second, third] = demo.cities as [Demo, Demo, Demo];
  const members: Caller[] = [];
  const keys: Caller[] = [];
  for (const city of [first, second]) {
    members.push(await memberCaller(demo, city, 'staff', 'lgwan'), await memberCaller(demo, city, 'manager', 'lgwan'));
    members.push(await memberCaller(demo, city, 'staff', 'my_number'));
    keys.push(keyCaller(demo, city));
  }
  const admin = await memberCaller(demo, third, 'admin', 'lgwan');
  const stormy = [keyCaller(demo, third), await memberCaller(demo, third, 'staff', 'lgwan')];
  const faults = [...FAULTS, budgetStorm(admin, stormy, seen, options.canary)];
  const load = new Load(seen, options.canary);
  for (const caller of [...members, ...keys])
    for (let seat = 0; seat < SEATS; seat += 1) load.start(caller, dice.fork());
  for (const caller of keys) load.startOpenAi(caller, dice.fork());

  const startedAt = performance.now();
  const now = () => performance.now() - startedAt;
  for (const { atMs, fault } of plan(dice, faults, house.backend, options.durationMs)) {
    const chance = dice.fork();
    if (atMs > now()) await pause(atMs - now());
    if (options.signal.aborted) throw new Error('interrupted');
    const begunAt = now();
    try {
      await fault.happen(house, chance);
    } catch (error) {
      seen.surprises.push(`${fault.name}: ${(error as Error).message}`);
    }
    seen.faults.push({ atMs: begunAt, name: fault.name, tookMs: now() - begunAt });
    options.say(`${(begunAt / 1_000).toFixed(1).padStart(6)} s  ${fault.name}`);
  }
  await pause(Math.max(0, options.durationMs - now()));
  await house.simulator('PUT', '/behaviour', {});
  options.say('no more faults; waiting for quiet');
  await house.ready();
  await load.stop();
  await quiet(house).catch((error: unknown) => seen.surprises.push(String(error)));
}

type Demo = ChaosHouse['product']['demo']['cities'][number];

/** Until nothing waits, runs or is reserved; gives up after two minutes and leaves the finding to the checks. */
async function quiet(house: ChaosHouse): Promise<void> {
  const open = `SELECT (SELECT count(*) FROM jobs WHERE finished_at IS NULL)
                     + (SELECT count(*) FROM admission_entries)
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

/** A look at every budget, whenever the database can be asked. */
async function sample(house: ChaosHouse, seen: Observations): Promise<void> {
  try {
    const rows = await house.sql<{ what: string }>(
      `SELECT format('%s: %s used + %s reserved of %s', tenant_id, used_tokens, reserved_tokens, limit_tokens) AS what
       FROM budgets WHERE used_tokens + reserved_tokens > limit_tokens`,
    );
    seen.samples += 1;
    seen.overdrawn.push(...rows.map(({ what }) => what));
  } catch {
    // The database is one of the things that are away at times
  }
}
