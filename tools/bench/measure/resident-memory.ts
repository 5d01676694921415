import { readFileSync } from 'node:fs';
import { pause } from '../load/closed-loop.ts';
import { quantilesOf } from './quantiles.ts';

const SETTLE_MS = 10_000;
const SAMPLES = 20;
const SAMPLE_EVERY_MS = 250;

/** Resident bytes of a process once it has come to rest: the median of five seconds, ten seconds from now. */
export async function residentBytesAtRest(pid: number): Promise<number> {
  await pause(SETTLE_MS);
  const samples: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    samples.push(residentBytes(pid));
    await pause(SAMPLE_EVERY_MS);
  }
  return quantilesOf(samples).p50;
}

function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1_024;
}
