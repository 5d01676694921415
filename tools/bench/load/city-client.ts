import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Demo } from '../../services/running-product.ts';
import { type HttpConnection, textOf } from './http-connection.ts';

export interface Question {
  readonly prompt: string;
  readonly maxTokens: number;
}

/** What one reader saw of one job; milliseconds since its POST was sent. */
export interface JobTrace {
  readonly acceptedMs: number;
  readonly firstTokenMs: number;
  readonly endedMs: number;
}

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

  /** Opens a job's event stream; the caller reads it. */
  async follow(jobId: string): Promise<IncomingMessage> {
    const response = await this.connection.send('GET', `/api/v1/jobs/${jobId}/events`, this.credential);
    if (response.statusCode !== 200) throw new Error(`events: ${response.statusCode} ${await textOf(response)}`);
    return response;
  }

  /**
   * Asks and reads to the end.
   * @throws Error when the job does not complete
   */
  async ask(question: Question): Promise<JobTrace> {
    const sentAt = performance.now();
    const jobId = await this.submit(question);
    const acceptedMs = performance.now() - sentAt;
    let firstTokenMs: number | undefined;
    let ending: string | undefined;
    await readEvents(await this.follow(jobId), (event) => {
      if (firstTokenMs === undefined && event.includes('event: delta\n')) firstTokenMs = performance.now() - sentAt;
      ending ??= TERMINAL.exec(event)?.[1];
    });
    if (ending !== 'completed' || firstTokenMs === undefined) throw new Error(`job ${jobId} ended as ${ending}`);
    return { acceptedMs, firstTokenMs, endedMs: performance.now() - sentAt };
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
