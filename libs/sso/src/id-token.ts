import { type JWSHeaderParameters, compactVerify, createLocalJWKSet, decodeProtectedHeader, errors } from 'jose';
import { z } from 'zod';
import { DomainError } from '#libs/kernel';
import type { ProvenSubject } from './external-identity.ts';
import { hashOf } from './external-identity.ts';
import { CLOCK_SKEW_MS, type OidcSettings } from './provider.ts';
import { parseStrictJson } from './strict-json.ts';

const MAX_TOKEN_CHARACTERS = 64 * 1024;
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Asymmetric only: the key that proves must not be the key that makes. */
export const TOKEN_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

// A token that brings or points to its own key proves nothing; `crit` would demand what we do not know.
const REFUSED_HEADERS = ['jwk', 'jku', 'x5u', 'crit', 'b64', 'zip', 'enc'];

const claimsSchema = z.looseObject({
  iss: z.string(),
  sub: z.string(),
  aud: z.union([z.string(), z.array(z.string()).min(1)]),
  azp: z.string().optional(),
  nonce: z.string().optional(),
  exp: z.int(),
  iat: z.int(),
  nbf: z.int().optional(),
});
type Claims = z.infer<typeof claimsSchema>;

/** What an ID token must have been made for. */
export interface TokenDemand {
  readonly nonce: string;
  readonly startedAt: Date;
  readonly now: Date;
}

const malformed = (cause?: unknown) => new DomainError('SSO.RESPONSE_MALFORMED', { cause });

/**
 * Proves an ID token, whichever way it came, by the keys that were uploaded and no other.
 * @throws DomainError SSO.RESPONSE_MALFORMED, SSO.ALGORITHM_REFUSED, SSO.KEY_UNKNOWN, SSO.SIGNATURE_INVALID,
 *   SSO.ISSUER_WRONG, SSO.AUDIENCE_WRONG, SSO.NONCE_WRONG, SSO.CLOCK_DIFFERENCE, SSO.RESPONSE_EXPIRED
 */
export async function readIdToken(token: string, settings: OidcSettings, demand: TokenDemand): Promise<ProvenSubject> {
  if (token.length > MAX_TOKEN_CHARACTERS || !COMPACT.test(token)) throw malformed();
  const header = headerOf(token);
  if (!TOKEN_ALGORITHMS.includes(header.alg ?? '')) throw new DomainError('SSO.ALGORITHM_REFUSED');
  if (REFUSED_HEADERS.some((name) => name in header)) throw malformed();
  const known = settings.keys.keys.some(({ kid }) => kid !== undefined && kid === header.kid);
  if (!known) throw new DomainError('SSO.KEY_UNKNOWN');
  const claims = claimsOf(await signedPayload(token, settings));
  assertClaims(claims, settings, demand);
  return {
    subject: claims.sub,
    attributes: attributesOf(claims),
    proofId: hashOf(token).toString('base64url'),
    proofExpiresAt: new Date(claims.exp * 1000 + CLOCK_SKEW_MS),
  };
}

function headerOf(token: string): JWSHeaderParameters {
  try {
    parseStrictJson(Buffer.from(token.split('.')[0]!, 'base64url').toString());
    return decodeProtectedHeader(token);
  } catch (error) {
    throw malformed(error);
  }
}

async function signedPayload(token: string, { keys }: OidcSettings): Promise<Uint8Array> {
  try {
    return (await compactVerify(token, createLocalJWKSet(keys), { algorithms: TOKEN_ALGORITHMS })).payload;
  } catch (error) {
    // A kid whose key is of another kind than the algorithm
    if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
      throw new DomainError('SSO.KEY_UNKNOWN', { cause: error });
    throw new DomainError('SSO.SIGNATURE_INVALID', { cause: error });
  }
}

function claimsOf(payload: Uint8Array): Claims {
  try {
    return claimsSchema.parse(parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(payload)));
  } catch (error) {
    throw malformed(error);
  }
}

function assertClaims(
  claims: Claims,
  { issuer, clientId }: OidcSettings,
  { nonce, startedAt, now }: TokenDemand,
): void {
  const audience = [claims.aud].flat();
  if (claims.iss !== issuer) throw new DomainError('SSO.ISSUER_WRONG');
  // Issued to somebody else, or to several of whom we were not the one who asked
  const isOurs =
    audience.includes(clientId) && (claims.azp === undefined ? audience.length === 1 : claims.azp === clientId);
  if (!isOurs) throw new DomainError('SSO.AUDIENCE_WRONG');
  if (claims.nonce !== nonce) throw new DomainError('SSO.NONCE_WRONG');
  const at = now.getTime();
  const begins = Math.max(claims.iat, claims.nbf ?? 0) * 1000;
  if (begins > at + CLOCK_SKEW_MS || claims.iat * 1000 < startedAt.getTime() - CLOCK_SKEW_MS)
    throw new DomainError('SSO.CLOCK_DIFFERENCE');
  if (claims.exp * 1000 <= at - CLOCK_SKEW_MS) throw new DomainError('SSO.RESPONSE_EXPIRED');
}

/** Claims that are text or lists of text; the others say nothing we read. */
function attributesOf(claims: Claims): Map<string, string[]> {
  const isText = (value: unknown): value is string => typeof value === 'string';
  return new Map(
    Object.entries(claims).flatMap(([name, value]) => {
      const values = [value].flat().filter(isText);
      return values.length > 0 ? [[name, values] as const] : [];
    }),
  );
}
