import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

// 128 bits of id, 256 of proof, base64url
const TOKEN = /^([\w-]{22})\.([\w-]{43})$/;

/**
 * The password hash is a secret of the server that belongs to this account and dies with its password: no key to manage,
 * nothing to store, and a new password disowns all devices.
 */
const proof = (deviceId: string, passwordHash: string): Buffer =>
  createHmac('sha256', passwordHash).update(`moyai.device:${deviceId}`).digest();

/** Proof that a device has signed in to this account before. It opens nothing; it only has its own count of failures. */
export function knownDeviceToken(passwordHash: string, deviceId = randomBytes(16).toString('base64url')): string {
  return `${deviceId}.${proof(deviceId, passwordHash).toString('base64url')}`;
}

/** The device's id when the token was made for this account, otherwise null. */
export function readKnownDevice(token: string | undefined, passwordHash: string): string | null {
  const [, deviceId, shown] = TOKEN.exec(token ?? '') ?? [];
  if (!deviceId || !shown) return null;
  return timingSafeEqual(proof(deviceId, passwordHash), Buffer.from(shown, 'base64url')) ? deviceId : null;
}
