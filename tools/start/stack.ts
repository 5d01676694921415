import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal, ROOT } from '../lib/root.mjs';
import { freePort, poll } from '../services/processes.ts';
import type { PostgresServer } from '../services/postgres.ts';
import { type Database, openDatabase, openRoles, startEmbedded } from './database.ts';
import { composeEnvironments, type Environments } from './environment.ts';
import { Home, type Secrets } from './home.ts';
import { modelDeployments, needsSimulator } from './models.ts';
import { demandFreePorts, listenerPorts, originsOf } from './origins.ts';
import { Supervisor } from './supervisor.ts';

const program = (...parts: string[]): string => join(ROOT, ...parts);

/** Longer than the ingress keeps an idle connection, which must be the one to close it. */
const PORTAL_KEEP_ALIVE_MS = 75_000;

/** The whole product on this machine: started in the order that gets it ready soonest, stopped in the order that loses nothing. */
export class Stack {
  private readonly home: Home;
  private readonly given: NodeJS.ProcessEnv;
  private readonly say: (message: string) => void;
  private readonly supervisor: Supervisor;
  private database: Database | undefined;
  private postgres: PostgresServer | undefined;
  private ports: Record<string, number> = {};
  private stopping = false;
  private starting: Promise<void> | undefined;
  /** The program that runs once at this moment, migration or seed. */
  private oneOff: ChildProcess | undefined;
  /** False until this installation is ours: what another `npm start` runs is not ours to stop. */
  private begun = false;

  constructor(home: Home, given: NodeJS.ProcessEnv, say: (message: string) => void) {
    this.home = home;
    this.given = given;
    this.say = say;
    this.supervisor = new Supervisor(home.path('logs'), say, () => this.writeRunRecord());
  }

  get listeners(): Record<string, number> {
    return listenerPorts(this.given.MOYAI_PORT);
  }

  /**
   * Returns when a person can sign in.
   * @throws Refusal in words for the operator when something is in the way
   */
  start(): Promise<void> {
    this.starting = this.bringUp();
    return this.starting;
  }

  private async bringUp(): Promise<void> {
    const { listeners } = this;
    const { leftUnclean } = this.home.open();
    this.begun = true;
    this.writeRunRecord();
    await demandFreePorts(Object.values(listeners), leftUnclean ? 12_000 : 0);
    const secrets = this.home.secrets();
    const [api, portal, simulator] = await Promise.all([freePort(), freePort(), freePort()]);
    this.ports = { api, portal, simulator };
    this.writeRunRecord();

    this.database = await openDatabase(this.home, secrets, this.given);
    if (this.database.server) this.watchPostgres(this.database.server, secrets);
    const environments = composeEnvironments({
      given: this.given,
      secrets,
      databases: this.database.urls,
      keyDirectory: this.home.keyDirectory,
      ...(existsSync(this.home.keyFile) && { sharedKeyFile: this.home.keyFile }),
      auditAnchorFile: this.home.path('audit-anchors.jsonl'),
      compileCache: this.home.path('cache'),
      modelDeployments: await modelDeployments(this.given, { origin: `http://127.0.0.1:${simulator}` }),
      ports: { api, portal, simulator },
      listeners,
    });
    this.home.writePrivate('environment.json', `${JSON.stringify(environments.command, null, 2)}\n`);

    this.goOn();
    // What needs no database comes up while it is being prepared
    this.startOuter(environments);
    await this.runOnce('migrate', ['migrations', 'migrate.js'], environments);
    await openRoles(this.database.urls, secrets, this.given);
    await this.ensureDemo(environments);
    this.goOn();
    this.startInner(environments);
    await this.ready();
  }

  /** A start that was told to stop goes no further. */
  private goOn(): void {
    if (this.stopping) throw new Refusal('起動をやめました。');
  }

  private startOuter(environments: Environments): void {
    if (needsSimulator(this.given)) {
      const args = [program('dist', 'apps', 'model-simulator', 'src', 'main.js')];
      this.supervisor.start({ name: 'simulator', args, env: environments.simulator, stopMs: 3_000 });
    }
    const next = [program('node_modules', 'next', 'dist', 'bin', 'next'), 'start', program('apps', 'portal')];
    const place = ['--hostname', '127.0.0.1', '--port', String(this.ports.portal)];
    const portalArgs = [...next, ...place, '--keepAliveTimeout', String(PORTAL_KEEP_ALIVE_MS)];
    this.supervisor.start({ name: 'portal', args: portalArgs, env: environments.portal, stopMs: 3_000 });
    const ingressArgs = [program('tools', 'ingress', 'main.ts')];
    this.supervisor.start({ name: 'ingress', args: ingressArgs, env: environments.ingress, stopMs: 3_000 });
  }

