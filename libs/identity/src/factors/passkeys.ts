import { Injectable } from '@nestjs/common';
import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Transaction } from '#libs/database';
import { Clock, DomainError } from '#libs/kernel';
import type { FactorHolder } from './factor-holder.ts';

/** ES256, EdDSA and RS256 (COSE): what security keys, phones and Windows Hello sign with. */
const ALGORITHMS = [-7, -8, -257];
const CHALLENGE_MINUTES = 5;

/** Where a passkey is made or shown: in one session, on a page of one origin such as `https://lgwan.example.jp`. */
export interface PasskeyPlace {
  readonly sessionId: string;
  readonly origin: string;
}

/** What the browser answers to creation options. All but the transports is base64url. */
export interface NewCredential {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly attestationObject: string;
  readonly transports: readonly string[];
}

/** What the browser answers to request options, in base64url. */
export interface CredentialAnswer {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
}

/** A credential whose making was verified. */
export interface VerifiedCredential {
  readonly id: string;
  readonly publicKey: Buffer;
  readonly signCount: number;
}

interface StoredCredential {
  readonly id: string;
  readonly credentialId: string;
  readonly publicKey: Buffer;
  /** Comes as text: PostgreSQL's bigint. */
  readonly signCount: string;
  readonly transports: string[];
}

export const passkeyRefused = () => new DomainError('IDENTITY.PASSKEY_REFUSED');

const rpIdOf = ({ origin }: PasskeyPlace): string => new URL(origin).hostname;
const asCredential = <Response>(id: string, response: Response) => ({
  id,
  rawId: id,
  type: 'public-key' as const,
  clientExtensionResults: {},
  response,
});

/** The ceremonies of WebAuthn (https://www.w3.org/TR/webauthn-3/, 7.1 and 7.2), bound to a session. */
@Injectable()
export class Passkeys {
  constructor(private readonly clock: Clock) {}

  /** What a browser needs to make a passkey, with a challenge for this session alone. */
  async creation(
    tx: Transaction,
    holder: FactorHolder,
    place: PasskeyPlace,
    { issuer, label }: { issuer: string; label: string },
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const options = await generateRegistrationOptions({
      rpName: issuer,
      rpID: rpIdOf(place),
      userName: label,
      userDisplayName: label,
      userID: new Uint8Array(Buffer.from(holder.id)),
      attestationType: 'none',
      supportedAlgorithmIDs: ALGORITHMS,
      // A second factor is found by its id: none of a security key's few places is used up
      authenticatorSelection: { residentKey: 'discouraged', userVerification: 'required' },
      excludeCredentials: await this.descriptors(tx, holder),
    });
    await this.remember(tx, holder, place, options.challenge);
    return options;
  }

