import { readFileSync } from 'node:fs';
import { pause } from '../client.ts';
import type { Dice } from '../../dice.ts';
import type { ChaosHouse } from '../house.ts';
import { type Fault, lasting } from './fault.ts';

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

/** A network that comes back either still knows its connections or has forgotten them. */
async function clear({ second: { way } }: ChaosHouse, dice: Dice): Promise<void> {
  if (dice.roll() < 0.5) way.cut();
  await way.become({ kind: 'clear' });
}

export const DATABASE_FAULTS: readonly Fault[] = [
  {
    name: 'PostgreSQL restarted at once',
    async happen(house) {
      house.restartDatabase();
    },
  },
  {
    name: 'a process of PostgreSQL killed',
    async happen(house) {
      const [victim] = await house.sql<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE usename = 'moyai_app' ORDER BY backend_start LIMIT 1`,
      );
      // The server ends all others and recovers, as it must when shared memory may be damaged
      if (victim) process.kill(victim.pid, 'SIGKILL');
    },
  },
  {
    name: 'PostgreSQL hangs',
    async happen(house, dice) {
      const postmaster = house.pid('postgres');
      const pids = [...childrenOf(postmaster), postmaster];
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      await pause(dice.between(3_000, 5_000));
      for (const pid of pids.toReversed()) process.kill(pid, 'SIGCONT');
    },
  },
  {
    name: 'all database connections ended',
    async happen(house) {
      await house.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
      );
    },
  },
  lasting(
    'the second machine’s connections to PostgreSQL half-open',
    [5_000, 10_000],
    ({ second }) => second.way.become({ kind: 'silent' }),
    clear,
  ),
  lasting(
    'the second machine far from PostgreSQL',
    [3_000, 6_000],
    ({ second }, dice) => second.way.become({ kind: 'slow', delayMs: dice.between(20, 150) }),
    clear,
  ),
  lasting(
    'the second machine cut off from PostgreSQL',
    [2_000, 8_000],
    ({ second }) => second.way.become({ kind: 'closed' }),
    clear,
  ),
];
