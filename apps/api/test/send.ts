import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestNetwork } from '../src/http/ingress.ts';
import type { TestApi } from './test-api.ts';

/** Thousands of requests of one spec share a few connections, as an ingress's do. */
const connections = new Agent({ keepAlive: true, maxSockets: 8 });

export interface Sent {
  readonly method: string;
  readonly path: string;
  /** An array is a header sent as often. */
  readonly headers?: Record<string, string | string[]>;
  readonly body?: object | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

/** Sends exactly these headers behind the ingress of a network: no cookie jar, no redirects, nothing corrected. */
export function send(
  api: TestApi,
  listener: RequestNetwork['listener'],
  { method, path, headers, body }: Sent,
): Promise<Answer> {
  const { port } = api.app.getHttpServer().address() as AddressInfo;
  const json = body && JSON.stringify(body);
  const length = json && String(Buffer.byteLength(json));
  const described = length ? { 'content-type': 'application/json', 'content-length': length } : {};
  return new Promise((resolve, reject) => {
    const sent = request({
      agent: connections,
      host: '127.0.0.1',
      port,
      method: method.toUpperCase(),
      path,
      headers: { ...api.ingressOf(listener), ...described, ...headers },
    });
    sent.once('error', reject).once('response', (response) => {
      const parts: Buffer[] = [];
      response
        .on('data', (part: Buffer) => parts.push(part))
        .once('error', reject)
        .once('end', () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text: Buffer.concat(parts).toString(),
          }),
        );
    });
    sent.end(json);
  });
}
