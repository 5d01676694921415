import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { accepts, endProcess, freePort, poll } from './processes.ts';

/** True when this machine has a redis-server (Debian package `redis-server`). */
export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

/** A private Redis that never evicts and keeps an append-only file: the two things BullMQ's durability rests on. */
export class RedisServer {
  readonly url: string;
  private readonly server: ChildProcess;

  private constructor(server: ChildProcess, url: string) {
    this.server = server;
    this.url = url;
  }

  /**
   * @param port of an earlier server on this data, so that its clients find it again; a free one when not given
   * @param settings more words for its command line
   * @throws Error when redis-server is missing or does not answer within 10 s
   */
  static async start(dataDirectory: string, port?: number, settings: readonly string[] = []): Promise<RedisServer> {
    mkdirSync(dataDirectory, { recursive: true });
    port ??= await freePort();
    const server = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--dir', dataDirectory].concat([
        '--maxmemory-policy',
        'noeviction',
        '--appendonly',
        'yes',
        '--save',
        '',
        '--databases',
        '1024',
        ...settings,
      ]),
      { stdio: 'ignore', detached: true },
    );
    server.on('error', () => undefined);
    await poll('redis-server', 10_000, () => {
      if (server.exitCode !== null || server.pid === undefined) throw new Error('redis-server ended at start');
      return accepts(port);
    });
    return new RedisServer(server, `redis://127.0.0.1:${port}`);
  }

  get pid(): number {
    return this.server.pid!;
  }

  /** Returns when the process is gone. */
  stop(): Promise<void> {
    return endProcess(this.server, [
      { signal: 'SIGTERM', waitMs: 5_000 },
      { signal: 'SIGKILL', waitMs: 5_000 },
    ]);
  }
}
