import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';

/** A loopback TCP port nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** True when nothing listens on the loopback port. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** True when somebody listens on the loopback port; undefined, as `poll` wants it, when not yet. */
export function accepts(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(undefined));
  });
}

/** True while a process of this id exists. A zombie has ended: it only waits for its parent to notice. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The command line of a process, words separated by spaces; empty when there is none to read. */
export function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Asks again until the answer is not undefined.
 * @param timeoutMs gives up after this long
 * @throws Error naming `what` when time runs out; whatever `ask` throws goes through at once
 */
export async function poll<T>(
  what: string,
  timeoutMs: number,
  ask: () => T | undefined | Promise<T | undefined>,
  intervalMs = 20,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not ready after ${Math.round(timeoutMs / 1000)} s`);
    await pause(intervalMs);
  }
}

/** Sends each signal in turn, `waitMs` apart, until the process has ended. */
export async function endProcess(child: ChildProcess, steps: readonly { signal: NodeJS.Signals; waitMs: number }[]) {
  const hasEnded = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  for (const { signal, waitMs } of steps) {
    if (hasEnded()) return;
    await new Promise<void>((resolve) => {
      const patience = setTimeout(resolve, waitMs);
      child.once('exit', () => {
        clearTimeout(patience);
        resolve();
      });
      child.kill(signal);
    });
  }
}
