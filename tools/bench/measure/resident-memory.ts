import { readFileSync } from 'node:fs';
import { pause } from '../load/closed-loop.ts';
import { quantilesOf } from './quantiles.ts';

const SETTLE_MS = 5_000;
const SAMPLES = 10;
const SAMPLE_EVERY_MS = 200;

/** A Node process that was started with {@link INSPECTED}. */
export interface InspectedProcess {
  readonly pid: number;
  /** What it, and those before it, have written to their standard error. */
  readonly said: string;
}

/** Lets a process be asked to collect its garbage; it says on its standard error where. */
export const INSPECTED = '--inspect=127.0.0.1:0';

/**
 * Resident bytes of a process at rest, without its garbage: how much of it there is at a moment depends on what the process
 * did before, and would hide or feign growth.
 */
export async function residentBytesAtRest(inspected: InspectedProcess): Promise<number> {
  await pause(SETTLE_MS);
  await collectGarbage(inspected);
  const samples: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    await pause(SAMPLE_EVERY_MS);
    samples.push(residentBytes(inspected.pid));
  }
  return quantilesOf(samples).p50;
}

async function collectGarbage({ said }: InspectedProcess): Promise<void> {
  const [, address] = [...said.matchAll(/Debugger listening on (ws:\S+)/g)].at(-1) ?? [];
  if (!address) throw new Error(`the process does not say where it can be inspected: ${said}`);
  const socket = new WebSocket(address);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => socket.send('{"id":1,"method":"HeapProfiler.collectGarbage"}'));
    socket.addEventListener('message', () => resolve());
    socket.addEventListener('error', () => reject(new Error(`cannot inspect ${address}`)));
  });
  socket.close();
}

export const residentBytes = (pid: number): number => statusOf(pid, 'VmRSS');

/** The most that a process ever had. */
export const peakBytes = (pid: number): number => statusOf(pid, 'VmHWM');

function statusOf(pid: number, field: string): number {
  const [, kilobytes] =
    new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1_024;
}
