import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Demo } from '../../services/running-product.ts';
import { pause } from './closed-loop.ts';
import { type HttpConnection, HttpRefusal, textOf } from './http-connection.ts';

export interface Question {
  readonly prompt: string;
  readonly maxTokens: number;
}

/** What one reader saw of one job; milliseconds since its POST was sent. */
export interface JobTrace {
  readonly acceptedMs: number;
  readonly firstTokenMs: number;
  readonly endedMs: number;
  /** How often the product said that it could not take the request now (503). Each was sent again, and the clock ran on. */
  readonly refusals: number;
}

const AGAIN_AFTER_MS = 50;

const TERMINAL = /^event: (completed|failed|cancelled)\n/;

/** Somebody in a city who asks and reads the answer as it streams in. */
export class CityClient {
  private readonly connection: HttpConnection;
  private readonly credential: OutgoingHttpHeaders;

  private constructor(connection: HttpConnection, credential: OutgoingHttpHeaders) {
    this.connection = connection;
    this.credential = credential;
  }

  /** A city's system. */
  static withKey(connection: HttpConnection, apiKey: string): CityClient {
    return new CityClient(connection, { authorization: `Bearer ${apiKey}` });
  }

  /** A member of the city's staff, signed in as the portal does it. */
  static async signIn(connection: HttpConnection, city: Demo['cities'][number]): Promise<CityClient> {
    const { loginId, password } = city.members.find(({ role, segment }) => role === 'staff' && segment === 'lgwan')!;
    const session = await connection.signIn('/api/v1/sessions', { cityCode: city.code, loginId, password });
    return new CityClient(connection, session);
  }

  /** @returns the id of the accepted job */
  async submit({ prompt, maxTokens }: Question): Promise<string> {
    const job = { kind: 'chat', messages: [{ role: 'user', content: prompt }], maxTokens };
    return (await this.connection.json<{ id: string }>('POST', '/api/v1/jobs', this.credential, job)).id;
  }

  async cancel(jobId: string): Promise<void> {
    await this.connection.json('POST', `/api/v1/jobs/${jobId}/cancel`, this.credential);
  }

  /** Opens a job's event stream; the caller reads it. */
  async follow(jobId: string): Promise<IncomingMessage> {
    const response = await this.connection.send('GET', `/api/v1/jobs/${jobId}/events`, this.credential);
    if (response.statusCode !== 200) throw new HttpRefusal(response, await textOf(response));
    return response;
  }

  /**
   * Asks and reads to the end.
   * @throws Error when the job does not complete
   */
  async ask(question: Question): Promise<JobTrace> {
    const sentAt = performance.now();
    let refusals = 0;
    const persist = async <T>(send: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await send();
        } catch (error) {
          if (!(error instanceof HttpRefusal && error.status === 503)) throw error;
          refusals += 1;
          await pause(AGAIN_AFTER_MS);
        }
      }
    };
    const jobId = await persist(() => this.submit(question));
    const acceptedMs = performance.now() - sentAt;
    let firstTokenMs: number | undefined;
    let ending: string | undefined;
    await readEvents(await persist(() => this.follow(jobId)), (event) => {
      if (firstTokenMs === undefined && event.includes('event: delta\n')) firstTokenMs = performance.now() - sentAt;
      ending ??= TERMINAL.exec(event)?.[1];
    });
    if (ending !== 'completed' || firstTokenMs === undefined) throw new Error(`job ${jobId} ended as ${ending}`);
    return { acceptedMs, firstTokenMs, endedMs: performance.now() - sentAt, refusals };
  }
}

async function readEvents(response: IncomingMessage, onEvent: (event: string) => void): Promise<void> {
  response.setEncoding('utf8');
  let pending = '';
  for await (const chunk of response) {
    const events = (pending + (chunk as string)).split('\n\n');
    pending = events.pop()!;
    for (const event of events) onEvent(event);
  }
}
