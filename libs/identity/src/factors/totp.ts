import { Secret, TOTP } from 'otpauth';

/** 160 bits, as RFC 4226 recommends and every authenticator app takes. */
export const TOTP_SECRET_BYTES = 20;
const PERIOD_S = 30;
const DIGITS = 6;
/** A phone's clock and ours may differ, and people type slowly: one step to either side (RFC 6238, 5.2). */
const WINDOW = 1;

const totp = (secret: Buffer): TOTP =>
  // A buffer of its own: otpauth reads the whole of what lies under a view
  new TOTP({ secret: new Secret({ buffer: new Uint8Array(secret).buffer }), period: PERIOD_S, digits: DIGITS });

/** What an authenticator app is given: as text to type in, and as the address a QR code holds. */
export interface TotpEnrolment {
  readonly secret: string;
  readonly uri: string;
}

export function describeTotp(secret: Buffer, { issuer, label }: { issuer: string; label: string }): TotpEnrolment {
  const key = new Secret({ buffer: new Uint8Array(secret).buffer });
  const uri = new TOTP({ secret: key, issuer, label, period: PERIOD_S, digits: DIGITS }).toString();
  return { secret: key.base32, uri };
}

/** The time step a code belongs to, or null when it is none of about now. @param code six digits, in any width, with spaces */
export function stepOf(secret: Buffer, code: string, now: Date): number | null {
  const token = code.normalize('NFKC').replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return null;
  const delta = totp(secret).validate({ token, timestamp: now.getTime(), window: WINDOW });
  return delta === null ? null : Math.floor(now.getTime() / 1000 / PERIOD_S) + delta;
}
