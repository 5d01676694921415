import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in ticks of this many a second on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** Of its own and of the children it has waited for, so that short-lived ones are not forgotten. */
  readonly seconds: number;
}

/**
 * Processor seconds that each named process and all below it have used so far, and this process as `generator`.
 * @param roots process id by name
 */
export function processorSeconds(roots: Readonly<Record<string, number>>): Record<string, number> {
  const stats = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? readStat(Number(name)) : []));
  const below = (pid: number): number =>
    stats.filter(({ parent }) => parent === pid).reduce((sum, child) => sum + child.seconds + below(child.pid), 0);
  const own = (pid: number): number => stats.find((stat) => stat.pid === pid)?.seconds ?? 0;
  const used = Object.entries(roots).map(([name, pid]) => [name, own(pid) + below(pid)] as const);
  const { user, system } = process.cpuUsage();
  return { ...Object.fromEntries(used), generator: (user + system) / 1_000_000 };
}

function readStat(pid: number): ProcessStat[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold blanks; what follows it does not
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return [{ pid, parent: Number(fields[1]), seconds: ticks / TICKS_PER_SECOND }];
  } catch {
    return []; // it ended while we looked
  }
}

export interface ProcessorShare {
  readonly name: string;
  readonly seconds: number;
  /** Of all that was used, 0 to 1. */
  readonly share: number;
}

/** Processor time by name, the largest first, as parts of all that was used between two readings. */
export function processorShares(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): ProcessorShare[] {
  const used = Object.entries(after).map(([name, seconds]) => ({ name, seconds: seconds - (before[name] ?? 0) }));
  const total = used.reduce((sum, { seconds }) => sum + seconds, 0);
  return used.map((entry) => ({ ...entry, share: entry.seconds / total })).toSorted((a, b) => b.seconds - a.seconds);
}
