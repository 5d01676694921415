import type { NextFunction, Request, Response } from 'express';
import { newId } from '#libs/kernel';
import { runInContext } from '#libs/observability';
import type { ApiRequest } from './api-request.ts';

/** Gives the request its id and log context, and every answer the headers an API answer needs. */
export function requestContext(request: Request, response: Response, next: NextFunction): void {
  const requestId = newId();
  (request as ApiRequest).requestId = requestId;
  response.setHeader('x-request-id', requestId);
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  runInContext({ requestId }, () => next());
}
