import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { Clock, DomainError, newId } from '#libs/kernel';
import { SignInAttempts, attemptCounter } from '../passwords/sign-in-attempts.ts';
import type { FactorHolder } from './factor-holder.ts';
import { type CredentialAnswer, type NewCredential, type PasskeyPlace, Passkeys, passkeyRefused } from './passkeys.ts';
import { RecoveryCodes } from './recovery-codes.ts';
import { type TotpEnrolment, describeTotp, stepOf } from './totp.ts';

export type FactorKind = 'totp' | 'passkey';

/** A second factor as its holder sees it. */
export interface Factor {
  readonly id: string;
  readonly kind: FactorKind;
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** What is shown instead of, or after, a password. */
export type FactorProof =
  | { readonly method: 'totp' | 'recovery'; readonly code: string }
  | { readonly method: 'passkey'; readonly place: PasskeyPlace; readonly answer: CredentialAnswer };

type Spend = (tx: Transaction) => Promise<boolean>;

const LONGEST_LIST = 10;
const PROOF_WRONG = () => new DomainError('IDENTITY.PROOF_WRONG');

/** The second factors of a person: enrolled, proven, taken away. */
@Injectable()
export class SecondFactors {
  constructor(
    private readonly recovery: RecoveryCodes,
    private readonly passkeys: Passkeys,
    private readonly attempts: SignInAttempts,
    private readonly clock: Clock,
  ) {}

  /** Which kinds the holder can prove, without repetition; empty before the first is confirmed. */
  async kinds(tx: Transaction, { plane, id }: Pick<FactorHolder, 'plane' | 'id'>): Promise<FactorKind[]> {
    const rows = await tx.query<{ kind: FactorKind }>(
      `SELECT DISTINCT kind FROM ${plane}_factors WHERE holder_id = $1 AND confirmed_at IS NOT NULL ORDER BY kind`,
      [id],
    );
    return rows.map(({ kind }) => kind);
  }

  /** What the holder has, oldest first. */
  async list(holder: FactorHolder): Promise<{ factors: Factor[]; recoveryCodesLeft: number }> {
    return holder.run(async (tx) => ({
      factors: await tx.query<Factor>(
        `SELECT id, kind, name, created_at AS "createdAt", last_used_at AS "lastUsedAt" FROM ${holder.plane}_factors
         WHERE holder_id = $1 AND confirmed_at IS NOT NULL ORDER BY id`,
        [holder.id],
      ),
      recoveryCodesLeft: await this.recovery.left(tx, holder),
    }));
  }

  /** Begins an enrolment, which counts once it is confirmed; one begun before and not confirmed ends. */
  async beginTotp(
    holder: FactorHolder,
    names: { issuer: string; label: string },
  ): Promise<TotpEnrolment & { readonly id: string }> {
    const id = newId();
    const { secret, sealed } = await holder.makeSecret(id);
    await holder.run(async (tx) => {
      await this.assertRoom(tx, holder);
      await tx.query(
        `DELETE FROM ${holder.plane}_factors WHERE holder_id = $1 AND kind = 'totp' AND confirmed_at IS NULL`,
        [holder.id],
      );
      await tx.query(
        `INSERT INTO ${holder.plane}_factors (id, holder_id, kind, name, secret_sealed, created_at)
         VALUES ($1, $2, 'totp', $3, $4, $5)`,
        [id, holder.id, names.label, sealed, this.clock.now()],
      );
    });
    return { id, ...describeTotp(secret, names) };
  }

  /** Enrols without asking for a code, for accounts of demonstrations and tests. @returns the secret in base32, once */
  async enrolConfirmed(holder: FactorHolder, label: string): Promise<string> {
    const { id, secret } = await this.beginTotp(holder, { issuer: 'Moyai', label });
    await holder.run(async (tx) => {
      await tx.query(`UPDATE ${holder.plane}_factors SET confirmed_at = $2 WHERE id = $1`, [id, this.clock.now()]);
      await holder.record(tx, 'factor.added', { kind: 'totp' });
    });
    return secret;
  }

