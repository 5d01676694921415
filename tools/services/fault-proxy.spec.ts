import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultProxy } from './fault-proxy.ts';

describe('a way to a server', () => {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  let proxy: FaultProxy;
  beforeEach(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = await FaultProxy.open('127.0.0.1', (server.address() as AddressInfo).port);
  });
  afterEach(async () => {
    await proxy.close();
    await new Promise((resolve) => server.close(resolve));
  });

  async function caller(): Promise<Socket> {
    const socket = connect(proxy.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  async function echoOf(socket: Socket, words: string): Promise<{ said: string; ms: number }> {
    const startedAt = performance.now();
    socket.write(words);
    let said = '';
    while (said.length < words.length) said += String((await once(socket, 'data'))[0]);
    return { said, ms: performance.now() - startedAt };
  }

  it('carries everything in order while it is clear', async () => {
    const words = 'あ'.repeat(100_000);
    const socket = await caller();
    socket.setEncoding('utf8');
    expect((await echoOf(socket, words)).said).toBe(words);
    socket.destroy();
  });

  it('delays what goes each way when it is slow', async () => {
    const socket = await caller();
    await proxy.become({ kind: 'slow', delayMs: 60 });
    expect((await echoOf(socket, 'word')).ms).toBeGreaterThanOrEqual(118);
    socket.destroy();
  });

  it('carries no more than it is wide', async () => {
    const socket = await caller();
    await proxy.become({ kind: 'narrow', bytesPerSecond: 10_000 });
    expect((await echoOf(socket, 'x'.repeat(1_000))).ms).toBeGreaterThanOrEqual(195);
    socket.destroy();
  });

  it('carries nothing while it is silent, without ending anything, and then what was sent', async () => {
    const socket = await caller();
    await proxy.become({ kind: 'silent' });
    const echo = echoOf(socket, 'word');
    const late = await caller();
    const first = await Promise.race([echo.then(() => 'carried'), echoOf(late, 'late'), soon('nothing')]);
    expect(first).toBe('nothing');
    expect(socket.readyState).toBe('open');
    await proxy.become({ kind: 'clear' });
    expect((await echo).said).toBe('word');
    socket.destroy();
    late.destroy();
  });

  it('carries nothing more on the connections that it has forgotten, and new ones as ever', async () => {
    const socket = await caller();
    expect((await echoOf(socket, 'word')).said).toBe('word');
    proxy.forget();
    const echo = echoOf(socket, 'lost').then(() => 'carried');
    const late = await caller();
    expect((await echoOf(late, 'late')).said).toBe('late');
    expect(await Promise.race([echo, soon('nothing')])).toBe('nothing');
    expect(socket.readyState).toBe('open');
    socket.destroy();
    late.destroy();
  });

  it('takes nobody while it is closed, and the same address works again after', async () => {
    const socket = await caller();
    const closed = gone(socket);
    await proxy.become({ kind: 'closed' });
    await closed;
    const [error] = (await once(connect(proxy.port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    await proxy.become({ kind: 'clear' });
    const again = await caller();
    expect((await echoOf(again, 'word')).said).toBe('word');
    again.destroy();
  });

  it('cuts the connections there are and takes new ones', async () => {
    const socket = await caller();
    await echoOf(socket, 'word');
    const closed = gone(socket);
    expect(proxy.cut()).toBe(1);
    await closed;
    const again = await caller();
    expect((await echoOf(again, 'word')).said).toBe('word');
    again.destroy();
  });
});

/** Time enough for anything to come over a loopback connection that could. */
const soon = <T>(answer: T): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(answer), 100));

/** `once` of node:events would fail with the reset that goes before. */
const gone = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));
