import { Agent, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';

/**
 * Connections to one origin, kept alive. Node's own client and nothing around it: the load generator shares the machine's
 * cores with what it measures.
 */
export class HttpConnection implements Disposable {
  private readonly agent: Agent;
  private readonly host: string;
  private readonly port: number;

  /** @param idleMs after which an unused connection is given up; the other side says how long it keeps one, if not always truly */
  constructor(origin: string, idleMs = 60_000) {
    const { hostname, port } = new URL(origin);
    // Node heeds what the other side says only where it has a limit of its own to compare it with.
    this.agent = new Agent({ keepAlive: true, maxFreeSockets: 2_048, timeout: idleMs });
    this.host = hostname;
    this.port = Number(port);
  }

  /**
   * @returns the response as soon as its head is there
   * @throws Error that names the address, when the connection fails
   */
  send(method: string, path: string, headers: OutgoingHttpHeaders = {}, body?: object): Promise<IncomingMessage> {
    const text = body && JSON.stringify(body);
    const content = text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const { agent, host, port } = this;
    return new Promise((resolve, reject) => {
      const sent = request({ agent, host, port, method, path, headers: { ...headers, ...content } }, resolve);
      sent.once('error', (cause) => reject(new Error(`${method} ${host}:${port}${path}`, { cause })));
      sent.end(text);
    });
  }

  /**
   * A request and its JSON answer.
   * @throws HttpRefusal when the status is not a success
   */
  async json<T>(method: string, path: string, headers?: OutgoingHttpHeaders, body?: object): Promise<T> {
    const response = await this.send(method, path, headers, body);
    const text = await textOf(response);
    if (response.statusCode! >= 300) throw new HttpRefusal(response, text);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /**
   * Opens a session, as the portal does it.
   * @returns the header that carries it
   */
  async signIn(path: string, credentials: object): Promise<{ cookie: string }> {
    const response = await this.send('POST', path, {}, credentials);
    const body = await textOf(response);
    const [cookie] = response.headers['set-cookie'] ?? [];
    if (!cookie) throw new Error(`${path}: ${response.statusCode} ${body}`);
    return { cookie: cookie.split(';')[0]! };
  }

  [Symbol.dispose](): void {
    this.agent.destroy();
  }
}

/** An answer that was not the one asked for. */
export class HttpRefusal extends Error {
  readonly status: number;

  constructor({ statusCode = 0, req }: IncomingMessage & { req?: ClientRequest }, body: string) {
    super(`${req?.method} ${req?.path}: ${statusCode} ${body}`);
    this.status = statusCode;
  }
}

export async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk as string;
  return text;
}
