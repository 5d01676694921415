import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, get, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { findNginx } from '../lib/system.mjs';
import { Nginx } from '../services/nginx.ts';
import { createIngress } from './ingress.ts';
import { ingressSigner } from './sign.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';
const left: (() => unknown)[] = [];

async function listen(server: Server): Promise<number> {
  left.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** The LGWAN listener `npm start` brings, before what plays both api and portal on this port. */
const openEmbedded = (port: number): Promise<number> =>
  listen(createIngress({ listener: 'lgwan', secret: SECRET, apiPort: port, portalPort: port }));

/** nginx as deploy/nginx configures it, with all its listeners. */
async function startNginx(port: number): Promise<Nginx> {
  const directory = mkdtempSync(join(tmpdir(), 'moyai-nginx-'));
  left.push(() => rmSync(directory, { recursive: true, force: true }));
  const nginx = await Nginx.start({ directory, secret: SECRET, apiPort: port, portalPort: port });
  left.push(() => nginx.stop());
  return nginx;
}

const openNginx = async (port: number): Promise<number> => (await startNginx(port)).ports.get('lgwan')!;

const echoHeaders = (incoming: IncomingMessage, response: ServerResponse) =>
  response.end(JSON.stringify(incoming.headers));

afterEach(async () => {
  for (const end of left.splice(0).toReversed()) await end();
});

const INGRESSES = [
  { name: 'the embedded ingress', open: openEmbedded, isThere: true },
  { name: 'nginx', open: openNginx, isThere: findNginx() !== undefined },
];

describe.each(INGRESSES.filter(({ isThere }) => isThere))('$name', ({ open }) => {
  const ingressTo = async (upstream: (request: IncomingMessage, response: ServerResponse) => void) =>
    open(await listen(createServer(upstream)));

  describe('what a client claims', () => {
    it("is stripped: segment, forwarding and signature headers are the ingress's own", async () => {
      const port = await ingressTo(echoHeaders);
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/me`, {
        headers: {
          'X-Moyai-Ingress': 'vendor.9999999999.00',
          'x-moyai-segment': 'my_number',
          'x-forwarded-for': '10.0.0.1',
          'x-forwarded-host': 'evil.example',
          forwarded: 'for=10.0.0.1',
        },
      });
      const seen = (await answer.json()) as Record<string, string>;
      expect(
        Object.keys(seen)
          .filter((name) => /^(x-moyai|x-forwarded|forwarded)/.test(name))
          .sort(),
      ).toEqual(['x-forwarded-host', 'x-forwarded-proto', 'x-moyai-ingress']);
      expect(seen['x-forwarded-host']).toBe(`127.0.0.1:${port}`);
      const [, claim, expiry, signature] = /^(lgwan\.(\d+)\.127\.0\.0\.1)\.([0-9a-f]{64})$/.exec(
        seen['x-moyai-ingress']!,
      )!;
      expect(Number(expiry)).toBeGreaterThan(Date.now() / 1000);
      expect(signature).toBe(createHmac('sha256', SECRET).update(claim!).digest('hex'));
    });

    it('is stripped however often it is claimed', async () => {
      const port = await ingressTo(echoHeaders);
      const outgoing = request({ port, host: '127.0.0.1', path: '/api/v1/me' });
      outgoing.setHeader('x-moyai-ingress', ['vendor.9999999999.10.0.0.1.00', 'lgwan.9999999999.10.0.0.1.00']);
      const [answer] = (await once(outgoing.end(), 'response')) as [IncomingMessage];
      const seen = JSON.parse(await text(answer)) as Record<string, string>;
      expect(seen['x-moyai-ingress']).toMatch(/^lgwan\.\d+\.127\.0\.0\.1\.[0-9a-f]{64}$/);
    });
  });

  describe('streams', () => {
    it('arrive piece by piece, not when the answer is complete', async () => {
      let finish = () => {};
      const port = await ingressTo((_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: 1\n\n');
        finish = () => response.end('data: 2\n\n');
      });
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/jobs/1/events`);
      const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
      expect((await reader.read()).value).toBe('data: 1\n\n');
      finish();
      expect((await reader.read()).value).toBe('data: 2\n\n');
    });

    it('end upstream when the reader leaves', async () => {
      let abandoned!: Promise<unknown[]>;
      const started = Promise.withResolvers<void>();
      const port = await ingressTo((_, response) => {
        abandoned = once(response, 'close');
        response.write('data: 1\n\n');
        started.resolve();
      });
      const reader = get(`http://127.0.0.1:${port}/api/v1/jobs/1/events`);
      reader.on('error', () => undefined);
      await started.promise;
      reader.destroy();
      await abandoned;
    });

    it('carry a large upload whole', async () => {
      const port = await ingressTo((incoming, response) => {
        void text(incoming).then((body) => response.end(String(body.length)));
      });
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/x`, { method: 'POST', body: 'x'.repeat(5_000_000) });
      expect(await answer.text()).toBe('5000000');
    });
  });

  describe('a connection that the upstream closes just as it is taken', () => {
    /** Asks twice of an upstream that hangs up at the second request of a connection. */
    const askTwice = async (method: string) => {
      const known = new WeakSet<Socket>();
      let seen = 0;
      const port = await ingressTo(({ socket }, response) => {
        seen += 1;
        if (known.has(socket)) socket.destroy();
        else response.end();
        known.add(socket);
      });
      const statuses: number[] = [];
      for (let time = 0; time < 2; time += 1) {
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1/me`, { method });
        await answer.arrayBuffer();
        statuses.push(answer.status);
      }
      return { statuses, seen };
    };

    it('is not felt by who only reads', async () => {
      expect((await askTwice('GET')).statuses).toEqual([200, 200]);
    });

    it('lets nothing be done twice that changes something', async () => {
      expect((await askTwice('POST')).seen).toBe(2);
    });
  });

  describe('an upstream that is down', () => {
    const nobody = () => open(1);

    it('is a 503 problem for the api', async () => {
      const answer = await fetch(`http://127.0.0.1:${await nobody()}/api/v1/me`);
      expect(answer.status).toBe(503);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(await answer.json()).toMatchObject({ status: 503, code: 'SYSTEM.UNAVAILABLE' });
    });

    it('is a page in Japanese for people', async () => {
      const answer = await fetch(`http://127.0.0.1:${await nobody()}/`);
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain('ただいま準備中です');
    });
  });
});

