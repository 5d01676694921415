import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/root.mjs';
import type { RunRecord } from '../start/home.ts';
import type { VendorPerson } from './vendor-sign-in.ts';
import { isAlive, isPortFree, poll } from './processes.ts';

/** Tests and benches ask in minutes what a member asks in a year. */
const ASK_AS_YOU_LIKE = { API_MEMBER_REQUESTS_PER_MINUTE: '1000000', API_KEY_REQUESTS_PER_MINUTE: '1000000' };

/** Longer than all processes' own patience with each other when they stop. */
const STOP_MS = 40_000;

export interface ProductOptions {
  /** Where it keeps its data, as MOYAI_HOME. */
  readonly home: string;
  /** The repository it is started from: this one when not given. */
  readonly root?: string;
  /** The command and its words; `npm start`'s own program when not given. */
  readonly command?: readonly [string, ...string[]];
  /** On top of what this process has in its environment; undefined takes a variable away. */
  readonly environment?: NodeJS.ProcessEnv;
  /** How long it may take to be ready. */
  readonly patienceMs?: number;
}

/** The product as people start it, on ports and data of its own. */
export class RunningProduct {
  readonly home: string;
  private readonly process: ChildProcess;
  private output = '';

  private constructor(process: ChildProcess, home: string) {
    this.process = process;
    this.home = home;
    for (const stream of [process.stdout, process.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  /**
   * Returns when it says that it is ready.
   * @throws Error with all it said when it ends before that or takes longer than `patienceMs`
   */
  static async start(options: ProductOptions): Promise<RunningProduct> {
    const root = options.root ?? ROOT;
    const [command, ...words] = options.command ?? [process.execPath, join(root, 'tools', 'start.mjs')];
    const port = await threeFreePorts();
    const environment = {
      ...ASK_AS_YOU_LIKE,
      ...process.env,
      ...options.environment,
      MOYAI_HOME: options.home,
      MOYAI_PORT: String(port),
    };
    const child = spawn(command, words, { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const product = new RunningProduct(child, options.home);
    child.on('error', (error) => (product.output += String(error)));
    try {
      await poll('npm start', options.patienceMs ?? 180_000, () => {
        if (product.hasEnded) throw new Error(`npm start ended:\n${product.output}`);
        return product.output.includes('準備ができました') ? true : undefined;
      });
    } catch (error) {
      await product.stop();
      throw error;
    }
    return product;
  }

  /** Addresses and accounts, as every program outside the product reads them. */
  get demo(): Demo {
    return JSON.parse(readFileSync(join(this.home, 'demo.json'), 'utf8')) as Demo;
  }

  /** Ports and process ids at this moment. */
  get record(): RunRecord {
    return JSON.parse(readFileSync(join(this.home, 'run.json'), 'utf8')) as RunRecord;
  }

  /**
   * Stops it as Ctrl-C does and takes its data away, unless they are wanted for another start.
   * @throws Error when it leaves a process behind
   */
  async stop({ keepData = false } = {}): Promise<void> {
    const started = this.startedProcesses();
    const [program] = started;
    // Past npm, which would not wait for the program to end
    if (program !== undefined && isAlive(program)) process.kill(program, 'SIGINT');
    else this.process.kill('SIGINT');
    await poll('the end', STOP_MS, () => this.hasEnded || undefined).catch(() => this.process.kill('SIGKILL'));
    const left = started.filter(isAlive);
    if (!keepData) rmSync(this.home, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`npm start left processes behind: ${left.join(', ')}\n${this.output}`);
  }

  private get hasEnded(): boolean {
    const { pid, exitCode, signalCode } = this.process;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }

  private startedProcesses(): number[] {
    try {
      const { pid, processes } = this.record;
      return [pid, ...Object.values(processes).map((entry) => entry.pid)];
    } catch {
      return []; // it ended before it had started anything
    }
  }
}

/** What a demo file holds, as far as programs out here need it. */
export interface Demo {
  readonly origins: Readonly<Record<'lgwan' | 'my_number' | 'vendor', string>>;
  readonly cities: readonly {
    readonly code: string;
    readonly name: string;
    readonly apiKey: string;
    readonly purposeCode: string;
    readonly members: readonly { loginId: string; password: string; role: string; segment: string }[];
  }[];
  readonly vendor: readonly (VendorPerson & { role: string })[];
}

/** The first of them. Below the range outgoing connections take their ports from, or one of those could be faster than the ingress. */
export async function threeFreePorts(): Promise<number> {
  return poll('three free ports in a row', 10_000, async () => {
    const first = randomInt(20_000, 30_000);
    const free = await Promise.all([first, first + 1, first + 2].map(isPortFree));
    return free.every(Boolean) ? first : undefined;
  });
}