  /** What a browser needs to show one of the holder's passkeys. @throws DomainError IDENTITY.NO_FACTOR */
  async request(
    tx: Transaction,
    holder: FactorHolder,
    place: PasskeyPlace,
  ): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const allowCredentials = await this.descriptors(tx, holder);
    // An empty list would mean: any passkey of this site
    if (allowCredentials.length === 0) throw new DomainError('IDENTITY.NO_FACTOR');
    const options = await generateAuthenticationOptions({
      rpID: rpIdOf(place),
      allowCredentials,
      userVerification: 'required',
    });
    await this.remember(tx, holder, place, options.challenge);
    return options;
  }

  /** Spends the session's challenge. @throws DomainError IDENTITY.PASSKEY_REFUSED */
  async verifyNew(holder: FactorHolder, place: PasskeyPlace, made: NewCredential): Promise<VerifiedCredential> {
    const challenge = await holder.run((tx) => this.take(tx, holder, place));
    const { clientDataJSON, attestationObject } = made;
    const { registrationInfo } = await refusing(
      verifyRegistrationResponse({
        response: asCredential(made.id, { clientDataJSON, attestationObject }),
        expectedChallenge: challenge,
        expectedOrigin: place.origin,
        expectedRPID: rpIdOf(place),
        requireUserVerification: true,
        supportedAlgorithmIDs: ALGORITHMS,
      }),
    );
    if (!registrationInfo) throw passkeyRefused();
    const { id, publicKey, counter } = registrationInfo.credential;
    return { id, publicKey: Buffer.from(publicKey), signCount: counter };
  }

  /**
   * Spends the session's challenge and verifies the answer to it.
   * @returns what moves the counter on; false when another answer of this passkey was quicker
   * @throws DomainError IDENTITY.PASSKEY_REFUSED
   */
  async spending(
    holder: FactorHolder,
    place: PasskeyPlace,
    { id, ...response }: CredentialAnswer,
  ): Promise<(tx: Transaction) => Promise<boolean>> {
    const { challenge, known } = await holder.run(async (tx) => ({
      challenge: await this.take(tx, holder, place),
      known: (await this.stored(tx, holder)).find(({ credentialId }) => credentialId === id),
    }));
    if (!known) throw passkeyRefused();
    const { verified, authenticationInfo } = await refusing(
      verifyAuthenticationResponse({
        response: asCredential(id, response),
        expectedChallenge: challenge,
        expectedOrigin: place.origin,
        expectedRPID: rpIdOf(place),
        requireUserVerification: true,
        // Refuses a counter that did not grow, unless the authenticator keeps none (7.2, step 22)
        credential: { id, publicKey: new Uint8Array(known.publicKey), counter: Number(known.signCount) },
      }),
    );
    if (!verified) throw passkeyRefused();
    return async (tx) => {
      const moved = await tx.query(
        `UPDATE ${holder.plane}_factors SET sign_count = $2, last_used_at = $4 WHERE id = $1 AND sign_count = $3
         RETURNING id`,
        [known.id, authenticationInfo.newCounter, known.signCount, this.clock.now()],
      );
      return moved.length === 1;
    };
  }

  /** One challenge per session: a newer one ends the one before. */
  private async remember(tx: Transaction, holder: FactorHolder, place: PasskeyPlace, challenge: string): Promise<void> {
    const expiresAt = new Date(this.clock.now().getTime() + CHALLENGE_MINUTES * 60_000);
    await tx.query(`UPDATE ${sessionsOf(holder)} SET challenge = $2, challenge_expires_at = $3 WHERE id = $1`, [
      place.sessionId,
      challenge,
      expiresAt,
    ]);
  }

  /** Gone from here on, whatever becomes of the answer: each challenge is tried once. */
  private async take(tx: Transaction, holder: FactorHolder, { sessionId }: PasskeyPlace): Promise<string> {
    const sessions = sessionsOf(holder);
    const [taken] = await tx.query<{ challenge: string; expiresAt: Date }>(
      `UPDATE ${sessions} s SET challenge = NULL, challenge_expires_at = NULL
       FROM (SELECT id, challenge, challenge_expires_at FROM ${sessions} WHERE id = $1 FOR UPDATE) before
       WHERE s.id = before.id AND before.challenge IS NOT NULL
       RETURNING before.challenge, before.challenge_expires_at AS "expiresAt"`,
      [sessionId],
    );
    // An expired one stays where it is and is refused again; the next challenge replaces it
    if (!taken || taken.expiresAt <= this.clock.now()) throw passkeyRefused();
    return taken.challenge;
  }

  private async descriptors(tx: Transaction, holder: FactorHolder) {
    return (await this.stored(tx, holder)).map(({ credentialId, transports }) => ({ id: credentialId, transports }));
  }

  private stored(tx: Transaction, holder: FactorHolder): Promise<StoredCredential[]> {
    return tx.query<StoredCredential>(
      `SELECT id, credential_id AS "credentialId", public_key AS "publicKey", sign_count AS "signCount",
         coalesce(transports, '{}') AS transports
       FROM ${holder.plane}_factors WHERE holder_id = $1 AND kind = 'passkey' AND confirmed_at IS NOT NULL ORDER BY id`,
      [holder.id],
    );
  }
}

const sessionsOf = ({ plane }: FactorHolder): string => (plane === 'member' ? 'sessions' : 'vendor_sessions');

/** The library says by plain errors what is wrong with an answer; whoever sent it learns only that it is refused. */
async function refusing<Result>(verification: Promise<Result>): Promise<Result> {
  try {
    return await verification;
  } catch {
    throw passkeyRefused();
  }
}
