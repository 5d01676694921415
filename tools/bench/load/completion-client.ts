import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { pause } from './closed-loop.ts';
import { type HttpConnection, HttpRefusal, textOf } from './http-connection.ts';

const AGAIN_AFTER_MS = 50;

/** What one caller saw of one completion. */
export interface CompletionTrace {
  /** From the request to the last byte of the answer. */
  readonly endedMs: number;
  /** How often "not now" (429, 503) was answered. Each was sent again, and the clock ran on. */
  readonly refusals: number;
}

/** A program that speaks OpenAI's chat completions to whatever answers them at `origin` + `path`. */
export class CompletionClient {
  private readonly connection: HttpConnection;
  private readonly path: string;
  private readonly model: string;
  private readonly headers: OutgoingHttpHeaders;

  constructor(connection: HttpConnection, path: string, model: string, headers: OutgoingHttpHeaders) {
    this.connection = connection;
    this.path = `${path}/chat/completions`;
    this.model = model;
    this.headers = headers;
  }

  /**
   * Asks and reads to the end.
   * @throws Error when the answer is not whole
   */
  async ask(body: { readonly stream: boolean }): Promise<CompletionTrace> {
    const sentAt = performance.now();
    for (let refusals = 0; ; refusals += 1) {
      const response = await this.connection.send('POST', this.path, this.headers, { model: this.model, ...body });
      const text = await textOf(response);
      if (response.statusCode === 200) {
        assertWhole(text, body.stream);
        return { endedMs: performance.now() - sentAt, refusals };
      }
      if (!isNotNow(response)) throw new HttpRefusal(response, text);
      await pause(AGAIN_AFTER_MS);
    }
  }
}

const isNotNow = ({ statusCode }: IncomingMessage): boolean => statusCode === 429 || statusCode === 503;

/** Looked for and not parsed: the client shares the machine with what it measures. */
function assertWhole(text: string, streamed: boolean): void {
  const whole = text.includes('"finish_reason":"length"') || text.includes('"finish_reason":"stop"');
  if (!whole || (streamed && !text.includes('data: [DONE]'))) throw new Error(`no whole answer: ${text.slice(-500)}`);
}
