import type { CookieOptions, Response } from 'express';
import type { Departure } from '#libs/sso';

/** Proves to a returning browser's answer that this browser asked. */
export const SSO_COOKIE = 'moyai_sso';

/**
 * The one cookie that another site's page makes a browser send: the identity provider posts its answer across sites.
 * Browsers take `SameSite=None` over TLS alone, and from the loopback.
 */
const acrossSites = (providerId: string): CookieOptions => ({
  httpOnly: true,
  sameSite: 'none',
  secure: true,
  path: `/api/v1/sso/${providerId}`,
});

export function giveDeparture(response: Response, providerId: string, { token, expiresAt }: Departure): void {
  response.cookie(SSO_COOKIE, token, { ...acrossSites(providerId), expires: expiresAt });
}

export function takeDeparture(response: Response, providerId: string): void {
  response.clearCookie(SSO_COOKIE, acrossSites(providerId));
}
