import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { postgresVersion } from '../services/postgres.ts';

const firstLineOf = (program: string, ...args: string[]): string =>
  spawnSync(program, args, { encoding: 'utf8' }).stdout?.split('\n')[0]?.trim() || '';

/** The machine and the programs the figures were taken on, one line. */
export function describeMachine(): string {
  const redis = /v=(\S+)/.exec(firstLineOf('redis-server', '--version'))?.[1];
  return [
    `${cpus()[0]?.model ?? process.arch} × ${availableParallelism()}`,
    `${Math.round(totalmem() / 2 ** 30)} GB`,
    `Linux ${release()}`,
    `Node ${process.versions.node}`,
    `PostgreSQL ${postgresVersion()}`,
    redis ? `Redis ${redis}` : 'Redis なし',
    `load ${loadavg()[0]!.toFixed(1)}`,
  ].join(', ');
}
