import type { IncomingMessage } from 'node:http';
import { InvalidRequest } from './dialects/dialect.ts';

const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * The request's body as JSON.
 * @throws InvalidRequest when it is larger than 32 MiB or no JSON.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new InvalidRequest('The request body is too large.');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new InvalidRequest('The request body is not valid JSON.');
  }
}
