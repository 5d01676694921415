import { z } from 'zod';
import type { FactorProof, PasskeyPlace, Person } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import type { ApiRequest } from '../http/api-request.ts';
import { ownOrigin } from '../http/same-origin.ts';

const base64url = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[\w-]+$/);
/** 1,023 bytes at most (WebAuthn, 4). */
const credentialId = base64url(1_364);
const clientDataJSON = base64url(8_192);
const challenge = z.string();
const timeout = z.int().optional();
const descriptors = z.array(
  z.object({ id: z.string(), type: z.literal('public-key'), transports: z.array(z.string()).optional() }),
);

/** What `navigator.credentials.create` is given. */
export const passkeyCreation = z
  .object({
    rp: z.object({ id: z.string().optional(), name: z.string() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    challenge,
    pubKeyCredParams: z.array(z.object({ alg: z.int(), type: z.literal('public-key') })),
    timeout,
    excludeCredentials: descriptors,
    authenticatorSelection: z.object({
      residentKey: z.literal('discouraged'),
      userVerification: z.literal('required'),
    }),
    attestation: z.literal('none'),
  })
  .meta({ id: 'PasskeyCreation' });

/** What `navigator.credentials.get` is given. */
export const passkeyRequest = z
  .object({
    challenge,
    rpId: z.string(),
    timeout,
    allowCredentials: descriptors,
    userVerification: z.literal('required'),
  })
  .meta({ id: 'PasskeyRequest' });

/** What the browser made, in base64url, and what its holder calls it. */
export const newPasskey = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    id: credentialId,
    clientDataJSON,
    attestationObject: base64url(16_384),
    transports: z.array(z.string().min(1).max(32)).max(8),
  })
  .meta({ id: 'NewPasskey' });

export const passkeyProof = z.strictObject({
  method: z.literal('passkey'),
  id: credentialId,
  clientDataJSON,
  authenticatorData: base64url(4_096),
  signature: base64url(4_096),
});

export const codeProof = z.strictObject({ method: z.enum(['totp', 'recovery']), code: z.string().min(1).max(64) });

/** An authenticator's or a recovery code, or what a passkey signed. */
export const factorProof = z.discriminatedUnion('method', [codeProof, passkeyProof]).meta({ id: 'SecondFactorProof' });

/** The page the browser is on, as the ingress saw it. @throws DomainError IDENTITY.PASSKEY_REFUSED where no ingress says */
export function placeOf({ sessionId }: Person, request: ApiRequest): PasskeyPlace {
  const origin = ownOrigin(request);
  if (origin === null) throw new DomainError('IDENTITY.PASSKEY_REFUSED');
  return { sessionId, origin };
}

export function proofOf(body: z.infer<typeof factorProof>, actor: Person, request: ApiRequest): FactorProof {
  if (body.method !== 'passkey') return body;
  const { method, ...answer } = body;
  return { method, answer, place: placeOf(actor, request) };
}
