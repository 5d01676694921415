import type { Request } from 'express';
import type { Actor } from '#libs/identity';
import type { RequestNetwork } from './ingress.ts';

/** A request as it reaches guards and controllers. */
export interface ApiRequest extends Request {
  /** Names this request in the log and in the `x-request-id` header. */
  requestId: string;
  /** Where it came in; undefined only for health checks, which need no ingress. */
  network?: RequestNetwork;
  /** Set by the access guard; undefined on public routes. */
  user?: Actor;
}
