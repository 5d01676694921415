import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromRoot } from '../lib/root.mjs';
import { findNginx } from '../lib/system.mjs';
import { accepts, endProcess, freePort, poll } from './processes.ts';

const MODULE = 'ngx_http_js_module.so';
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export interface NginxOptions {
  readonly directory: string;
  readonly secret: string;
  /** Loopback ports of what stands behind. */
  readonly apiPort: number;
  readonly portalPort: number;
}

/**
 * The production ingress as deploy/nginx configures it. Only what belongs to the containers is replaced: names of hosts,
 * ports and paths.
 */
export class Nginx {
  /** Loopback port of each listener, by its name in nginx.conf. */
  readonly ports: ReadonlyMap<string, number>;
  private readonly server: ChildProcess;

  private constructor(server: ChildProcess, ports: ReadonlyMap<string, number>) {
    this.server = server;
    this.ports = ports;
  }

  /** @throws Error with what nginx said when it ends at start */
  static async start({ directory, secret, apiPort, portalPort }: NginxOptions): Promise<Nginx> {
    const { program, modules } = findNginx()!;
    mkdirSync(directory, { recursive: true });
    const ports = new Map<string, number>();
    let text = replaced(readFileSync(fromRoot('deploy', 'nginx', 'nginx.conf'), 'utf8'), [
      [`load_module modules/${MODULE};`, `load_module "${join(modules, MODULE)}";`],
      ['js_path /etc/nginx;', `js_path "${fromRoot('deploy', 'nginx')}";${temporaryPaths(directory)}`],
      ['server api:8000 resolve;', `server 127.0.0.1:${apiPort};`],
      ['server portal:3000 resolve;', `server 127.0.0.1:${portalPort};`],
      ['include proxy.conf;', `include "${fromRoot('deploy', 'nginx', 'proxy.conf')}";`],
    ]);
    for (const [whole, port, listener] of text.matchAll(/listen (\d+);\s+set \$moyai_listener (\w+);/g)) {
      const free = await freePort();
      ports.set(listener!, free);
      text = text.replace(whole, whole.replace(`listen ${port}`, `listen 127.0.0.1:${free}`));
    }
    const file = join(directory, 'nginx.conf');
    writeFileSync(file, `daemon off;\npid ${join(directory, 'nginx.pid')};\n${text}`);
    return new Nginx(await running(program, directory, file, secret, [...ports.values()]), ports);
  }

  /** Returns when the process is gone. */
  stop(): Promise<void> {
    return endProcess(this.server, [
      { signal: 'SIGTERM', waitMs: 5_000 },
      { signal: 'SIGKILL', waitMs: 5_000 },
    ]);
  }
}

/** Every replacement must find its words: else the configuration has changed and this says so. */
function replaced(text: string, replacements: readonly (readonly [string, string])[]): string {
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`deploy/nginx/nginx.conf has no "${from}" any more`);
    text = text.replaceAll(from, to);
  }
  return text;
}

const temporaryPaths = (directory: string): string =>
  TEMPORARY.map((name) => `\n  ${name}_temp_path ${join(directory, name)};`).join('');

async function running(program: string, directory: string, file: string, secret: string, ports: readonly number[]) {
  const said = join(directory, 'nginx.log');
  const log = openSync(said, 'w');
  const server = spawn(program, ['-p', directory, '-c', file, '-e', 'stderr'], {
    env: { INGRESS_SECRET: secret },
    // A file, as it opens what stands behind /dev/stdout once more, which is not to be had of a pipe
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  server.on('error', () => undefined);
  await poll('nginx', 10_000, async () => {
    if (server.exitCode !== null || server.pid === undefined)
      throw new Error(`nginx ended at start: ${readFileSync(said, 'utf8')}`);
    return (await Promise.all(ports.map(accepts))).every(Boolean) || undefined;
  });
  return server;
}
