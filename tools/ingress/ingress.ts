import { randomUUID } from 'node:crypto';
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import { createProxyServer } from 'httpxy';
import { ingressSigner, type Listener } from './sign.ts';

export interface IngressOptions {
  readonly listener: Listener;
  /** Shared with api and portal, at least 32 characters. */
  readonly secret: string;
  /** Loopback ports of what stands behind. */
  readonly apiPort: number;
  readonly portalPort: number;
}

/** Headers by which a client could claim to have come another way. */
const CLAIMS = /^(?:x-moyai-|x-forwarded-|forwarded$)/;

/**
 * The door of one network: strips what the client claims about its way in, signs what it knows, and sends `/api` to the api and the rest to
 * the portal. Bodies stream through both ways; who leaves early is let go upstream as well.
 */
export function createIngress(options: IngressOptions): Server {
  const sign = ingressSigner(options.listener, options.secret);
  const api = { host: '127.0.0.1', port: options.apiPort };
  const portal = { host: '127.0.0.1', port: options.portalPort };
  // Shorter than api and portal keep theirs (75 s), so that it is we who close first
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 256, timeout: 60_000 });
  // An answer may be silent for as long as the api lets it: its heartbeats and time limits rule, not ours
  const proxy = createProxyServer({ agent, proxyTimeout: 0 });
  proxy.on('proxyRes', (upstream) => {
    // Whether this connection stays open is between the client and us, not what the upstream said about its own
    delete upstream.headers.connection;
    delete upstream.headers['keep-alive'];
  });

  const server = createServer((request, response) => {
    if (!request.url?.startsWith('/')) return refuse(response, 400);
    const isApi = /^\/api(?:[/?]|$)/.test(request.url);
    for (const name of Object.keys(request.headers)) if (CLAIMS.test(name)) delete request.headers[name];
    const headers = {
      connection: 'keep-alive',
      'x-moyai-ingress': sign(addressOf(request)),
      'x-forwarded-host': request.headers.host ?? '',
      'x-forwarded-proto': 'http',
    };
    const way = { target: isApi ? api : portal, headers };
    proxy
      .web(request, response, way)
      .catch((error: NodeJS.ErrnoException) => {
        if (!mayBeRepeated(request, response, error)) throw error;
        return proxy.web(request, response, { ...way, agent: false, buffer: Readable.from([]) });
      })
      .catch(() => unavailable(response, isApi));
  });
  // Longer than any client in between keeps a connection, so that it is the client who closes first
  server.keepAliveTimeout = 75_000;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => answerBrokenRequest(error, socket));
  return server;
}

/** An upstream that is started anew closes what it kept, perhaps just as it is taken: what only reads is asked for once more. */
const mayBeRepeated = (
  { method }: IncomingMessage,
  response: ServerResponse,
  { code }: NodeJS.ErrnoException,
): boolean =>
  code === 'ECONNRESET' && (method === 'GET' || method === 'HEAD') && !response.headersSent && !response.destroyed;

/** As the connection says it: of a link-local one without the zone, which only this machine understands. */
const addressOf = ({ socket }: IncomingMessage): string => socket.remoteAddress?.split('%')[0] ?? '';

function unavailable(response: ServerResponse, isApi: boolean): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  if (isApi) refuse(response, 503);
  else {
    response.writeHead(503, { 'content-type': 'text/html; charset=utf-8', 'retry-after': '5' });
    response.end(
      '<!doctype html><html lang="ja"><meta charset="utf-8"><title>準備中</title>' +
        '<h1>ただいま準備中です</h1><p>しばらくしてから、ページを読み込み直してください。</p></html>',
    );
  }
}

const PROBLEMS = {
  400: { code: 'REQUEST.MALFORMED', title: 'リクエストの形式が正しくありません' },
  431: { code: 'REQUEST.TOO_LARGE', title: 'リクエストのヘッダーが大きすぎます' },
  503: {
    code: 'SYSTEM.UNAVAILABLE',
    title: 'サービスを一時的に利用できません。しばらくしてからもう一度お試しください',
  },
} as const;

function problem(status: keyof typeof PROBLEMS): { type: string; body: string } {
  const { code, title } = PROBLEMS[status];
  return {
    type: 'application/problem+json; charset=utf-8',
    body: JSON.stringify({ type: 'about:blank', title, status, code, requestId: randomUUID() }),
  };
}

function refuse(response: ServerResponse, status: keyof typeof PROBLEMS): void {
  const { type, body } = problem(status);
  response.writeHead(status, { 'content-type': type, ...(status === 503 && { 'retry-after': '5' }) });
  response.end(body);
}

/** Bytes that never became a request: answered in the form every other refusal has, then hung up on. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const { type, body } = problem(status);
  socket.end(
    `HTTP/1.1 ${status} ${status === 431 ? 'Request Header Fields Too Large' : 'Bad Request'}\r\n` +
      `content-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
