import { isIP } from 'node:net';
import { type TLSSocket, connect } from 'node:tls';
import { NodeHttp2Handler } from '@smithy/node-http-handler';
import { ConnectionTooLate } from '../transport-faults.ts';

export const CONNECT_TIMEOUT_MS = 5_000;

/**
 * The SDK's handler for Bedrock, as it would set it up itself, but that a connection is made in time or not at all: where a
 * firewall drops what we send, waiting for it looks like waiting for a model that thinks, and would be billed as that.
 */
export const http2Handler = () =>
  new NodeHttp2Handler({
    disableConcurrentStreams: true,
    nodeHttp2ConnectOptions: { createConnection: connectInTime },
  });

function connectInTime({ hostname, port }: URL): TLSSocket {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = connect({
    host,
    port: Number(port || 443),
    ALPNProtocols: ['h2'],
    ...(isIP(host) === 0 && { servername: host }),
  });
  const late = setTimeout(() => socket.destroy(new ConnectionTooLate()), CONNECT_TIMEOUT_MS);
  const settled = () => clearTimeout(late);
  return socket.once('secureConnect', settled).once('close', settled);
}
