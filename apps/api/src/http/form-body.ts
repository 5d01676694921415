import { DomainError } from '#libs/kernel';
import type { ApiRequest } from './api-request.ts';

/** The one route that an identity provider's page posts a form to, through the browser of whoever signs in. */
const FORM_ROUTE = /^\/api\/v1\/sso\/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\/acs$/;
const MAX_FORM_BYTES = 512 * 1024;

export const takesForm = ({ method, path }: Pick<ApiRequest, 'method' | 'path'>): boolean =>
  method === 'POST' && FORM_ROUTE.test(path);

/**
 * The fields of a form, read only where one is taken.
 * @throws DomainError REQUEST.UNSUPPORTED_MEDIA_TYPE, REQUEST.TOO_LARGE
 */
export async function readForm(request: ApiRequest): Promise<URLSearchParams> {
  if (!takesForm(request) || !request.is('urlencoded') || request.get('content-encoding') !== undefined)
    throw new DomainError('REQUEST.UNSUPPORTED_MEDIA_TYPE');
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > MAX_FORM_BYTES) throw new DomainError('REQUEST.TOO_LARGE');
    pieces.push(piece);
  }
  return new URLSearchParams(Buffer.concat(pieces).toString());
}
