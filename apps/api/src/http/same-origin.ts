import type { NextFunction, Request, Response } from 'express';
import { DomainError } from '#libs/kernel';
import { takesForm } from './form-body.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
// `none`: typed or bookmarked by the user, not sent by a page
const OWN_SITES = new Set(['same-origin', 'none']);

/**
 * Refuses writes that a browser sends for another site's page (CSRF, and login CSRF too). A browser always says where a
 * write comes from; a client that says nothing is no browser and carries no ambient cookie. An API key is not ambient either.
 */
export function sameOriginOnly(request: Request, _response: Response, next: NextFunction): void {
  next(isOwn(request) ? undefined : new DomainError('REQUEST.CROSS_SITE'));
}

function isOwn(request: Request): boolean {
  if (SAFE_METHODS.has(request.method)) return true;
  // An identity provider's answer comes from its page: only the browser that asked holds the cookie that makes it one.
  if (takesForm(request)) return true;
  if (request.get('authorization') !== undefined && request.get('cookie') === undefined) return true;
  const site = request.get('sec-fetch-site');
  if (site !== undefined && !OWN_SITES.has(site)) return false;
  const origin = request.get('origin');
  if (origin === undefined) return true;
  return origin === ownOrigin(request);
}

/** The origin under which the ingress answered this request. Null where no ingress says. */
export function ownOrigin(request: Request): string | null {
  const host = request.get('x-forwarded-host');
  return host === undefined ? null : `${request.get('x-forwarded-proto') ?? 'http'}://${host}`;
}
