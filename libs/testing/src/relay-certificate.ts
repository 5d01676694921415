import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

type Keys = Parameters<typeof x509.X509CertificateGenerator.createSelfSigned>[0]['keys'];

/** What a relay of a city hall shows: a certificate of an authority that no browser knows. All PEM. */
export interface RelayCertificate {
  readonly authority: string;
  readonly key: string;
  readonly cert: string;
}

/** @param address the IP address under which the relay is asked */
export async function relayCertificate(address: string): Promise<RelayCertificate> {
  const pair = async () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const [authorityKeys, relayKeys] = await Promise.all([pair(), pair()]);
  const life = {
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    signingAlgorithm: ALGORITHM,
  };
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...life,
    name: 'CN=City Hall Root',
    // The same objects, named by Node's types there and by a browser's here.
    keys: authorityKeys as object as Keys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const relay = await x509.X509CertificateGenerator.create({
    ...life,
    subject: 'CN=relay',
    issuer: authority.subject,
    publicKey: (relayKeys as object as Keys).publicKey,
    signingKey: (authorityKeys as object as Keys).privateKey,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: address }])],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', relayKeys.privateKey));
  const lines = der
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n');
  return {
    authority: authority.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
    cert: relay.toString('pem'),
  };
}
