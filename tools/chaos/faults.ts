import { readFileSync } from 'node:fs';
import { pause } from './client.ts';
import type { Dice } from './dice.ts';
import { type Backend, type ChaosHouse, LEASE_MS } from './house.ts';

/** Something bad that happens. */
export interface Fault {
  readonly name: string;
  readonly only?: Backend;
  /** Does it, and returns when what it holds broken is whole again (processes may still be coming back). */
  happen(house: ChaosHouse, dice: Dice): Promise<void>;
}

const WORKERS = ['worker', 'worker-2'] as const;

async function pauseProcesses(house: ChaosHouse, names: readonly string[], ms: number): Promise<void> {
  // By number: the supervisor must not make us wake a newer process of the same name.
  const pids = names.map((name) => house.pid(name));
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await pause(ms);
  for (const pid of pids) process.kill(pid, 'SIGCONT');
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

/** Tells the simulator to misbehave for a while. */
const provider = (name: string, traits: (dice: Dice) => object): Fault => ({
  name,
  async happen(house, dice) {
    await house.simulator('PUT', '/behaviour', traits(dice));
    await pause(dice.between(3_000, 5_000));
    await house.simulator('PUT', '/behaviour', {});
  },
});

async function flushQueue(house: ChaosHouse): Promise<void> {
  if (house.backend === 'redis') {
    const { Redis } = await import('ioredis');
    const redis = new Redis(house.redis!.url, { maxRetriesPerRequest: 1 });
    redis.on('error', () => undefined);
    await redis.flushall().finally(() => redis.disconnect());
    return;
  }
  await house.sql('DELETE FROM bullmq.job');
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'kill -9 of a worker',
    async happen(house, dice) {
      house.signal(dice.pick(WORKERS), 'SIGKILL');
    },
  },
  {
    name: 'kill -9 of both workers',
    async happen(house) {
      for (const worker of WORKERS) house.signal(worker, 'SIGKILL');
    },
  },
  {
    name: 'kill -9 of the api',
    async happen(house) {
      house.signal('api', 'SIGKILL');
    },
  },
  {
    name: 'a worker told to stop',
    async happen(house, dice) {
      house.signal(dice.pick(WORKERS), 'SIGTERM');
    },
  },
  {
    name: 'the api told to stop',
    async happen(house) {
      house.signal('api', 'SIGTERM');
    },
  },
  {
    name: 'a worker paused longer than its lease',
    happen: (house, dice) => pauseProcesses(house, [dice.pick(WORKERS)], LEASE_MS + dice.between(1_000, 3_000)),
  },
  {
    name: 'both workers paused longer than their leases',
    happen: (house, dice) => pauseProcesses(house, WORKERS, LEASE_MS + dice.between(500, 1_500)),
  },
  {
    name: 'PostgreSQL restarted at once',
    async happen(house) {
      house.signal('postgres', 'SIGQUIT'); // immediate: no checkpoint, crash recovery at start
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
  { name: 'the queue flushed', happen: flushQueue },
  {
    name: 'the queue flushed while both workers are down',
    async happen(house) {
      for (const worker of WORKERS) house.signal(worker, 'SIGKILL');
      await flushQueue(house);
    },
  },
  {
    name: 'Redis killed and started again',
    only: 'redis',
    async happen(house, dice) {
      await house.killRedis();
      await pause(dice.between(1_000, 7_000));
      await house.reviveRedis();
    },
  },
  {
    name: 'the api killed while Redis is gone',
    only: 'redis',
    async happen(house) {
      await house.killRedis();
      house.signal('api', 'SIGKILL');
      await pause(6_000);
      await house.reviveRedis();
    },
  },
  provider('the model throttles', (dice) => ({ throttleRate: 0.2 + dice.roll() / 2, seed: dice.between(1, 1_000) })),
  provider('streams are cut', (dice) => ({ cutMidFrame: dice.between(1, 30) })),
  provider('streams end in an error', (dice) => ({ errorAtFrame: dice.between(0, 30) })),
  provider('the model does not say what it used', () => ({ omitUsage: true })),
];
