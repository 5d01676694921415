import {
  WebAuthnError,
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser';
import { ApiProblem, type FactorProof } from '#libs/api-client';
import { type Plane, SECURITY } from './security-api.ts';

/** Why passkeys are not offered on this page. */
export type PasskeyBar = 'insecure' | 'address' | 'unsupported';

/** WebAuthn belongs to a host name: browsers refuse it on an address such as 10.0.0.5 or [::1]. */
const IS_ADDRESS = /^(?:[\d.]+|\[.*\])$/;

/** Null where passkeys can be used. Only in a browser. */
export function passkeyBar(): PasskeyBar | null {
  if (!window.isSecureContext) return 'insecure';
  if (IS_ADDRESS.test(window.location.hostname)) return 'address';
  return browserSupportsWebAuthn() ? null : 'unsupported';
}

/** Asks the browser for a new passkey and adds it. @param name what its holder calls it */
export async function makePasskey(plane: Plane, name: string): Promise<{ recoveryCodes: string[] | null }> {
  const optionsJSON = await SECURITY[plane].beginPasskey();
  const { id, response } = await atBrowser(startRegistration({ optionsJSON }));
  const { clientDataJSON, attestationObject, transports = [] } = response;
  return SECURITY[plane].addPasskey({ name, id, clientDataJSON, attestationObject, transports });
}

/** Asks the browser for one of one's passkeys. */
export async function showPasskey(plane: Plane): Promise<FactorProof> {
  const optionsJSON = await SECURITY[plane].challengePasskeys();
  const { id, response } = await atBrowser(startAuthentication({ optionsJSON }));
  const { clientDataJSON, authenticatorData, signature } = response;
  return { method: 'passkey', id, clientDataJSON, authenticatorData, signature };
}

/** The browser does not say whether somebody cancelled, waited too long or has no such passkey here. */
async function atBrowser<Result>(ceremony: Promise<Result>): Promise<Result> {
  try {
    return await ceremony;
  } catch (error) {
    const isKnown = error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED';
    const code = isKnown ? 'IDENTITY.PASSKEY_KNOWN' : 'IDENTITY.PASSKEY_NOT_SHOWN';
    throw new ApiProblem({ title: '', status: 400, code });
  }
}
