import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { Clock, DomainError } from '#libs/kernel';
import type { Actor, Person } from '../actor.ts';
import { OwnPassword } from '../passwords/own-password.ts';
import { FactorHolders } from './factor-holder.ts';
import { type FactorKind, type FactorProof, SecondFactors } from './second-factors.ts';

/** How old a proof may be where something dangerous is asked for. Signing in is such a proof. */
const FRESH_MINUTES = 10;

/** Proofs that the person at the keyboard is still the one who signed in, asked for before what is dangerous. */
@Injectable()
export class StepUps {
  constructor(
    private readonly holders: FactorHolders,
    private readonly factors: SecondFactors,
    private readonly password: OwnPassword,
    private readonly clock: Clock,
  ) {}

  /** Read from the row and not from memory: a proof counts in every process at once. @throws DomainError IDENTITY.STEP_UP_REQUIRED */
  async assertFresh(actor: Actor): Promise<void> {
    // A machine proves nothing: what asks for a person is closed to it.
    if (actor.type !== 'member' && actor.type !== 'vendor') throw new DomainError('IDENTITY.STEP_UP_REQUIRED');
    const since = new Date(this.clock.now().getTime() - FRESH_MINUTES * 60_000);
    const fresh = await this.holders
      .of(actor)
      .run((tx: Transaction) =>
        tx.query(`SELECT id FROM ${sessionsOf(actor)} WHERE id = $1 AND proven_at > $2`, [actor.sessionId, since]),
      );
    if (fresh.length === 0) throw new DomainError('IDENTITY.STEP_UP_REQUIRED');
  }

  /** What the person can be asked for. Who has no password proves who they are by signing in again. */
  async means(actor: Person): Promise<{ hasPassword: boolean; methods: FactorKind[] }> {
    return { hasPassword: await this.password.isSet(actor), methods: await this.methods(actor) };
  }

  /**
   * Proves the password and, where there is one, a second factor.
   * @throws DomainError IDENTITY.PROOF_WRONG, IDENTITY.THROTTLED
   */
  async prove(actor: Person, password: string, proof: FactorProof | null): Promise<void> {
    if (!(await this.password.isRight(actor, password))) throw new DomainError('IDENTITY.PROOF_WRONG');
    const holder = this.holders.of(actor);
    const remember = async (tx: Transaction): Promise<void> => {
      await tx.query(`UPDATE ${sessionsOf(actor)} SET proven_at = $2 WHERE id = $1 AND revoked_at IS NULL`, [
        actor.sessionId,
        this.clock.now(),
      ]);
      await holder.record(tx, 'session.stepped-up');
    };
    if (proof) return this.factors.prove(holder, proof, remember);
    if ((await this.methods(actor)).length > 0) throw new DomainError('IDENTITY.PROOF_WRONG');
    await holder.run(remember);
  }

  private methods(actor: Person): Promise<FactorKind[]> {
    const holder = this.holders.of(actor);
    return holder.run((tx: Transaction) => this.factors.kinds(tx, holder));
  }
}

const sessionsOf = ({ type }: Person): string => (type === 'member' ? 'sessions' : 'vendor_sessions');
