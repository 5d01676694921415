import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { Clock, DomainError } from '#libs/kernel';
import type { Actor, MemberActor, VendorActor } from '../actor.ts';
import { OwnPassword } from '../own-password.ts';
import { type FactorHolder, FactorHolders } from './factor-holder.ts';
import { type FactorProof, SecondFactors } from './second-factors.ts';

/** How old a proof may be where something dangerous is asked for. Signing in is such a proof. */
const FRESH_MINUTES = 10;

export type Person = MemberActor | VendorActor;

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
    const fresh = await this.holderOf(actor).run((tx: Transaction) =>
      tx.query(`SELECT id FROM ${sessionsOf(actor)} WHERE id = $1 AND proven_at > $2`, [actor.sessionId, since]),
    );
    if (fresh.length === 0) throw new DomainError('IDENTITY.STEP_UP_REQUIRED');
  }

  /** What the person will be asked for beside the password; nothing when they have no second factor. */
  async methods(actor: Person) {
    const holder = this.holderOf(actor);
    return holder.run((tx: Transaction) => this.factors.kinds(tx, holder));
  }

  /**
   * Proves the password and, where there is one, a second factor.
   * @throws DomainError IDENTITY.PROOF_WRONG, IDENTITY.THROTTLED
   */
  async prove(actor: Person, password: string, proof: FactorProof | null): Promise<void> {
    if (!(await this.password.isRight(actor, password))) throw new DomainError('IDENTITY.PROOF_WRONG');
    const holder = this.holderOf(actor);
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

  private holderOf(actor: Person): FactorHolder {
    return actor.type === 'member' ? this.holders.member(actor.scope, actor.id) : this.holders.vendor(actor.id);
  }
}

const sessionsOf = ({ type }: Person): string => (type === 'member' ? 'sessions' : 'vendor_sessions');
