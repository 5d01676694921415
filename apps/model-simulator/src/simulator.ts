import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { BehaviourControl, type BehaviourInput } from './behaviour.ts';
import { ControlPlane } from './control-plane.ts';
import { bedrock, readConverse } from './dialects/bedrock.ts';
import { type Dialect, InvalidRequest } from './dialects/dialect.ts';
import { openai, readChatCompletion } from './dialects/openai.ts';
import { InvocationLog } from './invocation-log.ts';
import { Ledger } from './ledger.ts';
import { QuotaBook } from './quota/quota-book.ts';
import type { QuotasInput } from './quota/quota-settings.ts';
import { readJson } from './read-json.ts';
import { CallServer, refuse, sendJson } from './serve-call.ts';

export interface SimulatorOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host?: string | undefined;
  readonly behaviour?: BehaviourInput | undefined;
  readonly quotas?: QuotasInput | undefined;
}

/**
 * A running simulator. `url` is what Bedrock clients take as endpoint, or `url` + `/region/<name>`; OpenAI clients take
 * either + `/v1`.
 */
export interface Simulator extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly behaviour: BehaviourControl;
  readonly quotas: QuotaBook;
  readonly ledger: Ledger;
  /** Closes every connection, streams included. */
  stop(): Promise<void>;
}

const STANDARD_REGION = 'ap-northeast-1';
const IN_REGION = /^\/region\/([a-z0-9-]+)(\/.*)$/;
const CONVERSE = /^\/model\/([^/]+)\/converse(-stream)?$/;

/**
 * Starts a simulator in this process.
 * @throws the listening error, when the port is taken.
 */
export async function startSimulator({
  port,
  host = '127.0.0.1',
  behaviour,
  quotas: granted,
}: SimulatorOptions): Promise<Simulator> {
  const control = new BehaviourControl(behaviour);
  const quotas = new QuotaBook(granted);
  const ledger = new Ledger();
  const calls = new CallServer(control, quotas, ledger);
  const log = new InvocationLog(ledger);
  const controls = new ControlPlane(control, quotas, ledger);

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://simulator');
    if (url.pathname.startsWith('/_simulator/')) return controls.serve(request, url, response);
    const [, region = STANDARD_REGION, pathname = url.pathname] = IN_REGION.exec(url.pathname) ?? [];
    const converse = request.method === 'POST' ? CONVERSE.exec(pathname) : null;
    if (converse?.[1]) {
      const modelId = decodeURIComponent(converse[1]);
      const call = readConverse(modelId, await readJson(request), converse[2] !== undefined);
      return calls.serve(bedrock, region, call, response);
    }
    if (request.method === 'POST' && pathname === '/v1/chat/completions') {
      return calls.serve(openai, region, readChatCompletion(await readJson(request)), response);
    }
    if (request.method === 'POST' && log.speaks(request)) return log.serve(region, request, response);
    if (request.method === 'GET' && pathname === '/v1/models') {
      const data = [{ id: 'moyai-simulator', object: 'model', created: 0, owned_by: 'moyai' }];
      return sendJson(response, 200, { object: 'list', data });
    }
    sendJson(response, 404, { message: 'no such operation' });
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    route(request, response).catch((error: unknown) => answerFault(error, request, response));
  });
  await listen(server, port, host);
  const address = server.address();
  const listening = typeof address === 'object' && address ? address.port : port;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    port: listening,
    url: `http://${host}:${listening}`,
    behaviour: control,
    quotas,
    ledger,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A bad request is told in the words of its protocol; a defect of ours must not look like the model's. */
function answerFault(error: unknown, request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent) return void response.destroy();
  const dialect: Dialect = request.url?.includes('/model/') ? bedrock : openai;
  if (error instanceof InvalidRequest || error instanceof URIError)
    return refuse(response, dialect.invalid(error.message));
  sendJson(response, 500, { message: 'the simulator has a defect' });
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