describe.skipIf(!findNginx())('the listeners of nginx', () => {
  it('each sign their own network, whatever the request says', async () => {
    const { ports } = await startNginx(await listen(createServer(echoHeaders)));
    expect([...ports.keys()]).toEqual(['lgwan', 'my_number', 'vendor']);
    for (const [listener, port] of ports) {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/me?moyai_listener=vendor`, {
        headers: { 'x-moyai-listener': 'vendor', 'x-moyai-segment': 'vendor' },
      });
      const seen = (await answer.json()) as Record<string, string>;
      expect(seen['x-moyai-ingress']).toMatch(new RegExp(`^${listener}\\.\\d+\\.127\\.0\\.0\\.1\\.[0-9a-f]{64}$`));
    }
  });
});

describe('the signature', () => {
  it('is made anew each second and for each client, and shared within it', () => {
    let now = 1_000_000;
    const sign = ingressSigner('vendor', SECRET, () => now);
    const first = sign('192.0.2.1');
    expect(sign('192.0.2.2')).not.toBe(first);
    now += 999;
    expect(sign('192.0.2.1')).toBe(first);
    now += 1;
    expect(sign('192.0.2.1')).not.toBe(first);
  });
});

describe('a request that is none, at the embedded ingress', () => {
  it('with a broken header gets a problem, and the connection is closed', async () => {
    const port = await openEmbedded(await listen(createServer(echoHeaders)));
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /api/v1/me HTTP/1.1\r\nhost: x\r\nbad\0header: 1\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 [\s\S]*REQUEST\.MALFORMED/);
  });

  it('with an absolute target is refused, whatever host it names', async () => {
    const port = await openEmbedded(await listen(createServer(echoHeaders)));
    const outgoing = request({ port, host: '127.0.0.1', path: 'http://evil.example/api/v1/me' }).end();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(400);
  });
});
