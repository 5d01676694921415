import { createInterface } from 'node:readline';

/**
 * Outlives its parent on purpose. Told the process groups that the parent has started, it ends them when the pipe from the parent closes
 * without a goodbye: a `kill -9` on `npm start` must not leave a database or a worker behind.
 *
 * Lines: `+<pid> <signal>` watch a group and end it with this signal, `-<pid>` forget it, `bye` all was stopped in order.
 */
const groups = new Map<number, NodeJS.Signals>();
let orderly = false;

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'bye') orderly = true;
  const added = /^\+(\d+) (SIG[A-Z]+)$/.exec(line);
  if (added) groups.set(Number(added[1]), added[2] as NodeJS.Signals);
  const removed = /^-(\d+)$/.exec(line);
  if (removed) groups.delete(Number(removed[1]));
}

if (!orderly) {
  signalAll((signal) => signal);
  const deadline = performance.now() + 8_000;
  while (groups.size > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const pid of groups.keys()) if (!exists(pid)) groups.delete(pid);
  }
  signalAll(() => 'SIGKILL');
}

function signalAll(choose: (ordinary: NodeJS.Signals) => NodeJS.Signals): void {
  for (const [pid, signal] of groups) {
    try {
      process.kill(-pid, choose(signal));
    } catch {
      groups.delete(pid);
    }
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}
