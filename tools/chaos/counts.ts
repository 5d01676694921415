import { poll } from '../services/processes.ts';
import type { Check } from './check.ts';
import { pause } from './client.ts';
import type { Dice } from '../dice.ts';
import { WORKERS } from './house.ts';
import type { Scene } from './scene.ts';

/** How often each thing has to happen at least. */
const DEMANDED = { workerKills: 200, databaseRestarts: 20, queueLosses: 20, clientAborts: 1_000, cutStreams: 300 };
type Counts = Record<keyof typeof DEMANDED, number>;

/** Who does nothing but ask and leave. */
const LEAVERS_PER_KEY = 4;
/** Quick answers, one in three cut and one in twenty without its usage. */
const PROVIDER = { firstTokenDelayMs: 50, tokenDelayMs: 3, cutRate: 0.33, omitUsageRate: 0.05 };
const WARM_UP_MS = 10_000;
const LOOK_MS = 5_000;
const LIMIT_MS = 20 * 60_000;

/** Everything at once, as often as demanded, in as little time as it takes; first the rush at a budget. */
export async function counts(scene: Scene): Promise<Check[]> {
  const { house, dice, load, keys, say } = scene;
  const startedAt = performance.now();
  // A rush at processes that have served nobody yet would measure their first steps.
  await pause(WARM_UP_MS);
  await scene.budgetStorm.happen(house, dice.fork());
  say(scene.budgetStorm.name);
  await house.models.behave({ ...PROVIDER, seed: dice.between(1, 1_000) });
  for (const caller of keys)
    for (let index = 0; index < LEAVERS_PER_KEY; index += 1) load.startLeaving(caller, dice.fork());
  const reached = await progress(scene, startedAt);
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
  return Object.entries(DEMANDED).map(([name, demanded]) => {
    const value = reached[name as keyof Counts];
    return {
      name: `${words(name)}, in ${minutes} min`,
      value,
      expected: `>= ${demanded}`,
      met: value >= demanded,
      where: [],
    };
  });
}

/** Each kind of fault on its own track until its number is reached, or the time for all is over. */
async function progress(scene: Scene, startedAt: number): Promise<Counts> {
  const { house, seen, dice, say, signal } = scene;
  let cutStreams = 0;
  const reached = (): Counts => ({ ...house.tally, clientAborts: seen.clientAborts, cutStreams });
  const isOver = () => performance.now() - startedAt > LIMIT_MS;
  const until = async (name: keyof typeof house.tally, step: () => Promise<unknown>) => {
    while (reached()[name] < DEMANDED[name] && !isOver()) {
      if (signal.aborted) throw new Error('interrupted');
      await step();
    }
  };
  const look = async () => {
    await pause(LOOK_MS);
    const { items } = (await house.simulator('GET', '/ledger')) as { items: { state: string }[] };
    cutStreams = items.filter(({ state }) => state === 'cut').length;
    say(`${Math.round((performance.now() - startedAt) / 1_000)} s  ${JSON.stringify(reached())}`);
  };
  const watch = async () => {
    const wanting = () =>
      Object.entries(DEMANDED).some(([name, demanded]) => reached()[name as keyof Counts] < demanded);
    while (wanting() && !isOver() && !signal.aborted) await look();
  };
  const [kills, restarts, losses] = [dice.fork(), dice.fork(), dice.fork()];
  const orphaned = new Set<string>();
  await Promise.all([
    until('workerKills', () => killOneAtWork(scene, kills, orphaned)),
    until('databaseRestarts', () => restartDatabase(scene, restarts)),
    until('queueLosses', () => loseQueue(scene, losses)),
    watch(),
  ]);
  return reached();
}

interface Execution {
  readonly id: string;
  readonly fence: number;
  readonly address: string | null;
}

/**
 * Whoever of them has the most to lose. One that holds nothing is no kill to count: what a killed one held is on record as its
 * until another has taken it over, and says nothing of the process that came in its place.
 */
async function killOneAtWork({ house }: Scene, dice: Dice, orphaned: Set<string>): Promise<void> {
  await pause(dice.between(300, 1_200));
  const running = `SELECT id, fence, worker_address AS address FROM jobs WHERE status = 'running' AND finished_at IS NULL`;
  // The database is one of the things that are away at times
  const executions = await house.sql<Execution>(running).catch(() => []);
  const heldBy = (name: (typeof WORKERS)[number]) =>
    executions
      .filter(({ address }) => address?.endsWith(`:${house.streamPort(name)}`))
      .map(({ id, fence }) => `${id} ${fence}`)
      .filter((execution) => !orphaned.has(execution));
  const [victim] = WORKERS.map((name) => ({ name, held: heldBy(name) })).toSorted(
    (a, b) => b.held.length - a.held.length,
  );
  if (!victim || victim.held.length === 0) return;
  for (const execution of victim.held) orphaned.add(execution);
  house.killWorker(victim.name);
}

/** Again only when something was finished since the last time: one long outage is not twenty restarts. */
async function restartDatabase({ house }: Scene, dice: Dice): Promise<void> {
  house.restartDatabase();
  const [since] = await poll('PostgreSQL', 60_000, () =>
    house.sql<{ now: Date }>('SELECT clock_timestamp() AS now').catch(() => undefined),
  );
  await poll('a job finished after PostgreSQL was back', 60_000, async () => {
    const rows = await house
      .sql<{ some: boolean }>('SELECT EXISTS (SELECT FROM jobs WHERE finished_at > $1) AS some', [since!.now])
      .catch(() => []);
    return rows[0]?.some || undefined;
  });
  await pause(dice.between(3_000, 8_000));
}

/** Flushed, or gone with its disk. */
async function loseQueue({ house }: Scene, dice: Dice): Promise<void> {
  if (house.queue?.way && dice.roll() < 0.5) {
    await house.killQueue();
    await pause(dice.between(200, 1_500));
    await house.reviveQueue({ forgetting: true });
  } else await house.loseQueue().catch(() => undefined);
  await pause(dice.between(5_000, 12_000));
}

/** `workerKills` in words. */
const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