  private startInner(environments: Environments): void {
    const main = (app: string) => [program('dist', 'apps', app, 'src', 'main.js')];
    this.supervisor.start({ name: 'api', args: main('api'), env: environments.api, stopMs: 10_000 });
    this.supervisor.start({ name: 'worker', args: main('worker'), env: environments.worker, stopMs: 12_000 });
  }

  /** Fictional cities at the first start; later only their addresses, which follow MOYAI_PORT. */
  private async ensureDemo(environments: Environments): Promise<void> {
    const origins = originsOf(this.listeners);
    const file = this.home.path('demo.json');
    if (!existsSync(file)) {
      await this.runOnce('seed', ['apps', 'api', 'src', 'cli', 'seed-demo.js'], environments, [
        file,
        JSON.stringify(origins),
      ]);
      return;
    }
    const demo = JSON.parse(readFileSync(file, 'utf8')) as { origins: object };
    if (JSON.stringify(demo.origins) !== JSON.stringify(origins)) {
      this.home.writePrivate('demo.json', `${JSON.stringify({ ...demo, origins }, null, 2)}\n`);
    }
  }

  private async runOnce(name: string, file: string[], environments: Environments, args: string[] = []): Promise<void> {
    this.goOn();
    const child = spawn(process.execPath, [program('dist', ...file), ...args], {
      cwd: ROOT,
      env: environments.command,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.oneOff = child;
    if (child.pid) this.supervisor.guard(child.pid, 'SIGTERM');
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    this.oneOff = undefined;
    if (child.pid) this.supervisor.release(child.pid);
    if (code !== 0) throw new Refusal(`${name} が失敗しました（終了コード ${String(code)}）。\n\n${output}`);
  }

  /** Ready is what a browser and a program would see through the ingress, not what a process says of itself. */
  private async ready(): Promise<void> {
    const origin = originsOf(this.listeners).lgwan;
    const answers = async (path: string) => {
      try {
        const answer = await fetch(`${origin}${path}`, { redirect: 'manual', signal: AbortSignal.timeout(5_000) });
        await answer.arrayBuffer();
        return answer.status < 400 ? true : undefined;
      } catch {
        return undefined;
      }
    };
    await Promise.all(
      ['/api/health/ready', '/'].map((path) =>
        poll(path, 90_000, () => (this.stopping ? true : answers(path)), 50).catch(() => {
          throw new Refusal(`起動を確認できません（${path}）。記録 ${this.home.path('logs')} を確かめてください。`);
        }),
      ),
    );
  }

  /** The database, too, is started again when it falls: on its old port, where everyone looks for it. */
  private watchPostgres(server: PostgresServer, secrets: Secrets): void {
    this.postgres = server;
    this.ports.postgres = server.port;
    this.supervisor.guard(server.pid, 'SIGINT');
    this.writeRunRecord();
    server.onExit(() => {
      this.supervisor.release(server.pid);
      if (this.stopping) return;
      this.say('PostgreSQL が止まりました。起動し直します。');
      const again = async (): Promise<void> => {
        while (!this.stopping) {
          try {
            this.watchPostgres(await startEmbedded(this.home, secrets, server.port), secrets);
            return;
          } catch {
            // A server killed outright leaves shared memory that takes a moment to go
            await new Promise<void>((resolve) => setTimeout(resolve, 500));
          }
        }
      };
      void again();
    });
  }

  /** Lets running answers finish or hand themselves back, then ends everything, the record last. */
  async stop(): Promise<void> {
    this.stopping = true;
    if (this.database) this.say('\n止めています…');
    this.oneOff?.kill('SIGTERM');
    // What a start that is under way has begun must be known before it can be ended
    await this.starting?.catch(() => undefined);
    await this.supervisor.stop(['api', 'worker', 'portal']);
    await this.supervisor.stop(['ingress', 'simulator']);
    await this.postgres?.stop();
    if (this.begun) this.home.removeRunRecord();
    if (this.database) this.say('止まりました。');
    this.supervisor.dismissReaper();
  }

  private writeRunRecord(): void {
    const processes = { ...this.supervisor.pids, ...(this.postgres && { postgres: { pid: this.postgres.pid } }) };
    this.home.writeRunRecord({ pid: process.pid, origins: originsOf(this.listeners), ports: this.ports, processes });
  }
}
