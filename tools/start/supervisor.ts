import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../lib/root.mjs';
import { endProcess } from '../services/processes.ts';

const LOG_LIMIT_BYTES = 20_000_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;
/** A process that lived this long had recovered: its next fall starts again with a short pause. */
const HEALTHY_AFTER_MS = 30_000;

export interface ProcessSpec {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** How long an orderly stop may take. */
  readonly stopMs: number;
  /** Started again after so long each time; when not given, the pause grows with every fall. */
  readonly restartMs?: number;
}

interface Running {
  child: ChildProcess;
  restart: NodeJS.Timeout | undefined;
}

/**
 * Keeps the processes of the product running: each in its own process group with its own log file, started again when it falls. The reaper
 * knows every one of them, so that none outlives us.
 */
export class Supervisor {
  private readonly running = new Map<string, Running>();
  private readonly specs = new Map<string, ProcessSpec>();
  private readonly reaper: ChildProcess;
  private readonly logDirectory: string;
  private readonly say: (message: string) => void;
  private readonly onChange: () => void;
  private stopping = false;

  constructor(logDirectory: string, say: (message: string) => void, onChange: () => void) {
    this.logDirectory = logDirectory;
    this.say = say;
    this.onChange = onChange;
    this.reaper = spawn(process.execPath, [fileURLToPath(new URL('./reaper.ts', import.meta.url))], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.reaper.stdin?.on('error', () => undefined);
    this.reaper.unref();
  }

  /** Process ids by name. */
  get pids(): Record<string, { pid: number }> {
    return Object.fromEntries([...this.running].map(([name, { child }]) => [name, { pid: child.pid ?? 0 }]));
  }

  /** Has the reaper end this process group too, should we be killed. */
  guard(pid: number, signal: NodeJS.Signals): void {
    this.reaper.stdin?.write(`+${pid} ${signal}\n`);
  }

  release(pid: number): void {
    this.reaper.stdin?.write(`-${pid}\n`);
  }

  start(spec: ProcessSpec, pauseMs = FIRST_PAUSE_MS): void {
    this.specs.set(spec.name, spec);
    const log = this.openLog(spec.name);
    const child = spawn(process.execPath, [...spec.args], {
      cwd: ROOT,
      env: spec.env,
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    const startedAt = performance.now();
    const entry: Running = { child, restart: undefined };
    this.running.set(spec.name, entry);
    if (child.pid) this.guard(child.pid, 'SIGTERM');
    child.once('exit', (code, signal) => {
      if (child.pid) this.release(child.pid);
      if (this.stopping) return;
      const grown = performance.now() - startedAt > HEALTHY_AFTER_MS ? FIRST_PAUSE_MS : pauseMs;
      const pause = spec.restartMs ?? grown;
      this.say(
        `${spec.name} が止まりました（${signal ?? `終了コード ${code}`}）。${pause / 1000} 秒後に起動し直します。記録: ${this.logFile(spec.name)}`,
      );
      entry.restart = setTimeout(() => this.start(spec, Math.min(pause * 2, LONGEST_PAUSE_MS)), pause);
    });
    this.onChange();
  }

  /** Stops these processes together; returns when none is left. Nothing is started again from the first call on. */
  async stop(names: readonly string[]): Promise<void> {
    this.stopping = true;
    await Promise.all(
      names.map(async (name) => {
        const entry = this.running.get(name);
        if (!entry) return;
        clearTimeout(entry.restart);
        const stopMs = this.specs.get(name)?.stopMs ?? 0;
        await endProcess(entry.child, [{ signal: 'SIGTERM', waitMs: stopMs }]);
        // What the process itself may have started shares its group
        killGroup(entry.child.pid);
        await endProcess(entry.child, [{ signal: 'SIGKILL', waitMs: 2_000 }]);
        this.running.delete(name);
      }),
    );
  }

  /** After everything was stopped in order. */
  dismissReaper(): void {
    this.reaper.stdin?.end('bye\n');
  }

  logFile(name: string): string {
    return join(this.logDirectory, `${name}.log`);
  }

  private openLog(name: string): number {
    const file = this.logFile(name);
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
    return openSync(file, 'a', 0o600);
  }
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid) process.kill(-pid, 'SIGKILL');
  } catch {
    // No one is left in it
  }
}
