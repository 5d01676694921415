import { SAML, ValidateInResponseTo, generateServiceProviderMetadata } from '@node-saml/node-saml';
import { DomainError } from '#libs/kernel';
import { sortByValidity } from './certificates.ts';
import { type AttributeDefaults, readIdentity } from './external-identity.ts';
import {
  type ExternalIdentity,
  type IdentityProvider,
  type PendingSignIn,
  type SamlSettings,
  addressesOf,
} from './provider.ts';
import { readAssertion } from './saml-assertion.ts';
import { shapeOf } from './saml-shape.ts';

const DEFAULTS: AttributeDefaults = {
  loginId: null,
  displayName: [
    'displayName',
    'urn:oid:2.16.840.1.113730.3.1.241',
    'http://schemas.microsoft.com/identity/claims/displayname',
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
  ],
};

type Place = Pick<IdentityProvider, 'origin' | 'id'>;

/** The id of the AuthnRequest: an XML id must not begin with a digit. */
const samlRequestId = ({ requestId }: PendingSignIn): string => `_${requestId}`;

/**
 * The library, set up for one question and one set of certificates. Times, audience and answer are held against the signed
 * bytes by {@link readAssertion}, with an error of its own for each; the library's answers to all of it are one text.
 */
function library(place: Place, settings: SamlSettings, pending: PendingSignIn, certificates: readonly string[]): SAML {
  const { entityId, assertionConsumer } = addressesOf(place);
  return new SAML({
    issuer: entityId,
    callbackUrl: assertionConsumer,
    entryPoint: settings.signOnUrl,
    idpCert: [...certificates],
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    generateUniqueId: () => samlRequestId(pending),
    wantAssertionsSigned: true,
    // Providers sign the assertion, the response, or both; the assertion is what is believed.
    wantAuthnResponseSigned: false,
    audience: false,
    acceptedClockSkewMs: -1,
    // Held by the row of the request, which is used up before this is asked.
    validateInResponseTo: ValidateInResponseTo.never,
  });
}

/** Where the browser takes the question. It is not signed: it holds no secret, and answers go to registered addresses only. */
export function samlSignOnUrl(place: Place, settings: SamlSettings, pending: PendingSignIn): Promise<string> {
  return library(place, settings, pending, settings.certificates).getAuthorizeUrlAsync('', undefined, {});
}

/**
 * Proves a response that a browser has posted.
 * @throws DomainError SSO.*, see {@link shapeOf} and {@link readAssertion}
 */
export async function readSamlResponse(
  provider: IdentityProvider,
  settings: SamlSettings,
  pending: PendingSignIn,
  { encoded, now }: { encoded: string; now: Date },
): Promise<ExternalIdentity> {
  const shaped = shapeOf(encoded);
  const { entityId, assertionConsumer } = addressesOf(provider);
  const inResponseTo = samlRequestId(pending);
  if (shaped.inResponseTo !== inResponseTo) throw new DomainError('SSO.NOT_STARTED_HERE');
  if (shaped.destination !== null && shaped.destination !== assertionConsumer)
    throw new DomainError('SSO.RECIPIENT_WRONG');
  const prove = (certificates: readonly string[]) =>
    signedAssertion(library(provider, settings, pending, certificates), encoded);
  const { valid, past } = sortByValidity(settings.certificates, now);
  const signed = valid.length > 0 ? await prove(valid) : null;
  if (signed === null) {
    const wasValid = past.length > 0 && (await prove(past)) !== null;
    throw new DomainError(wasValid ? 'SSO.CERTIFICATE_EXPIRED' : 'SSO.SIGNATURE_INVALID');
  }
  const proven = readAssertion(signed, {
    issuer: settings.entityId,
    audience: entityId,
    recipient: assertionConsumer,
    inResponseTo,
    startedAt: pending.startedAt,
    now,
  });
  return readIdentity(proven, provider, DEFAULTS);
}

/** @returns the assertion by the bytes that are signed, or null when no certificate fits */
async function signedAssertion(saml: SAML, encoded: string): Promise<string | null> {
  try {
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: encoded });
    return profile?.getAssertionXml?.() ?? null;
  } catch {
    return null;
  }
}

/** What the administrator of the identity provider registers us with. */
export function serviceProviderMetadata(place: Place): string {
  const { entityId, assertionConsumer } = addressesOf(place);
  return generateServiceProviderMetadata({
    issuer: entityId,
    callbackUrl: assertionConsumer,
    wantAssertionsSigned: true,
    identifierFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  });
}
