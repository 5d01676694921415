import { once } from 'node:events';
import { type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import type { Response } from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChunkWriter } from './chunk-writer.ts';

const PIECE = 'あ'.repeat(64 * 1024);
/** More than the buffers of a loopback connection hold. */
const LOTS_BYTES = 32 * 1024 * 1024;

describe('a completion whose reader takes nothing', () => {
  let server: Server;
  let socket: Socket;
  let response: ServerResponse;
  const left = () => {
    const leave = new AbortController();
    response.once('close', () => leave.abort());
    return leave;
  };
  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
    socket.write('GET / HTTP/1.1\r\nhost: api\r\n\r\n');
    [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  });
  afterEach(() => {
    socket.destroy();
    server.close();
  });

  /** Text goes out until the connection takes no more; then one more piece waits. */
  const fill = (signal: AbortSignal): Promise<void> => {
    const chunks = new ChunkWriter(response as Response, { id: 'chatcmpl-1', created: 0, model: 'm' });
    while (response.writableLength < LOTS_BYTES) void chunks.text(PIECE, signal);
    return chunks.text(PIECE, signal);
  };

  it('is waited for no longer when the reader has left', async () => {
    const waiting = fill(left().signal);
    socket.destroy();
    await expect(waiting).resolves.toBeUndefined();
  });

  it('is waited for no longer when the reader is sent away', async () => {
    const reader = left();
    const waiting = fill(reader.signal);
    reader.abort();
    await expect(waiting).resolves.toBeUndefined();
  });
});
