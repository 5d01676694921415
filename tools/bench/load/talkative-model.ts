import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const CHUNKS_AT_ONCE = 50;
const EVERY_MS = 10;

/**
 * An OpenAI-compatible model that writes an answer of a given length, one character a chunk, about 5,000 chunks a second:
 * longer and faster than the simulator, whose answers are short enough to fit into the buffers of a kernel.
 */
export class TalkativeModel implements AsyncDisposable {
  readonly endpoint: string;
  private readonly close: () => Promise<void>;

  private constructor(port: number, close: () => Promise<void>) {
    this.endpoint = `http://127.0.0.1:${port}/v1`;
    this.close = close;
  }

  static async start(characters: number): Promise<TalkativeModel> {
    const server = createServer((request, response) => {
      request.resume().once('end', () => talk(response, characters));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TalkativeModel((server.address() as AddressInfo).port, async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function talk(response: ServerResponse, characters: number): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model: 'bench' };
  const send = (body: object) => response.write(`data: ${JSON.stringify({ ...head, ...body })}\n\n`);
  let left = characters;
  const timer = setInterval(() => {
    for (let chunk = 0; chunk < CHUNKS_AT_ONCE && left > 0; chunk += 1, left -= 1)
      send({ choices: [{ index: 0, delta: { content: '海' }, finish_reason: null }] });
    if (left > 0) return;
    clearInterval(timer);
    const usage = { prompt_tokens: 10, completion_tokens: characters, total_tokens: characters + 10 };
    send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    send({ choices: [], usage });
    response.end('data: [DONE]\n\n');
  }, EVERY_MS);
  response.once('close', () => clearInterval(timer));
}
