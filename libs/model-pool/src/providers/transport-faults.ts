/** Errors of a connection that was never made: the request cannot have reached the model. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Whether an error, or any cause beneath it, says that no connection was made. */
export function neverConnected(error: unknown): boolean {
  for (let fault = error; fault instanceof Error; fault = fault.cause) {
    if ('code' in fault && typeof fault.code === 'string' && NEVER_CONNECTED.has(fault.code)) return true;
    if (fault instanceof AggregateError && fault.errors.some(neverConnected)) return true;
  }
  return false;
}
