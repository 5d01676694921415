import type { NextFunction, Request, Response } from 'express';
import { DomainError } from '#libs/kernel';
import { takesFile } from './file-body.ts';
import { takesForm } from './form-body.ts';

/** Largest JSON body, after decompression. Long documents are another way in. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Runs after the JSON parser, which passes over what is not JSON: a body in another language is refused, not ignored. */
export function jsonOnly(request: Request, _response: Response, next: NextFunction): void {
  const hasBody = request.get('transfer-encoding') !== undefined || Number(request.get('content-length') ?? 0) > 0;
  next(
    hasBody && request.body === undefined && !takesFile(request) && !takesForm(request)
      ? new DomainError('REQUEST.UNSUPPORTED_MEDIA_TYPE')
      : undefined,
  );
}
