import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { ManagementConfig } from '#libs/config';
import { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import { Readiness } from './readiness.ts';

export const MANAGEMENT_CONFIG = Symbol('ManagementConfig');

/**
 * What the operator's own machines ask a process: `/metrics`, `/health/live`, `/health/ready`. A port of its own, because
 * the ports that an ingress reaches belong to cities; it is closed unless METRICS_PORT names it.
 */
@Injectable()
export class ManagementServer implements OnApplicationShutdown {
  private server: Server | undefined;

  constructor(
    @Inject(MANAGEMENT_CONFIG) private readonly config: ManagementConfig,
    private readonly metrics: Metrics,
    private readonly readiness: Readiness,
    private readonly log: Log,
  ) {}

  /** Undefined while it is closed. */
  get port(): number | undefined {
    return (this.server?.address() as AddressInfo | null | undefined)?.port;
  }

  /** Only a program that serves opens it: one that is run beside it in the same environment must not. */
  async listen(): Promise<void> {
    const { host, port } = this.config;
    if (port === undefined) return;
    const server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        this.log.warn('management.failed', { error });
        response.writeHead(500).end();
      });
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    this.server = server;
  }

  onApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  private async answer({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (method !== 'GET') response.writeHead(405, { allow: 'GET' }).end();
    else if (url === '/metrics') {
      const { contentType, body } = await this.metrics.expose();
      response.writeHead(200, { 'content-type': contentType }).end(body);
    } else if (url === '/health/live') sendJson(response, 200, { status: 'ok' });
    else if (url === '/health/ready') {
      const { ready, checks } = await this.readiness.ask();
      sendJson(response, ready ? 200 : 503, { status: ready ? 'ok' : 'failing', checks });
    } else response.writeHead(404).end();
  }
}

const sendJson = (response: ServerResponse, status: number, body: object): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
