import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId, tenantId } from '#libs/kernel';
import {
  hashSecret,
  isSecretOf,
  newSecret,
  readApiKey,
  readSessionToken,
  readVendorToken,
  writeApiKey,
  writeSessionToken,
  writeVendorToken,
} from './secrets.ts';

const token = () => ({ tenantId: tenantId(newId()), id: newId(), secret: newSecret() });

describe('a credential', () => {
  it('says whose it is', () => {
    const made = token();
    expect(readSessionToken(writeSessionToken(made))).toEqual(made);
    expect(readApiKey(writeApiKey(made))).toEqual(made);
    const { id, secret } = made;
    expect(readVendorToken(writeVendorToken({ id, secret }))).toEqual({ id, secret });
  });

  it('fits a cookie and a header as it is', () => {
    expect(writeSessionToken(token())).toMatch(/^[\w.-]+$/);
    expect(writeApiKey(token())).toMatch(/^moyai_[\w-]+$/);
  });

  it('is null for any other text, and never an error', () => {
    const nearly = fc.tuple(fc.constantFrom('', 'moyai_'), fc.stringMatching(/^[\w.-]{40,120}$/));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          nearly.map(([prefix, rest]) => prefix + rest),
        ),
        (text) => {
          for (const read of [readSessionToken, readApiKey, readVendorToken]) {
            const found = read(text);
            expect(found === null || typeof found.secret === 'string').toBe(true);
          }
        },
      ),
    );
  });

  it('is kept as a hash that only its secret has', () => {
    const secret = newSecret();
    expect(isSecretOf(secret, hashSecret(secret))).toBe(true);
    expect(isSecretOf(newSecret(), hashSecret(secret))).toBe(false);
  });
});
