import type { IncomingMessage } from 'node:http';

const DELTA = 'event: delta\n';

/** Reads an event stream and keeps, while it is told to, the times between one piece of text and the next. */
export class DeltaReader {
  /** Milliseconds between pieces; pieces that came in one read have none between them. */
  readonly gaps: number[] = [];
  bytes = 0;
  ended = false;
  private readonly stream: IncomingMessage;
  private last: number | undefined;

  constructor(stream: IncomingMessage) {
    this.stream = stream;
    stream.setEncoding('latin1'); // only the events' names are looked at
    stream.on('error', () => undefined);
    stream.once('close', () => (this.ended = true));
    stream.on('data', (chunk: string) => this.read(chunk));
  }

  /** Forgets what came before. */
  begin(): void {
    this.gaps.length = 0;
    this.last = undefined;
  }

  /** Counts how long nothing has come by now: a stream that has fallen silent shows in its last gap alone. */
  stop(): void {
    if (this.last !== undefined) this.gaps.push(performance.now() - this.last);
    this.last = undefined;
  }

  close(): void {
    this.stream.destroy();
  }

  private read(chunk: string): void {
    this.bytes += chunk.length;
    const now = performance.now();
    for (let at = chunk.indexOf(DELTA); at >= 0; at = chunk.indexOf(DELTA, at + DELTA.length)) {
      if (this.last !== undefined) this.gaps.push(now - this.last);
      this.last = now;
    }
  }
}
