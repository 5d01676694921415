import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import supertest from 'supertest';
import type { RequestNetwork } from '../src/http/ingress.ts';
import type { TestApi } from './test-api.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', '..', 'dist', 'apps', 'api', 'src', 'main.js');

/** An api behind the ingress: this process's or another's. */
export interface Door {
  readonly url: string;
  on(listener: RequestNetwork['listener']): ReturnType<typeof supertest.agent>;
}

/** Another api in a process of its own, as it was built: on the same database, queue and keys as this one. */
export class ApiProcess implements Door, AsyncDisposable {
  private constructor(
    private readonly child: ChildProcess,
    private readonly api: TestApi,
    readonly url: string,
  ) {}

  /** @param drainMs what it gives an answer to end when it is told to stop */
  static async start(api: TestApi, drainMs = api.config.api.drainMs): Promise<ApiProcess> {
    const child = ApiProcess.spawn(api, { API_DRAIN_MS: String(drainMs) }, 'inherit');
    for await (const line of createInterface({ input: child.stdout! }))
      if (line.includes('"api.listening"'))
        return new ApiProcess(child, api, (JSON.parse(line) as { url: string }).url);
    throw new Error('the api ended at start');
  }

  /** Returns at once, whether it comes up or not. */
  static spawn(api: TestApi, environment: NodeJS.ProcessEnv, stderr: 'pipe' | 'inherit' = 'pipe'): ChildProcess {
    return spawn(process.execPath, [PROGRAM], {
      env: { ...environmentOf(api), ...environment },
      stdio: ['ignore', 'pipe', stderr],
    });
  }

  on(listener: RequestNetwork['listener']): ReturnType<typeof supertest.agent> {
    return supertest.agent(this.url).set(this.api.ingressOf(listener));
  }

  /** Asks it to stop. Returns when it has. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exit;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function environmentOf({ config }: TestApi): NodeJS.ProcessEnv {
  const { api, database, vendorDatabase, keyService, queue, model } = config;
  return {
    API_PORT: '0',
    INGRESS_SECRET: api.ingressSecret,
    WORKER_STREAM_SECRET: api.streamSecret,
    DATABASE_APP_URL: database.appUrl,
    DATABASE_ADMISSION_URL: database.admissionUrl,
    DATABASE_OPS_URL: vendorDatabase.opsUrl,
    DATABASE_FINANCE_URL: vendorDatabase.financeUrl,
    ...(keyService.kind === 'local' && { KEY_SERVICE: 'local', KEY_DIRECTORY: keyService.directory }),
    ...(queue.backend === 'redis' && { REDIS_URL: queue.url }),
    MODEL_DEPLOYMENTS: JSON.stringify(model.deployments),
    LOG_LEVEL: 'silent',
  };
}

/** A stream that has begun at one of the doors. */
export interface OpenStream {
  /** Returns once it has said this. @throws Error when it ends before */
  said(words: string): Promise<void>;
  /** All of it, once it has ended. */
  readonly ended: Promise<string>;
}

/**
 * Asks for a stream, by POST where there is a body.
 * @throws Error when the stream is refused
 */
export async function openStream(url: string, headers: Record<string, string>, body?: object): Promise<OpenStream> {
  const asked = body && { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(url, { headers: { ...headers, ...(body && JSON_BODY) }, ...asked });
  if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return new ReadStream(response.body);
}

const JSON_BODY = { 'content-type': 'application/json' };

class ReadStream implements OpenStream {
  readonly ended: Promise<string>;
  private text = '';
  private readonly listeners = new Set<() => void>();

  constructor(body: ReadableStream<Uint8Array>) {
    this.ended = this.read(body);
    this.ended.catch(() => undefined);
  }

  async said(words: string): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      const listen = (): void => {
        if (this.text.includes(words)) resolve();
      };
      this.listeners.add(listen);
      listen();
    });
    const over = this.ended.then((text) => {
      if (!text.includes(words)) throw new Error(`the stream ended without ${words}: ${text}`);
    });
    await Promise.race([heard, over]);
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<string> {
    const decoder = new TextDecoder();
    for await (const piece of body) {
      this.text += decoder.decode(piece, { stream: true });
      for (const listener of this.listeners) listener();
    }
    return this.text;
  }
}
