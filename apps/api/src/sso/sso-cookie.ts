import type { CookieOptions, Response } from 'express';
import type { Departure } from '#libs/sso';
import { readCookie } from '../access/cookies.ts';
import type { ApiRequest } from '../http/api-request.ts';
import { returnPath } from './return-path.ts';

/** Proves to a returning browser's answer that this browser asked. */
export const SSO_COOKIE = 'moyai_sso';

/** Where the browser's person was when they left. Nothing the identity provider sends says it (RelayState, state). */
const RETURN_COOKIE = 'moyai_sso_return';

/**
 * The only cookies that another site's page makes a browser send: the identity provider posts its answer across sites.
 * Browsers take `SameSite=None` over TLS alone, and from the loopback.
 */
const acrossSites = (providerId: string): CookieOptions => ({
  httpOnly: true,
  sameSite: 'none',
  secure: true,
  path: `/api/v1/sso/${providerId}`,
});

/** @param returnTo a page as the browser says it; judged when it is used, not here */
export function giveDeparture(
  response: Response,
  providerId: string,
  { token, expiresAt }: Departure,
  returnTo = '/',
): void {
  const kept = { ...acrossSites(providerId), expires: expiresAt };
  response.cookie(SSO_COOKIE, token, kept);
  response.cookie(RETURN_COOKIE, Buffer.from(returnTo).toString('base64url'), kept);
}

/** The page of the portal that the browser left from; the first one where it names none that we would lead to. */
export const leftFrom = (request: ApiRequest): string =>
  returnPath(Buffer.from(readCookie(request, RETURN_COOKIE) ?? '', 'base64url').toString()) ?? '/';

export function takeDeparture(response: Response, providerId: string): void {
  for (const name of [SSO_COOKIE, RETURN_COOKIE]) response.clearCookie(name, acrossSites(providerId));
}
