import { DomainError, type ErrorCode } from '#libs/kernel';
import { codeOfStatus } from '../status-faults.ts';
import { neverConnected } from '../transport-faults.ts';

/** The service's exceptions by name. The texts are kept as cause only: they may repeat what was sent. */
const CODES: Record<string, ErrorCode> = {
  ThrottlingException: 'MODEL.THROTTLED',
  ServiceQuotaExceededException: 'MODEL.THROTTLED',
  ModelNotReadyException: 'MODEL.UNAVAILABLE',
  ServiceUnavailableException: 'MODEL.UNAVAILABLE',
  InternalServerException: 'MODEL.UNAVAILABLE',
  ModelTimeoutException: 'MODEL.TIMED_OUT',
  ModelStreamErrorException: 'MODEL.STREAM_BROKEN',
  ModelErrorException: 'MODEL.STREAM_BROKEN',
  ValidationException: 'MODEL.REFUSED',
  // Our own set-up is at fault, not the request: another deployment may still answer it.
  AccessDeniedException: 'MODEL.UNAVAILABLE',
  ResourceNotFoundException: 'MODEL.UNAVAILABLE',
  UnrecognizedClientException: 'MODEL.UNAVAILABLE',
  ExpiredTokenException: 'MODEL.UNAVAILABLE',
  CredentialsProviderError: 'MODEL.UNAVAILABLE',
};

/**
 * The domain's word for what the SDK threw.
 * @param opened whether the response had begun: from then on the model has worked, and only throttling says otherwise.
 */
export function toBedrockFault(cause: unknown, opened: boolean): DomainError {
  return new DomainError(codeOf(cause, opened), { cause });
}

function codeOf(cause: unknown, opened: boolean): ErrorCode {
  // The SDK names a stream's exception frame by its member (throttlingException) when it has no class for it.
  const name = cause instanceof Error ? cause.name.replace(/^[a-z]/, (first) => first.toUpperCase()) : '';
  const known = CODES[name];
  if (opened) return known === 'MODEL.THROTTLED' ? known : 'MODEL.STREAM_BROKEN';
  if (known) return known;
  const status = statusOf(cause);
  if (status !== undefined) return codeOfStatus(status);
  return neverConnected(cause) || connectedTooLate(cause) ? 'MODEL.UNAVAILABLE' : 'MODEL.STREAM_BROKEN';
}

/** Of an answer that is none; also where its body has no words that the SDK knows, as a proxy's. */
function statusOf(cause: unknown): number | undefined {
  const { httpStatusCode: status } = (cause as { $metadata?: { httpStatusCode?: number } }).$metadata ?? {};
  return status !== undefined && status >= 300 ? status : undefined;
}

/**
 * The SDK calls a connection that took too long a TimeoutError, and one that was reset under a request as well: by then the
 * model may have begun.
 */
const connectedTooLate = (cause: unknown): boolean =>
  cause instanceof Error && cause.name === 'TimeoutError' && cause.message.includes('did not establish a connection');
