import { Injectable } from '@nestjs/common';
import { type CrossTenantTransaction, refusedWith } from '#libs/database';
import { Clock, DomainError, type TenantId, jstDayOf } from '#libs/kernel';
import type { Vendor } from '#libs/pricing';
import type { ContractRecord } from './contract-record.ts';
import { ContractRegister } from './contract-register.ts';
import { ContractTrail } from './contract-trail.ts';
import { assertApprovable } from './decided.ts';
import { TermsBook } from './terms-book.ts';

interface StoredEnding {
  readonly endsOn: string;
  readonly proposedBy: string;
  readonly approvedBy: string | null;
}

const UNIQUE_VIOLATION = '23505';

/** Ends contracts before their time: one person proposes and says why, another approves. */
@Injectable()
export class ContractEnder {
  constructor(
    private readonly register: ContractRegister,
    private readonly terms: TermsBook,
    private readonly trail: ContractTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * @param endsOn the last day: today or later, before the agreed one
   * @throws DomainError REQUEST.NOT_FOUND, CONTRACTS.NOT_IN_FORCE, CONTRACTS.NOT_IN_FUTURE, CONTRACTS.DATES_INVALID,
   *   CONTRACTS.ENDING_PROPOSED
   */
  async propose(
    tx: CrossTenantTransaction,
    actor: Vendor,
    id: string,
    { endsOn, reason }: { readonly endsOn: string; readonly reason: string },
  ): Promise<ContractRecord> {
    const contract = await this.register.lock(tx, id);
    if (!(await this.terms.inForce(tx, contract.tenantId, id))) throw new DomainError('CONTRACTS.NOT_IN_FORCE');
    this.assertNotOver(endsOn);
    if (endsOn < contract.startsOn || endsOn >= contract.endsOn) throw new DomainError('CONTRACTS.DATES_INVALID');
    try {
      await tx.query(
        `INSERT INTO contract_endings (tenant_id, contract_id, ends_on, reason, proposed_by, proposed_at)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [contract.tenantId, id, endsOn, reason, actor.id, this.clock.now()],
      );
    } catch (error) {
      if (refusedWith(error, UNIQUE_VIOLATION)) throw new DomainError('CONTRACTS.ENDING_PROPOSED');
      throw error;
    }
    await this.record(tx, actor, contract.tenantId, id, 'contract.ending-proposed', endsOn);
    return this.register.get(tx, id);
  }

  /**
   * The day becomes the contract's last; proposed terms that would begin later go.
   * @throws DomainError REQUEST.NOT_FOUND, CONTRACTS.SAME_PERSON, CONTRACTS.ALREADY_DECIDED, CONTRACTS.NOT_IN_FUTURE
   */
  async approve(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<ContractRecord> {
    const { tenantId } = await this.register.lock(tx, id);
    const ending = await this.stored(tx, tenantId, id);
    assertApprovable(ending, actor.id);
    const { endsOn } = ending!;
    this.assertNotOver(endsOn);
    await tx.query(
      'UPDATE contract_endings SET approved_by = $3, approved_at = $4 WHERE tenant_id = $1 AND contract_id = $2',
      [tenantId, id, actor.id, this.clock.now()],
    );
    await tx.query(
      'DELETE FROM contract_terms WHERE tenant_id = $1 AND contract_id = $2 AND valid_from > $3 AND approved_at IS NULL',
      [tenantId, id, endsOn],
    );
    await tx.query('UPDATE contracts SET ends_on = $3 WHERE tenant_id = $1 AND id = $2', [tenantId, id, endsOn]);
    await this.record(tx, actor, tenantId, id, 'contract.ending-approved', endsOn);
    return this.register.get(tx, id);
  }

  /** @throws DomainError REQUEST.NOT_FOUND, CONTRACTS.ALREADY_DECIDED */
  async withdraw(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<ContractRecord> {
    const { tenantId } = await this.register.lock(tx, id);
    const ending = await this.stored(tx, tenantId, id);
    if (!ending) throw new DomainError('REQUEST.NOT_FOUND');
    if (ending.approvedBy) throw new DomainError('CONTRACTS.ALREADY_DECIDED');
    await tx.query('DELETE FROM contract_endings WHERE tenant_id = $1 AND contract_id = $2', [tenantId, id]);
    await this.record(tx, actor, tenantId, id, 'contract.ending-withdrawn', ending.endsOn);
    return this.register.get(tx, id);
  }

  private assertNotOver(endsOn: string): void {
    if (endsOn < jstDayOf(this.clock.now())) throw new DomainError('CONTRACTS.NOT_IN_FUTURE');
  }

  private async stored(tx: CrossTenantTransaction, tenantId: TenantId, id: string): Promise<StoredEnding | undefined> {
    const [row] = await tx.query<StoredEnding>(
      `SELECT ends_on::text AS "endsOn", proposed_by AS "proposedBy", approved_by AS "approvedBy" FROM contract_endings
       WHERE tenant_id = $1 AND contract_id = $2`,
      [tenantId, id],
    );
    return row;
  }

  private record(
    tx: CrossTenantTransaction,
    actor: Vendor,
    tenantId: TenantId,
    id: string,
    action: string,
    endsOn: string,
  ) {
    return this.trail.record(tx, [tenantId], {
      action,
      actor,
      subject: { type: 'contract', id },
      details: { endsOn },
    });
  }
}
