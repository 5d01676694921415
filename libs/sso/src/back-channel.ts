import { DomainError } from '#libs/kernel';

const ANSWER_WITHIN_MS = 5_000;
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * Calls from our server to a city's identity provider. Which servers are called is the operator's choice and no city's: an
 * address in uploaded metadata must not make this server knock at doors of its own network. None is open by default.
 */
export class BackChannel {
  constructor(private readonly origins: readonly string[]) {}

  /** @throws DomainError SSO.BACK_CHANNEL_CLOSED */
  assertOpen(address: string): void {
    if (!this.origins.includes(new URL(address).origin)) throw new DomainError('SSO.BACK_CHANNEL_CLOSED');
  }

  /** As fetch, to open addresses only, without following anybody elsewhere. @throws DomainError SSO.PROVIDER_UNREACHABLE */
  async fetch(address: string, init: RequestInit): Promise<Response> {
    this.assertOpen(address);
    try {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      const response = await fetch(address, { ...init, redirect: 'manual', signal });
      const body = await boundedBody(response);
      return new Response(body, { status: response.status, headers: response.headers });
    } catch (error) {
      throw new DomainError('SSO.PROVIDER_UNREACHABLE', { cause: error });
    }
  }
}

async function boundedBody(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}
