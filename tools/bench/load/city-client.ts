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
/** Somebody who gets "not now" for so long does not ask again. */
const PATIENCE_MS = 60_000;

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

  /**
   * Sent again while the product says that it cannot take it now (503), each time after telling `refused`.
   * @returns the id of the accepted job
   */
  async submit({ prompt, maxTokens }: Question, refused?: () => void): Promise<string> {
    const job = { kind: 'chat', messages: [{ role: 'user', content: prompt }], maxTokens };
    const send = () => this.connection.json<{ id: string }>('POST', '/api/v1/jobs', this.credential, job);
    return (await insist(send, refused)).id;
  }

  /** Opens a job's event stream, as often as it takes; the caller reads it. */
  follow(jobId: string, refused?: () => void): Promise<IncomingMessage> {
    return insist(async () => {
      const response = await this.connection.send('GET', `/api/v1/jobs/${jobId}/events`, this.credential);
      if (response.statusCode !== 200) throw new HttpRefusal(response, await textOf(response));
      return response;
    }, refused);
  }

  /**
   * Asks and reads to the end.
   * @throws Error when the job does not complete
   */
  async ask(question: Question): Promise<JobTrace> {
    const sentAt = performance.now();
    let refusals = 0;
    const refused = () => void (refusals += 1);
    const jobId = await this.submit(question, refused);
    const acceptedMs = performance.now() - sentAt;
    let firstTokenMs: number | undefined;
    let ending: string | undefined;
    await readEvents(await this.follow(jobId, refused), (event) => {
      if (firstTokenMs === undefined && event.includes('event: delta\n')) firstTokenMs = performance.now() - sentAt;
      ending ??= TERMINAL.exec(event)?.[1];
    });
    if (ending !== 'completed' || firstTokenMs === undefined) throw new Error(`job ${jobId} ended as ${ending}`);
    return { acceptedMs, firstTokenMs, endedMs: performance.now() - sentAt, refusals };
  }
}

async function insist<T>(send: () => Promise<T>, refused: () => void = () => undefined): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await send();
    } catch (error) {
      const notNow = error instanceof HttpRefusal && error.status === 503;
      if (!notNow || performance.now() > deadline) throw error;
      refused();
      await pause(AGAIN_AFTER_MS);
    }
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
