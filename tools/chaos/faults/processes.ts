import { pause } from '../client.ts';
import { APIS, type ChaosHouse, LEASE_MS, WORKERS } from '../house.ts';
import type { Fault } from './fault.ts';

async function pauseProcesses(house: ChaosHouse, names: readonly string[], ms: number): Promise<void> {
  // By number: the supervisor must not make us wake a newer process of the same name.
  const pids = names.map((name) => house.pid(name));
  const from = Date.now();
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await pause(ms);
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  house.pauses.push(...names.map((name) => ({ name, from, to: Date.now() })));
}

export const PROCESS_FAULTS: readonly Fault[] = [
  {
    name: 'kill -9 of a worker',
    async happen(house, dice) {
      house.killWorker(dice.pick(WORKERS));
    },
  },
  {
    name: 'kill -9 of all workers',
    async happen(house) {
      for (const worker of WORKERS) house.killWorker(worker);
    },
  },
  {
    name: 'kill -9 of an api',
    async happen(house, dice) {
      house.signal(dice.pick(APIS), 'SIGKILL');
    },
  },
  {
    name: 'a worker told to stop',
    async happen(house, dice) {
      house.signal(dice.pick(WORKERS), 'SIGTERM');
    },
  },
  {
    name: 'an api told to stop',
    async happen(house, dice) {
      house.signal(dice.pick(APIS), 'SIGTERM');
    },
  },
  {
    name: 'a worker paused longer than its lease',
    happen: (house, dice) => pauseProcesses(house, [dice.pick(WORKERS)], LEASE_MS + dice.between(1_000, 3_000)),
  },
  {
    name: 'all workers paused longer than their leases',
    happen: (house, dice) => pauseProcesses(house, WORKERS, LEASE_MS + dice.between(500, 1_500)),
  },
  {
    name: 'an api paused',
    happen: (house, dice) => pauseProcesses(house, [dice.pick(APIS)], dice.between(2_000, 5_000)),
  },
];
