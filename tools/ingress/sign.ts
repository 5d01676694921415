import { createHmac } from 'node:crypto';

/** The network a request came in through. It decides the segment, so it is never taken from the client. */
export type Listener = 'lgwan' | 'my_number' | 'internet' | 'vendor';

const VALID_FOR_SECONDS = 30;

/**
 * Signs on behalf of one listener what it knows of a request: `<listener>.<expiry>.<client address>.<hex hmac-sha256 of the
 * claim before it>`, expiry in Unix seconds. All requests of one client in one second share a signature, so that signing
 * costs nothing under load.
 */
export function ingressSigner(
  listener: Listener,
  secret: string,
  now: () => number = Date.now,
): (address: string) => string {
  let signedSecond = -1;
  const signatures = new Map<string, string>();
  return (address) => {
    const second = Math.floor(now() / 1000);
    if (second !== signedSecond) signatures.clear();
    signedSecond = second;
    let signature = signatures.get(address);
    if (!signature) {
      const claim = `${listener}.${second + VALID_FOR_SECONDS}.${address}`;
      signature = `${claim}.${createHmac('sha256', secret).update(claim).digest('hex')}`;
      signatures.set(address, signature);
    }
    return signature;
  };
}
