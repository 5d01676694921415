import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable } from '@nestjs/common';
import { type WebSocket, WebSocketServer } from 'ws';
import { LiveAnswers } from './live-answers.ts';
import { type AnswerFrame, framePlace, readerMessage } from './stream-protocol.ts';

/** Pieces of all answers a connection follows go out together at most this often. */
const FLUSH_MS = 8;
const MAX_READER_MESSAGE_BYTES = 1_024;
/** Beyond this much unsent data a connection is given no more until it drains; the text waits in memory anyway. */
const HIGH_WATER_BYTES = 1 << 20;

/** The worker's side of live answers: api processes attach, one connection each, to any number of answers. */
@Injectable()
export class StreamHub {
  private server: WebSocketServer | undefined;
  private readonly connections = new Set<HubConnection>();

  constructor(private readonly answers: LiveAnswers) {
    answers.subscribe((jobId, ended) => {
      for (const connection of this.connections) connection.changed(jobId, ended);
    });
  }

  /** @returns the port that is listened on */
  async listen({ host, port, secret }: { host: string; port: number; secret: string }): Promise<number> {
    const server = new WebSocketServer({
      host,
      port,
      perMessageDeflate: false,
      maxPayload: MAX_READER_MESSAGE_BYTES,
      verifyClient: ({ req }: { req: IncomingMessage }) => presents(req, secret),
    });
    server.on('connection', (socket) => this.welcome(socket));
    await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject));
    this.server = server;
    return (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.server?.clients ?? []) socket.terminate();
    await new Promise<void>((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
  }

  private welcome(socket: WebSocket): void {
    const connection = new HubConnection(socket, this.answers);
    this.connections.add(connection);
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.connections.delete(connection));
  }
}

class HubConnection {
  /** How far each followed answer has been sent. */
  private readonly sent = new Map<string, { fence: number; offset: number }>();
  private readonly changedJobs = new Set<string>();
  private flushing: NodeJS.Timeout | undefined;
  private flushSoon: NodeJS.Immediate | undefined;
  private flushedAt = 0;

  constructor(
    private readonly socket: WebSocket,
    private readonly answers: LiveAnswers,
  ) {
    socket.on('message', (data) => this.receive(String(data)));
    socket.on('close', () => this.cancelFlush());
  }

  changed(jobId: string, ended: boolean): void {
    if (!this.sent.has(jobId)) return;
    this.changedJobs.add(jobId);
    if (ended) {
      // The text leaves memory right after this call.
      this.flush([{ job: jobId, ended: true }]);
      this.sent.delete(jobId);
    } else this.schedule(this.sent.get(jobId)!.offset === 0);
  }

  private receive(text: string): void {
    const message = readerMessage.safeParse(parseJson(text));
    if (!message.success) {
      this.socket.close(1008);
      return;
    }
    if ('detach' in message.data) {
      this.sent.delete(message.data.detach);
      return;
    }
    const { attach, fence, offset } = message.data;
    this.sent.set(attach, { fence, offset });
    if (this.answers.get(attach)?.text) {
      this.changedJobs.add(attach);
      this.schedule();
    }
  }

  /** @param atOnce for the first words of an answer, which somebody is waiting for */
  private schedule(atOnce = false): void {
    if (atOnce) {
      this.flushSoon ??= setImmediate(() => this.flush());
      return;
    }
    if (this.flushing || this.flushSoon) return;
    const wait = Math.max(0, this.flushedAt + FLUSH_MS - performance.now());
    this.flushing = setTimeout(() => this.flush(), wait);
  }

  private flush(tail: readonly AnswerFrame[] = []): void {
    this.cancelFlush();
    this.flushedAt = performance.now();
    if (tail.length === 0 && this.socket.bufferedAmount > HIGH_WATER_BYTES) {
      this.schedule();
      return;
    }
    const frames = [...this.changedJobs].flatMap((jobId) => this.nextFrame(jobId));
    this.changedJobs.clear();
    if (frames.length + tail.length > 0) this.socket.send(JSON.stringify([...frames, ...tail]));
  }

  private cancelFlush(): void {
    clearTimeout(this.flushing);
    clearImmediate(this.flushSoon);
    this.flushing = undefined;
    this.flushSoon = undefined;
  }

  private nextFrame(jobId: string): AnswerFrame[] {
    const answer = this.answers.get(jobId);
    const sent = this.sent.get(jobId);
    if (!answer || !sent) return [];
    const offset = sent.fence === answer.fence ? sent.offset : 0;
    if (answer.text.length <= offset) return [];
    const sealed = answer.seal.seal(framePlace(jobId, answer.fence, offset), answer.text.slice(offset));
    this.sent.set(jobId, { fence: answer.fence, offset: answer.text.length });
    return [{ job: jobId, fence: answer.fence, offset, sealed: sealed.toString('base64') }];
  }
}

function presents(request: IncomingMessage, secret: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${secret}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
