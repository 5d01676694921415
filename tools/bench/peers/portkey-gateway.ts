import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { endProcess, freePort, isPortFree, poll } from '../../services/processes.ts';

const STARTED_WITHIN_MS = 15_000;

/**
 * It closes a connection that was idle for 5 s and passes on the model's header that promises 60: a caller that believes it
 * sends into a connection that is being closed.
 */
export const PORTKEY_IDLE_MS = 3_000;

/** @portkey-ai/gateway as its own command starts it, without its log page. */
export class PortkeyGateway {
  readonly url: string;
  private readonly process: ChildProcess;

  private constructor(process: ChildProcess, url: string) {
    this.process = process;
    this.url = url;
  }

  /** @throws Error when it does not listen within 15 s */
  static async start(): Promise<PortkeyGateway> {
    const port = await freePort();
    const program = createRequire(import.meta.url).resolve('@portkey-ai/gateway/build/start-server.js');
    const child = spawn(process.execPath, [program, `--port=${port}`, '--headless'], {
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: 'ignore',
    });
    const gateway = new PortkeyGateway(child, `http://127.0.0.1:${port}`);
    await poll('@portkey-ai/gateway', STARTED_WITHIN_MS, async () => {
      if (child.exitCode !== null) throw new Error('@portkey-ai/gateway ended at start');
      return (await isPortFree(port)) ? undefined : true;
    });
    return gateway;
  }

  get pid(): number {
    return this.process.pid!;
  }

  stop(): Promise<void> {
    return endProcess(this.process, [
      { signal: 'SIGTERM', waitMs: 2_000 },
      { signal: 'SIGKILL', waitMs: 1_000 },
    ]);
  }
}

/** Has it speak Bedrock, signed as AWS demands it, to a service at `endpoint`. */
export const portkeyToBedrock = (endpoint: string): Readonly<Record<string, string>> => ({
  'x-portkey-provider': 'bedrock',
  'x-portkey-custom-host': endpoint,
  'x-portkey-aws-region': 'ap-northeast-1',
  'x-portkey-aws-access-key-id': 'bench',
  'x-portkey-aws-secret-access-key': 'bench',
});
