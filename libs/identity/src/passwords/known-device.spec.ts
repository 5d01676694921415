import { expect, it } from 'vitest';
import { knownDeviceToken, readKnownDevice } from './known-device.ts';

it('knows a device of this account, and only while its password stands', () => {
  const token = knownDeviceToken('hash of the password');
  const id = readKnownDevice(token, 'hash of the password');
  expect(id).toMatch(/^[\w-]{22}$/);
  expect(readKnownDevice(knownDeviceToken('hash of the password', id!), 'hash of the password')).toBe(id);
  expect(readKnownDevice(token, 'hash of another password')).toBeNull();
  expect(
    readKnownDevice(
      token.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')),
      'hash of the password',
    ),
  ).toBeNull();
  for (const nonsense of [undefined, '', '.', 'x'.repeat(66)]) expect(readKnownDevice(nonsense, 'hash')).toBeNull();
});
