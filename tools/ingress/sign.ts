import { createHmac } from 'node:crypto';

/** The network a request came in through. It decides the segment, so it is never taken from the client. */
export type Listener = 'lgwan' | 'my_number' | 'internet' | 'vendor';

const VALID_FOR_SECONDS = 30;

/**
 * Signs on behalf of one listener: `<listener>.<expiry>.<hex hmac-sha256 of "<listener>.<expiry>">`, expiry in Unix seconds.
 * All requests of one second share a signature, so that signing costs nothing under load.
 */
export function ingressSigner(listener: Listener, secret: string, now: () => number = Date.now): () => string {
  let signedSecond = -1;
  let signature = '';
  return () => {
    const second = Math.floor(now() / 1000);
    if (second !== signedSecond) {
      const claim = `${listener}.${second + VALID_FOR_SECONDS}`;
      signature = `${claim}.${createHmac('sha256', secret).update(claim).digest('hex')}`;
      signedSecond = second;
    }
    return signature;
  };
}
