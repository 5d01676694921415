import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The least that keeps event streams open: Node's own server, one event each, one heartbeat for all. */
const HEARTBEAT_MS = 15_000;

const streams = new Set<ServerResponse>();
const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  response.write('event: queued\ndata: {"position":0,"estimatedWaitMs":0}\n\n');
  streams.add(response);
  response.once('close', () => streams.delete(response));
});
setInterval(() => {
  for (const stream of streams) stream.write(':\n\n');
}, HEARTBEAT_MS);
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
