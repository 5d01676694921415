import { DomainError, type ErrorCode } from '#libs/kernel';
import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { neverConnected } from '../transport-faults.ts';

/**
 * The domain's word for what the client threw. The texts are kept as cause only: servers repeat what was sent.
 * @param opened whether the response had begun: from then on the model has worked.
 */
export function toOpenAiFault(cause: unknown, opened: boolean): DomainError {
  return new DomainError(opened ? 'MODEL.STREAM_BROKEN' : codeOf(cause), { cause });
}

function codeOf(cause: unknown): ErrorCode {
  if (cause instanceof APIConnectionTimeoutError) return 'MODEL.TIMED_OUT';
  if (cause instanceof APIConnectionError) return neverConnected(cause) ? 'MODEL.UNAVAILABLE' : 'MODEL.STREAM_BROKEN';
  if (!(cause instanceof APIError) || cause.status === undefined) return 'MODEL.STREAM_BROKEN';
  if (cause.status === 429) return 'MODEL.THROTTLED';
  // 401, 403 and 404 are our set-up's fault, not the request's: another deployment may still answer it.
  if ([401, 403, 404].includes(cause.status) || cause.status >= 500) return 'MODEL.UNAVAILABLE';
  return 'MODEL.REFUSED';
}
