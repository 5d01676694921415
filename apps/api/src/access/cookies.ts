import type { CookieOptions, Request, Response } from 'express';
import type { OpenedSession, SessionToken } from '#libs/identity';

export const SESSION_COOKIE = 'moyai_session';
export const DEVICE_COOKIE = 'moyai_device';
export const VENDOR_SESSION_COOKIE = 'moyai_vendor_session';
export const VENDOR_DEVICE_COOKIE = 'moyai_vendor_device';

const DEVICE_DAYS = 180;

/** The names and places of a plane's two cookies. The device cookie goes to nothing but the sign-in. */
export interface PlaneCookies {
  readonly session: string;
  readonly device: string;
  readonly signInPath: string;
}

export const CITY_COOKIES: PlaneCookies = {
  session: SESSION_COOKIE,
  device: DEVICE_COOKIE,
  signInPath: '/api/v1/sessions',
};

export const VENDOR_COOKIES: PlaneCookies = {
  session: VENDOR_SESSION_COOKIE,
  device: VENDOR_DEVICE_COOKIE,
  signInPath: '/api/ops/v1/sessions',
};

/** The value of a cookie as it was sent, or undefined. Ours are base64url: nothing needs decoding. */
export function readCookie(request: Request, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** `Secure` wherever the ingress speaks TLS; the embedded listeners are plain HTTP on the loopback. */
const guarded = (request: Request, path: string): CookieOptions => ({
  httpOnly: true,
  sameSite: 'strict',
  secure: request.get('x-forwarded-proto') === 'https',
  path,
});

/** A session as the cookie every request brings. */
export function giveCookie(
  response: Response,
  name: string,
  { token, expiresAt }: Pick<OpenedSession, 'token' | 'expiresAt'>,
): void {
  response.cookie(name, token, { ...guarded(response.req, '/'), expires: expiresAt });
}

export function giveSession(response: Response, cookies: PlaneCookies, opened: OpenedSession | SessionToken): void {
  const { req: request } = response;
  giveCookie(response, cookies.session, opened);
  if (!('device' in opened)) return;
  const maxAge = DEVICE_DAYS * 24 * 3_600_000;
  response.cookie(cookies.device, opened.device, { ...guarded(request, cookies.signInPath), maxAge });
}

/** The device stays known: signing out is no reason to be taken for a stranger. */
export function takeSession(response: Response, cookies: PlaneCookies): void {
  response.clearCookie(cookies.session, guarded(response.req, '/'));
}
