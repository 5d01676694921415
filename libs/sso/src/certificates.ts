import { X509Certificate } from 'node:crypto';
import { DomainError } from '#libs/kernel';
import type { ProviderSettings } from './provider.ts';

/** Whoever runs the identity provider is to hear of it while there is time to order a new one. */
const WARN_BEFORE_DAYS = 30;
const DAY_MS = 24 * 3_600_000;

/** A certificate an identity provider signs with, as an administrator sees it. */
export interface SigningCertificate {
  /** SHA-256, hex with colons, as tools of identity providers print it. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  readonly state: 'valid' | 'ends-soon' | 'expired' | 'not-yet-valid';
}

/** @param der base64 from metadata; @throws Error */
export const pemOf = (der: string): string => new X509Certificate(Buffer.from(der, 'base64')).toString();

/** The certificates of SAML metadata, and those that stand beside OIDC keys. */
export function certificatesOf(settings: ProviderSettings | null, now: Date): SigningCertificate[] {
  const stored =
    settings?.kind === 'oidc'
      ? settings.keys.keys.flatMap(({ x5c }) => (x5c?.[0] ? [pemOf(x5c[0])] : []))
      : (settings?.certificates ?? []);
  return stored.map((pem) => {
    const { fingerprint256, subject, validFromDate, validToDate } = new X509Certificate(pem);
    const [validFrom, validTo] = [validFromDate, validToDate];
    return { fingerprint: fingerprint256, subject, validFrom, validTo, state: stateOf(validFrom, validTo, now) };
  });
}

function stateOf(from: Date, to: Date, now: Date): SigningCertificate['state'] {
  if (now < from) return 'not-yet-valid';
  if (now >= to) return 'expired';
  return to.getTime() - now.getTime() <= WARN_BEFORE_DAYS * DAY_MS ? 'ends-soon' : 'valid';
}

/** The certificates that are valid today and those that are not. */
export function sortByValidity(pems: readonly string[], now: Date): { valid: string[]; past: string[] } {
  const isValid = (pem: string): boolean => {
    const { validFromDate, validToDate } = new X509Certificate(pem);
    return validFromDate <= now && now < validToDate;
  };
  return { valid: pems.filter(isValid), past: pems.filter((pem) => !isValid(pem)) };
}

/** @throws DomainError SSO.CERTIFICATE_EXPIRED where nobody need be sent to sign in, as no answer could be accepted */
export function assertSomeValid(settings: ProviderSettings, now: Date): void {
  if (settings.kind === 'saml' && sortByValidity(settings.certificates, now).valid.length === 0)
    throw new DomainError('SSO.CERTIFICATE_EXPIRED');
}
