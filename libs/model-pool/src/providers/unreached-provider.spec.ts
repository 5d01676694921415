import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { type TlsOptions, createServer as createTlsServer } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import type { ModelDeployment } from '#libs/config';
import { relayCertificate } from '#libs/testing';
import { ModelPool } from '../model-pool.ts';

const PATIENT = { firstTokenMs: 30_000, tokenGapMs: 30_000, totalMs: 30_000, drainMs: 30_000 };
/** The client of the OpenAI protocol gives a connection ten seconds. */
const A_CONNECTION_MS = 20_000;

const closing: (() => unknown)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A port whose queue is full and whose process is busy for ever: what knocks is dropped, as by a firewall. */
async function silentPort(): Promise<number> {
  const busy = new Worker(
    `const server = require('node:net').createServer();
     server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       require('node:worker_threads').parentPort.postMessage(server.address().port);
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
     });`,
    { eval: true },
  );
  const port = await new Promise<number>((resolve) => busy.once('message', resolve));
  const queued = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  await Promise.all(queued.map((socket) => new Promise<void>((resolve) => socket.once('connect', () => resolve()))));
  closing.push(() => queued.map((socket: Socket) => socket.destroy()));
  closing.push(() => busy.terminate());
  return port;
}

/** A server that is what it says, by an authority that nobody here knows. */
async function tlsPort(speaks: TlsOptions): Promise<number> {
  const { key, cert } = await relayCertificate('127.0.0.1');
  return portOf(createTlsServer({ key, cert, ...speaks }));
}

const MODERN: TlsOptions = { ALPNProtocols: ['h2', 'http/1.1'] };
const OUTDATED: TlsOptions = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };

const UNREACHED: [string, 'http' | 'https', () => Promise<number>][] = [
  ['whose host is off', 'http', silentPort],
  ['whose host is off, over TLS', 'https', silentPort],
  ['whose certificate nobody trusts', 'https', () => tlsPort(MODERN)],
  ['that speaks a TLS of old', 'https', () => tlsPort(OUTDATED)],
  [
    'that speaks no TLS',
    'https',
    () => portOf(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
  ],
  ['that hangs up before it has proved who it is', 'https', () => portOf(createServer((socket) => socket.end()))],
];

describe.concurrent.each(['bedrock', 'openai-compatible'] as const)('a call by %s', (provider) => {
  it.each(UNREACHED)('owes nothing to a server %s', { timeout: A_CONNECTION_MS }, async (_how, scheme, listen) => {
    const deployment: ModelDeployment = {
      id: 'a',
      model: 'a',
      displayName: 'A',
      provider,
      providerModelId: 'a',
      region: 'ap-northeast-1',
      endpoint: `${scheme}://127.0.0.1:${await listen()}`,
      apiKey: 'key',
      simulated: true,
      segments: ['lgwan'],
      dataResidency: 'any',
      concurrency: 1,
      outputBurnDown: 1,
      headRoom: 0.01,
      maxOutputTokens: 100,
    };
    const messages = [{ role: 'user' as const, content: '住民票' }];
    const events: unknown[] = [];
    const call = new ModelPool([deployment], PATIENT).run({ callId: 'call', deployment, messages, maxTokens: 10 });
    const failure = await (async () => {
      for await (const event of call) events.push(event);
    })().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'MODEL.UNAVAILABLE' });
    expect(events).toEqual([]);
  });
});
