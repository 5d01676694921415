import type { CookieOptions, Request } from 'express';
import type { ApiRequest } from '../http/api-request.ts';

export const SESSION_COOKIE = 'moyai_session';
export const VENDOR_SESSION_COOKIE = 'moyai_vendor_session';

/** The value of a cookie as it was sent, or undefined. Ours are base64url: nothing needs decoding. */
export function readCookie(request: Request, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** `Secure` wherever the ingress speaks TLS; the embedded listeners are plain HTTP on the loopback. */
export const cookieOptions = (request: ApiRequest, expires: Date, path = '/'): CookieOptions => ({
  httpOnly: true,
  sameSite: 'strict',
  secure: request.get('x-forwarded-proto') === 'https',
  path,
  expires,
});
