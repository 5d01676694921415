import { createHmac, timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { type Clock, DomainError, type Segment, isSegment } from '#libs/kernel';
import type { ApiRequest } from './api-request.ts';

export const INGRESS_HEADER = 'x-moyai-ingress';

/**
 * The network a request came in through, and the client's address there. `segment` is null on the vendor's own network,
 * where no city data exists.
 */
export type RequestNetwork = (
  { readonly listener: Segment; readonly segment: Segment } | { readonly listener: 'vendor'; readonly segment: null }
) & { readonly address: string };

// Only what is listed exists: an address of the other plane is as unknown as one that was never there.
const CITY_PATHS = /^\/api\/(?:v1|openai|scim)\//;
const VENDOR_PATHS = /^\/api\/(?:ops|finance)\//;
const SHARED_PATHS = /^\/api\/openapi\.json$/;
const SIGNED = /^(([a-z_]+)\.(\d{1,12})\.([0-9A-Fa-f.:]{2,45}))\.([0-9a-f]{64})$/;
const HEALTH_PATHS = /^\/api\/health\//;

export type IngressClaim = Pick<RequestNetwork, 'listener' | 'address'> & {
  /** Unix seconds. */
  readonly expiresAt: number;
};

/** The header value an ingress sends: `<listener>.<expiry>.<client address>.<hex HMAC-SHA-256 of what is before it>`. */
export function signIngress(secret: string, { listener, expiresAt, address }: IngressClaim): string {
  const claim = `${listener}.${expiresAt}.${address}`;
  return `${claim}.${createHmac('sha256', secret).update(claim).digest('hex')}`;
}

/** Reads a signed ingress header. Null when it is missing, forged, expired or names no network. */
function readIngress(secret: string, header: string | undefined, now: Date): RequestNetwork | null {
  const [, claim, listener, expiry, address, signature] = SIGNED.exec(header ?? '') ?? [];
  if (!claim || !listener || !expiry || !address || !signature) return null;
  const expected = createHmac('sha256', secret).update(claim).digest();
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) return null;
  if (Number(expiry) * 1000 <= now.getTime()) return null;
  if (listener === 'vendor') return { listener, segment: null, address };
  return isSegment(listener) ? { listener, segment: listener, address } : null;
}

/** Lets a request through only if an ingress vouches for its network and the address exists on that network (else 404). */
export function ingressGate(secret: string, clock: Clock) {
  return (request: Request, _response: Response, next: NextFunction): void => {
    const network = readIngress(secret, request.get(INGRESS_HEADER), clock.now());
    if (network) (request as ApiRequest).network = network;
    const exists =
      HEALTH_PATHS.test(request.path) ||
      (network !== null &&
        (SHARED_PATHS.test(request.path) || (network.segment === null ? VENDOR_PATHS : CITY_PATHS).test(request.path)));
    next(exists ? undefined : new DomainError('REQUEST.NOT_FOUND'));
  };
}
