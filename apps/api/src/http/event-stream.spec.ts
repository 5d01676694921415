import { once } from 'node:events';
import { type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import type { Response } from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventStream, HEARTBEAT_MS } from './event-stream.ts';

const PIECE = 'あ'.repeat(64 * 1024);
/** More than the buffers of a loopback connection hold. */
const LOTS_BYTES = 32 * 1024 * 1024;

describe('a stream of events', () => {
  let server: Server;
  let socket: Socket;
  let response: ServerResponse;
  let stream: EventStream;
  let failures: unknown[];
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    failures = [];
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
    socket.write('GET / HTTP/1.1\r\nhost: api\r\n\r\n');
    [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
    response.on('error', (error) => failures.push(error));
    stream = new EventStream(response as Response);
  });
  afterEach(() => {
    socket.destroy();
    server.close();
    vi.useRealTimers();
  });

  /** Until the connection takes no more. */
  const fill = (): void => {
    stream.begin();
    while (response.writableLength < LOTS_BYTES) stream.write(PIECE);
  };
  /** Everything that a write can set off at once. */
  const settled = () => new Promise(setImmediate);

  it('says that it is still there while nothing happens', async () => {
    stream.begin();
    let heard = '';
    socket.on('data', (bytes) => (heard += bytes.toString())).resume();
    vi.advanceTimersByTime(HEARTBEAT_MS);
    await vi.waitUntil(() => heard.includes(':\n\n'));
  });

  it('writes nothing any more to a stalled reader once it has ended', async () => {
    fill();
    stream.end('event: completed\n\n');
    vi.advanceTimersByTime(2 * HEARTBEAT_MS);
    stream.write('event: delta\n\n');
    stream.end('event: refused\n\n');
    await settled();
    expect(failures).toEqual([]);
    expect(socket.destroyed).toBe(false);
  });

  it('keeps no signs of life for a reader who takes nothing', () => {
    fill();
    const waiting = response.writableLength;
    vi.advanceTimersByTime(100 * HEARTBEAT_MS);
    expect(response.writableLength).toBe(waiting);
  });

  it('gives no signs of life to one who left before it began', async () => {
    socket.destroy();
    await once(response, 'close');
    const beating = vi.getTimerCount();
    new EventStream(response as Response).begin();
    expect(vi.getTimerCount()).toBe(beating);
  });

  it('waits no longer for a slow reader who has left', async () => {
    fill();
    const left = new AbortController();
    response.once('close', () => left.abort());
    const waiting = stream.send(PIECE, left.signal);
    socket.destroy();
    await expect(waiting).resolves.toBeUndefined();
  });
});
