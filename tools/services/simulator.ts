import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../lib/root.mjs';
import { endProcess } from './processes.ts';

const STARTED_WITHIN_MS = 10_000;

/** A model simulator of one's own, for a product whose deployments one wants to set. */
export class SimulatorProcess {
  readonly url: string;
  private readonly process: ChildProcess;

  private constructor(process: ChildProcess, url: string) {
    this.process = process;
    this.url = url;
  }

  /** @throws Error when it does not say within 10 s where it listens */
  static async start(): Promise<SimulatorProcess> {
    const child = spawn(process.execPath, [join(ROOT, 'dist', 'apps', 'model-simulator', 'src', 'main.js')], {
      env: { ...process.env, SIMULATOR_PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const listening = await new Promise<number>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the simulator does not start')), STARTED_WITHIN_MS);
      child.once('exit', () => reject(new Error('the simulator ended at start')));
      child.stdout.once('data', (line: Buffer) => {
        clearTimeout(late);
        resolve((JSON.parse(line.toString()) as { listening: number }).listening);
      });
    });
    return new SimulatorProcess(child, `http://127.0.0.1:${listening}`);
  }

  stop(): Promise<void> {
    return endProcess(this.process, [
      { signal: 'SIGTERM', waitMs: 2_000 },
      { signal: 'SIGKILL', waitMs: 1_000 },
    ]);
  }
}
