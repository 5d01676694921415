import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';
import { ReaderLifetimes } from './reader-lifetimes.ts';

const SWEEP_MS = 50;
/** For the last words to reach a slow reader. */
const FAREWELL_MS = 1_000;

/**
 * Lets a stopping process finish the requests it has and take no more: connections go as they fall idle, the rest at last.
 * Who can go on reading elsewhere is sent there at once.
 */
@Injectable()
export class Drain implements BeforeApplicationShutdown {
  /** @param drainMs what a request in work is given to end */
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly readers: ReaderLifetimes,
    private readonly drainMs: number,
  ) {}

  beforeApplicationShutdown(): void {
    const server = this.host.httpAdapter?.getHttpServer() as Server | undefined;
    // A command-line program listens nowhere.
    if (!server?.listening) return;
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    const lastWords = setTimeout(() => this.readers.sendAway(), this.drainMs);
    const end = setTimeout(() => server.closeAllConnections(), this.drainMs + FAREWELL_MS);
    server.once('close', () => {
      clearInterval(sweep);
      clearTimeout(lastWords);
      clearTimeout(end);
    });
    this.readers.sendElsewhere();
  }
}
