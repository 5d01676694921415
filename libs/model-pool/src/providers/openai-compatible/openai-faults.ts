import { DomainError, type ErrorCode } from '#libs/kernel';
import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { codeOfStatus } from '../status-faults.ts';
import { neverConnected } from '../transport-faults.ts';

/**
 * The domain's word for what the client threw. The texts are kept as cause only: servers repeat what was sent.
 * @param opened whether the response had begun: from then on the model has worked.
 */
export function toOpenAiFault(cause: unknown, opened: boolean): DomainError {
  return new DomainError(opened ? 'MODEL.STREAM_BROKEN' : codeOf(cause), { cause });
}

function codeOf(cause: unknown): ErrorCode {
  // First: the client calls a connection that was never made a timeout as well.
  if (cause instanceof APIConnectionError && neverConnected(cause)) return 'MODEL.UNAVAILABLE';
  if (cause instanceof APIConnectionTimeoutError) return 'MODEL.TIMED_OUT';
  return cause instanceof APIError && cause.status !== undefined ? codeOfStatus(cause.status) : 'MODEL.STREAM_BROKEN';
}