  /**
   * Confirms an enrolment by a code of it, then does `also` in the same transaction.
   * @returns ten recovery codes when the holder has none left, to be shown this once
   * @throws DomainError IDENTITY.PROOF_WRONG, IDENTITY.THROTTLED, REQUEST.NOT_FOUND
   */
  async confirmTotp<Tx extends Transaction, Also>(
    holder: FactorHolder<Tx>,
    id: string,
    code: string,
    also: (tx: Tx) => Promise<Also>,
  ): Promise<{ recoveryCodes: string[] | null; also: Also }> {
    const [row] = await holder.run((tx) =>
      tx.query<SecretRow>(`${secretsOf(holder)} AND id = $2 AND confirmed_at IS NULL`, [holder.id, id]),
    );
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    await this.claim(holder, () => Promise.resolve());
    const step = stepOf(await holder.openSecret(id, row.secret_sealed), code, this.clock.now());
    if (step === null) throw PROOF_WRONG();
    return holder.run(async (tx) => {
      await this.attempts.clear(tx, this.counter(holder));
      const confirmed = await tx.query(
        `UPDATE ${holder.plane}_factors SET confirmed_at = $3, last_used_at = $3, last_step = $4
         WHERE id = $1 AND holder_id = $2 AND confirmed_at IS NULL RETURNING id`,
        [id, holder.id, this.clock.now(), step],
      );
      if (confirmed.length === 0) throw new DomainError('REQUEST.NOT_FOUND');
      return this.added(tx, holder, 'totp', also);
    });
  }

  /** Begins to make a passkey. @throws DomainError IDENTITY.TOO_MANY_FACTORS */
  beginPasskey(holder: FactorHolder, place: PasskeyPlace, names: { issuer: string; label: string }) {
    return holder.run(async (tx: Transaction) => {
      await this.assertRoom(tx, holder);
      return this.passkeys.creation(tx, holder, place, names);
    });
  }

  /**
   * Adds the passkey that was made, then does `also` in the same transaction.
   * @param name what the holder calls it
   * @returns ten recovery codes when the holder has none left, to be shown this once
   * @throws DomainError IDENTITY.PASSKEY_REFUSED, IDENTITY.TOO_MANY_FACTORS
   */
  async addPasskey<Tx extends Transaction, Also>(
    holder: FactorHolder<Tx>,
    place: PasskeyPlace,
    { name, ...made }: NewCredential & { readonly name: string },
    also: (tx: Tx) => Promise<Also>,
  ): Promise<{ recoveryCodes: string[] | null; also: Also }> {
    const { id, publicKey, signCount } = await this.passkeys.verifyNew(holder, place, made);
    return holder.run(async (tx) => {
      await this.assertRoom(tx, holder);
      const [added] = await tx.query(
        `INSERT INTO ${holder.plane}_factors (id, holder_id, kind, name, credential_id, public_key, sign_count,
           transports, created_at, confirmed_at)
         VALUES ($1, $2, 'passkey', $3, $4, $5, $6, $7, $8, $8) ON CONFLICT DO NOTHING RETURNING id`,
        [newId(), holder.id, name, id, publicKey, signCount, made.transports, this.clock.now()],
      );
      if (!added) throw passkeyRefused();
      return this.added(tx, holder, 'passkey', also);
    });
  }

  /** The challenge a passkey is to sign, for this session. @throws DomainError IDENTITY.NO_FACTOR */
  challengePasskeys(holder: FactorHolder, place: PasskeyPlace) {
    return holder.run((tx: Transaction) => this.passkeys.request(tx, holder, place));
  }

  /**
   * Proves a second factor and does `then` in the transaction that spends the proof: a code, a time step and a recovery
   * code each count once, whatever comes at the same moment; so does the challenge a passkey has signed.
   * @throws DomainError IDENTITY.PROOF_WRONG, IDENTITY.PASSKEY_REFUSED, IDENTITY.THROTTLED
   */
  async prove<Tx extends Transaction, Result>(
    holder: FactorHolder<Tx>,
    proof: FactorProof,
    then: (tx: Tx) => Promise<Result>,
  ): Promise<Result> {
    const secrets = await this.claim(holder, (tx) =>
      tx.query<SecretRow>(`${secretsOf(holder)} AND confirmed_at IS NOT NULL`, [holder.id]),
    );
    const spend = await this.spending(holder, secrets, proof);
    return holder.run(async (tx) => {
      if (!(await spend(tx))) throw proof.method === 'passkey' ? passkeyRefused() : PROOF_WRONG();
      await this.attempts.clear(tx, this.counter(holder));
      return then(tx);
    });
  }

