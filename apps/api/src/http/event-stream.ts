import { once } from 'node:events';
import type { Response } from 'express';

/** Under the idle limits of the proxies in a city hall's way. */
export const HEARTBEAT_MS = 15_000;

/**
 * Server-sent events to one reader. Nothing is written after the last one: a reader who takes nothing keeps the connection
 * long after it was ended, and to write to it then would end the process.
 */
export class EventStream {
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(private readonly response: Response) {}

  get hasBegun(): boolean {
    return this.response.headersSent;
  }

  get hasEnded(): boolean {
    return this.response.writableEnded;
  }

  begin(): void {
    if (this.hasBegun) return;
    this.response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    // Whoever has left closes it no second time.
    if (this.response.closed) return;
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.response.once('close', () => clearInterval(this.heartbeat));
  }

  /** @returns whether the reader takes more at once */
  write(event: string): boolean {
    return this.hasEnded || this.response.write(event);
  }

  /** Waits for a slow reader, unless there is none any more. */
  async send(event: string, signal: AbortSignal): Promise<void> {
    if (!this.write(event)) await once(this.response, 'drain', { signal }).catch(() => undefined);
  }

  end(lastWords?: string): void {
    clearInterval(this.heartbeat);
    // Ended, an answer that has not begun would look like a whole one with nothing in it.
    if (!this.hasBegun) this.response.destroy();
    else if (!this.hasEnded) this.response.end(lastWords);
  }

  /** Whoever has yet to take what is written needs no sign of life. */
  private beat(): void {
    if (!this.response.writableNeedDrain) this.write(':\n\n');
  }
}
