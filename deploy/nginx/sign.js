import crypto from 'crypto';

const VALID_FOR_SECONDS = 30;

/** The listener, set in nginx.conf and nowhere else, and the client's address, signed for api and portal: see tools/ingress/sign.ts. */
function sign(request) {
  const expiry = Math.floor(Date.now() / 1000) + VALID_FOR_SECONDS;
  const claim = `${request.variables.moyai_listener}.${expiry}.${request.remoteAddress}`;
  return `${claim}.${crypto.createHmac('sha256', process.env.INGRESS_SECRET).update(claim).digest('hex')}`;
}

export default { sign };