  /** @throws DomainError REQUEST.NOT_FOUND, IDENTITY.LAST_FACTOR when one is demanded and this is the only one */
  async remove(holder: FactorHolder, id: string, isDemanded: boolean): Promise<void> {
    await holder.run(async (tx) => {
      const factors = await tx.query<{ id: string }>(
        `SELECT id FROM ${holder.plane}_factors WHERE holder_id = $1 AND confirmed_at IS NOT NULL FOR UPDATE`,
        [holder.id],
      );
      if (!factors.some((factor) => factor.id === id)) throw new DomainError('REQUEST.NOT_FOUND');
      if (isDemanded && factors.length === 1) throw new DomainError('IDENTITY.LAST_FACTOR');
      await tx.query(`DELETE FROM ${holder.plane}_factors WHERE id = $1`, [id]);
      if (factors.length === 1) await this.recovery.remove(tx, holder);
      await holder.record(tx, 'factor.removed');
    });
  }

  /** @returns ten new recovery codes; the old ones end. @throws DomainError IDENTITY.NO_FACTOR */
  async renewRecoveryCodes(holder: FactorHolder): Promise<string[]> {
    return holder.run(async (tx) => {
      if ((await this.kinds(tx, holder)).length === 0) throw new DomainError('IDENTITY.NO_FACTOR');
      const codes = await this.recovery.replace(tx, holder);
      await holder.record(tx, 'factor.recovery-codes-renewed');
      return codes;
    });
  }

  /** Takes all factors away: of somebody who lost them. The caller ends the sessions and records it. */
  async reset(tx: Transaction, holder: Pick<FactorHolder, 'plane' | 'id'>): Promise<void> {
    await tx.query(`DELETE FROM ${holder.plane}_factors WHERE holder_id = $1`, [holder.id]);
    await this.recovery.remove(tx, holder);
  }

  private async added<Tx extends Transaction, Also>(
    tx: Tx,
    holder: FactorHolder<Tx>,
    kind: FactorKind,
    also: (tx: Tx) => Promise<Also>,
  ): Promise<{ recoveryCodes: string[] | null; also: Also }> {
    const recoveryCodes = (await this.recovery.left(tx, holder)) === 0 ? await this.recovery.replace(tx, holder) : null;
    const result = await also(tx);
    await holder.record(tx, 'factor.added', { kind });
    return { recoveryCodes, also: result };
  }

  private async spending(holder: FactorHolder, secrets: readonly SecretRow[], proof: FactorProof): Promise<Spend> {
    if (proof.method === 'passkey') return this.passkeys.spending(holder, proof.place, proof.answer);
    if (proof.method === 'totp') return this.spendingTotp(holder, secrets, proof.code);
    return (tx) => this.recovery.use(tx, holder, proof.code);
  }

  private async spendingTotp(holder: FactorHolder, rows: readonly SecretRow[], code: string): Promise<Spend> {
    for (const { id, secret_sealed } of rows) {
      const step = stepOf(await holder.openSecret(id, secret_sealed), code, this.clock.now());
      if (step === null) continue;
      return async (tx) => {
        const spent = await tx.query(
          `UPDATE ${holder.plane}_factors SET last_step = $2, last_used_at = $3
           WHERE id = $1 AND (last_step IS NULL OR last_step < $2) RETURNING id`,
          [id, step, this.clock.now()],
        );
        return spent.length === 1;
      };
    }
    return () => Promise.resolve(false);
  }

  /** Counts the attempt before anything is looked at, as with passwords. */
  private claim<Result>(holder: FactorHolder, read: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return holder.run(async (tx) => {
      await this.attempts.claim(tx, this.counter(holder));
      return read(tx);
    });
  }

  private counter({ tenantId, id }: FactorHolder) {
    return attemptCounter(tenantId, `factor/${id}`, null);
  }

  private async assertRoom(tx: Transaction, holder: FactorHolder): Promise<void> {
    const [row] = await tx.query<{ held: number }>(
      `SELECT count(*)::integer AS held FROM ${holder.plane}_factors WHERE holder_id = $1 AND confirmed_at IS NOT NULL`,
      [holder.id],
    );
    if (row!.held >= LONGEST_LIST) throw new DomainError('IDENTITY.TOO_MANY_FACTORS');
  }
}

interface SecretRow {
  readonly id: string;
  readonly secret_sealed: Buffer;
}

const secretsOf = ({ plane }: FactorHolder): string =>
  `SELECT id, secret_sealed FROM ${plane}_factors WHERE holder_id = $1 AND kind = 'totp'`;
