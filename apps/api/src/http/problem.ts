import { HttpException } from '@nestjs/common';
import { z } from 'zod';
import { DomainError, type ErrorCode, type ErrorKind } from '#libs/kernel';
import { ERROR_WORDS } from './error-words.ts';

/** The HTTP status of each kind of failure. */
export const STATUS_OF_KIND: Record<ErrorKind, number> = {
  malformed: 400,
  unauthenticated: 401,
  exhausted: 402,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  out_of_range: 416,
  invalid: 422,
  throttled: 429,
  unexpected: 500,
  unavailable: 503,
};

/** RFC 9457 problem details. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string().optional(),
    requestId: z.string().optional(),
    level: z.string().optional(),
    faults: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problemSchema>;

const CODE_OF_STATUS: Record<number, ErrorCode> = {
  401: 'IDENTITY.UNAUTHENTICATED',
  403: 'IDENTITY.FORBIDDEN',
  404: 'REQUEST.NOT_FOUND',
  405: 'REQUEST.NOT_FOUND',
  413: 'REQUEST.TOO_LARGE',
  415: 'REQUEST.UNSUPPORTED_MEDIA_TYPE',
};

// Connection failures (class 08), shutdown and start-up of the server (57P0x), a full server; a statement, a lock or a
// transaction that ran out of time; a deadlock that was broken
const UNAVAILABLE_SQLSTATE = /^(?:08...|57P0[1-5]|57014|53300|55P03|25P03|40P01)$/;
const UNAVAILABLE_SYSTEM = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'ENOENT']);
// pg reports these without a code
const UNAVAILABLE_MESSAGE =
  /^(?:Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered)/;

/** The domain's view of anything that was thrown. What nobody foresaw is SYSTEM.UNEXPECTED. */
export function asDomainError(thrown: unknown): DomainError {
  if (thrown instanceof DomainError) return thrown;
  if (thrown instanceof HttpException && thrown.getStatus() < 500)
    return new DomainError(CODE_OF_STATUS[thrown.getStatus()] ?? 'REQUEST.MALFORMED', { cause: thrown });
  return new DomainError(isUnavailable(thrown) ? 'SYSTEM.UNAVAILABLE' : 'SYSTEM.UNEXPECTED', { cause: thrown });
}

function isUnavailable(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { code, driverError, syscall } = thrown as { code?: unknown; driverError?: unknown; syscall?: unknown };
  if (typeof code === 'string') {
    if (UNAVAILABLE_SQLSTATE.test(code)) return true;
    // A missing file is a defect; a missing socket is a server that is not there.
    if (UNAVAILABLE_SYSTEM.has(code) && (code !== 'ENOENT' || syscall === 'connect')) return true;
  }
  // One error per address of a host name
  if (thrown instanceof AggregateError && thrown.errors.some(isUnavailable)) return true;
  return UNAVAILABLE_MESSAGE.test(thrown.message) || isUnavailable(driverError) || isUnavailable(thrown.cause);
}

/** Nothing that varies stands in a 404: another city's thing and a missing one are the same bytes (design law 9). */
export function problemOf(error: DomainError, requestId: string): Problem {
  return {
    type: `urn:moyai:problem:${error.code.toLowerCase()}`,
    title: ERROR_WORDS[error.code].ja,
    status: STATUS_OF_KIND[error.kind],
    code: error.code,
    ...(error.detail !== undefined && { detail: error.detail }),
    ...(error.kind !== 'not_found' && { requestId }),
    ...(error.level !== undefined && { level: error.level }),
    ...(error.faults.length > 0 && { faults: [...error.faults] }),
  };
}
