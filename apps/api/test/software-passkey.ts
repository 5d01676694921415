import { type KeyObject, createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

/** User present, user verified; AT: the credential is attached (WebAuthn, 6.1). */
const [UP, UV, AT] = [0x01, 0x04, 0x40];

/** How an answer differs from what an honest browser on the right page gives. */
export interface Twist {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly isUnverified?: boolean;
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();

/** An authenticator and its browser in one: an ES256 key, a counter, and whatever it is told to claim. */
export class SoftwarePasskey {
  readonly id = randomBytes(32).toString('base64url');
  counter = 1;
  private readonly privateKey: KeyObject;
  private readonly point: { x: Buffer; y: Buffer };
  private readonly origin: string;

  constructor(origin: string) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x, y } = publicKey.export({ format: 'jwk' });
    this.privateKey = privateKey;
    this.point = { x: Buffer.from(x!, 'base64url'), y: Buffer.from(y!, 'base64url') };
    this.origin = origin;
  }

  /** What is sent to add it. */
  create(options: { challenge: string; rp: { id?: string } }, twist: Twist = {}) {
    const id = Buffer.from(this.id, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const authData = Buffer.concat([
      this.authenticatorData(twist.rpId ?? options.rp.id!, AT, twist),
      Buffer.alloc(16),
      length,
      id,
      this.coseKey(),
    ]);
    const attestation = new Map<string, unknown>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', new Uint8Array(authData)],
    ]);
    return {
      id: this.id,
      clientDataJSON: this.clientData('webauthn.create', options.challenge, twist).toString('base64url'),
      attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString('base64url'),
      transports: ['internal'],
    };
  }

  /** What is sent to prove it. */
  get(options: { challenge: string; rpId: string }, twist: Twist = {}) {
    this.counter += 1;
    const authenticatorData = this.authenticatorData(twist.rpId ?? options.rpId, 0, twist);
    const clientData = this.clientData('webauthn.get', options.challenge, twist);
    const signer = createSign('sha256').update(Buffer.concat([authenticatorData, sha256(clientData)]));
    return {
      method: 'passkey',
      id: this.id,
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authenticatorData.toString('base64url'),
      signature: signer.sign(this.privateKey).toString('base64url'),
    };
  }

  private authenticatorData(rpId: string, flags: number, { isUnverified }: Twist): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    return Buffer.concat([sha256(rpId), Buffer.from([flags | UP | (isUnverified ? 0 : UV)]), counter]);
  }

  private clientData(type: string, challenge: string, twist: Twist): Buffer {
    const { origin = this.origin } = twist;
    return Buffer.from(JSON.stringify({ type, challenge: twist.challenge ?? challenge, origin, crossOrigin: false }));
  }

  /** RFC 9052: kty EC2, alg ES256, crv P-256. */
  private coseKey(): Buffer {
    const key = new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, new Uint8Array(this.point.x)],
      [-3, new Uint8Array(this.point.y)],
    ]);
    return Buffer.from(isoCBOR.encode(key as never));
  }
}
