import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export interface SigningPair {
  /** PKCS #8, PEM. */
  readonly privateKey: string;
  /** PEM, self-signed. */
  readonly certificate: string;
}

const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};
type CertificateKeys = Parameters<typeof x509.X509CertificateGenerator.createSelfSigned>[0]['keys'];

const DAY_MS = 24 * 3_600_000;

/** A key of an identity provider with its certificate. @param days from today; negative for one that has ended */
export async function signingPair(name: string, days = 365): Promise<SigningPair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const notAfter = new Date(Date.now() + days * DAY_MS);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date(notAfter.getTime() - 730 * DAY_MS),
    notAfter,
    signingAlgorithm: ALGORITHM,
    // The same object, named by Node's types there and by a browser's here.
    keys: keys as object as CertificateKeys,
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const lines = der
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n');
  return {
    privateKey: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----`,
    certificate: certificate.toString('pem'),
  };
}
