/** A connection that took too long to make, by our own clock. */
export class ConnectionTooLate extends Error {}

/** The system calls before a connection stands. By their errors' codes alone nothing is said: reading fails with the same ones. */
const CONNECTING = new Set(['getaddrinfo', 'connect']);

/** A connection that the client gave up, a certificate that it does not take, or a TLS that the two do not share. */
const NOT_AGREED =
  /^(UND_ERR_CONNECT_TIMEOUT|ERR_TLS_CERT_ALTNAME_INVALID|ERR_SSL_(WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|.*_(HANDSHAKE_FAILURE|PROTOCOL_VERSION|UNRECOGNIZED_NAME))|(CERT|CRL|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)_.*|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)$/;

/** Node has no code of its own for a server that hangs up within the handshake. */
const HUNG_UP = 'before secure TLS connection was established';

/** Whether an error, or any cause beneath it, says that no connection was made: the request cannot have reached the model. */
export function neverConnected(error: unknown): boolean {
  for (let fault = error; fault instanceof Error; fault = fault.cause) {
    if (fault instanceof ConnectionTooLate || fault.message.includes(HUNG_UP)) return true;
    if ('syscall' in fault && CONNECTING.has(String(fault.syscall))) return true;
    if ('code' in fault && NOT_AGREED.test(String(fault.code))) return true;
    if (fault instanceof AggregateError && fault.errors.some(neverConnected)) return true;
  }
  return false;
}
