import { pause } from '../client.ts';
import type { Dice } from '../../dice.ts';
import { type ChaosHouse, WORKERS } from '../house.ts';
import { type Fault, lasting } from './fault.ts';

const ON_REDIS = { only: ['redis', 'redis-cluster'] } as const;
/** What lies between us and a single server; the nodes of a cluster are met without. */
const BY_WAY = { only: ['redis'] } as const;

async function clear({ queue }: ChaosHouse, dice: Dice): Promise<void> {
  if (dice.roll() < 0.5) queue!.way!.cut();
  await queue!.way!.become({ kind: 'clear' });
}

export const QUEUE_FAULTS: readonly Fault[] = [
  { name: 'the queue flushed', happen: (house) => house.loseQueue() },
  {
    name: 'the queue flushed while all workers are down',
    async happen(house) {
      for (const worker of WORKERS) house.killWorker(worker);
      await house.loseQueue();
    },
  },
  {
    name: 'Redis killed and started again',
    ...ON_REDIS,
    async happen(house, dice) {
      await house.killQueue();
      await pause(dice.between(1_000, 7_000));
      await house.reviveQueue();
    },
  },
  {
    name: 'Redis lost with its disk',
    ...BY_WAY,
    async happen(house, dice) {
      await house.killQueue();
      await pause(dice.between(500, 2_000));
      await house.reviveQueue({ forgetting: true });
    },
  },
  {
    name: 'an api killed while Redis is gone',
    ...ON_REDIS,
    async happen(house) {
      await house.killQueue();
      house.signal('api', 'SIGKILL');
      await pause(6_000);
      await house.reviveQueue();
    },
  },
  lasting(
    'Redis full',
    [4_000, 8_000],
    // Below what an empty server needs: every write is refused with OOM.
    ({ queue }) => queue!.command('CONFIG', 'SET', 'maxmemory', '500kb'),
    ({ queue }) => queue!.command('CONFIG', 'SET', 'maxmemory', '0'),
    ON_REDIS,
  ),
  lasting(
    'Redis takes no writes for want of a replica',
    [4_000, 8_000],
    ({ queue }) => queue!.command('CONFIG', 'SET', 'min-replicas-to-write', '1'),
    ({ queue }) => queue!.command('CONFIG', 'SET', 'min-replicas-to-write', '0'),
    ON_REDIS,
  ),
  lasting(
    'Redis read-only, as after a failover to elsewhere',
    [4_000, 8_000],
    // Of a master that is nowhere: it keeps what it has and refuses to change it.
    ({ queue }) => queue!.command('REPLICAOF', '127.0.0.1', '1'),
    ({ queue }) => queue!.command('REPLICAOF', 'NO', 'ONE'),
    BY_WAY,
  ),
  lasting(
    'Redis slow',
    [4_000, 7_000],
    ({ queue }, dice) => queue!.way!.become({ kind: 'slow', delayMs: dice.between(50, 400) }),
    clear,
    BY_WAY,
  ),
  lasting(
    'the way to Redis narrow',
    [4_000, 7_000],
    ({ queue }, dice) => queue!.way!.become({ kind: 'narrow', bytesPerSecond: dice.between(2_000, 20_000) }),
    clear,
    BY_WAY,
  ),
  lasting(
    'connections to Redis half-open',
    [5_000, 12_000],
    ({ queue }) => queue!.way!.become({ kind: 'silent' }),
    clear,
    BY_WAY,
  ),
  {
    name: 'connections to Redis cut',
    ...BY_WAY,
    async happen({ queue }) {
      queue!.way!.cut();
    },
  },
];
