import { Injectable } from '@nestjs/common';
import { type CrossTenantTransaction, refusedWith } from '#libs/database';
import { Clock, DomainError, type TenantId, jstDayOf } from '#libs/kernel';
import type { Vendor } from '#libs/pricing';
import type { ContractRecord } from './contract-record.ts';
import { ContractRegister } from './contract-register.ts';
import { ContractTrail } from './contract-trail.ts';
import { assertApprovable } from './decided.ts';
import { holdMonthsOpen } from './open-months.ts';
import { AGREED_COLUMNS, type AgreedTerms, agreedValues } from './terms-row.ts';

/** Terms as they are proposed; without a plan they are agreed with this city alone. */
export interface NewTerms {
  readonly planId: string | null;
  readonly agreed: AgreedTerms;
}

interface StoredDecision {
  readonly proposedBy: string;
  readonly approvedBy: string | null;
}

const UNIQUE_VIOLATION = '23505';
const OUTSIDE_CONTRACT = 'MC002';

/** Terms of contracts as dated rows: one person proposes, another approves, before their day. */
@Injectable()
export class TermsBook {
  constructor(
    private readonly register: ContractRegister,
    private readonly trail: ContractTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * Puts other terms from a later day on before a second person.
   * @throws DomainError REQUEST.NOT_FOUND, CONTRACTS.NOT_IN_FUTURE, CONTRACTS.DATES_INVALID, CONTRACTS.START_TAKEN
   */
  async propose(
    tx: CrossTenantTransaction,
    actor: Vendor,
    id: string,
    validFrom: string,
    terms: NewTerms,
  ): Promise<ContractRecord> {
    const { tenantId } = await this.register.lock(tx, id);
    this.assertFuture(validFrom);
    await this.write(tx, actor, tenantId, id, validFrom, terms);
    return this.recorded(tx, actor, tenantId, id, 'contract.terms-proposed', { validFrom, planId: terms.planId });
  }

  /** Stores proposed terms; the caller records it. @throws DomainError CONTRACTS.DATES_INVALID, CONTRACTS.START_TAKEN */
  async write(
    tx: CrossTenantTransaction,
    actor: Vendor,
    tenantId: TenantId,
    contractId: string,
    validFrom: string,
    { planId, agreed }: NewTerms,
  ): Promise<void> {
    try {
      await tx.query(
        `INSERT INTO contract_terms (tenant_id, contract_id, valid_from, plan_id, proposed_by, proposed_at, ${AGREED_COLUMNS})
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
        [tenantId, contractId, validFrom, planId, actor.id, this.clock.now(), ...agreedValues(agreed)],
      );
    } catch (error) {
      if (refusedWith(error, UNIQUE_VIOLATION)) throw new DomainError('CONTRACTS.START_TAKEN');
      if (refusedWith(error, OUTSIDE_CONTRACT)) throw new DomainError('CONTRACTS.DATES_INVALID');
      throw error;
    }
  }

  /**
   * Puts terms in force from their day. The first ones put the contract in force, and may begin in a month that is open.
   * @throws DomainError REQUEST.NOT_FOUND, CONTRACTS.SAME_PERSON, CONTRACTS.ALREADY_DECIDED, CONTRACTS.NOT_IN_FORCE,
   *   CONTRACTS.NOT_IN_FUTURE, CONTRACTS.MONTH_CLOSED, CONTRACTS.COUNCIL_NOT_APPROVED
   */
  async approve(tx: CrossTenantTransaction, actor: Vendor, id: string, validFrom: string): Promise<ContractRecord> {
    const { tenantId, startsOn, councilId } = await this.register.lock(tx, id);
    assertApprovable(await this.decision(tx, tenantId, id, validFrom), actor.id);
    const now = this.clock.now();
    if (validFrom === startsOn) await holdMonthsOpen(tx, startsOn, jstDayOf(now));
    else {
      if (!(await this.inForce(tx, tenantId, id))) throw new DomainError('CONTRACTS.NOT_IN_FORCE');
      this.assertFuture(validFrom);
    }
    if (councilId) await assertCouncilApproved(tx, tenantId, councilId);
    await tx.query(
      `UPDATE contract_terms SET approved_by = $4, approved_at = $5
       WHERE tenant_id = $1 AND contract_id = $2 AND valid_from = $3`,
      [tenantId, id, validFrom, actor.id, now],
    );
    return this.recorded(tx, actor, tenantId, id, 'contract.terms-approved', { validFrom });
  }

  /**
   * Takes a proposal back. A contract whose first terms are taken back was never one and goes with them.
   * @throws DomainError REQUEST.NOT_FOUND, CONTRACTS.ALREADY_DECIDED
   */
  async withdraw(tx: CrossTenantTransaction, actor: Vendor, id: string, validFrom: string): Promise<void> {
    const { tenantId, startsOn } = await this.register.lock(tx, id);
    const decision = await this.decision(tx, tenantId, id, validFrom);
    if (!decision) throw new DomainError('REQUEST.NOT_FOUND');
    if (decision.approvedBy) throw new DomainError('CONTRACTS.ALREADY_DECIDED');
    const isFirst = validFrom === startsOn;
    await tx.query('DELETE FROM contract_terms WHERE tenant_id = $1 AND contract_id = $2 AND ($4 OR valid_from = $3)', [
      tenantId,
      id,
      validFrom,
      isFirst,
    ]);
    if (isFirst) await tx.query('DELETE FROM contracts WHERE tenant_id = $1 AND id = $2', [tenantId, id]);
    await this.trail.record(tx, [tenantId], {
      action: isFirst ? 'contract.withdrawn' : 'contract.terms-withdrawn',
      actor,
      subject: { type: 'contract', id },
      details: { validFrom },
    });
  }

  /** Whether anything about the contract was approved: then it counts. */
  async inForce(tx: CrossTenantTransaction, tenantId: TenantId, id: string): Promise<boolean> {
    const approved = await tx.query(
      'SELECT FROM contract_terms WHERE tenant_id = $1 AND contract_id = $2 AND approved_at IS NOT NULL LIMIT 1',
      [tenantId, id],
    );
    return approved.length > 0;
  }

  private assertFuture(validFrom: string): void {
    if (validFrom <= jstDayOf(this.clock.now())) throw new DomainError('CONTRACTS.NOT_IN_FUTURE');
  }

  private async decision(tx: CrossTenantTransaction, tenantId: TenantId, id: string, validFrom: string) {
    const [row] = await tx.query<StoredDecision>(
      `SELECT proposed_by AS "proposedBy", approved_by AS "approvedBy" FROM contract_terms
       WHERE tenant_id = $1 AND contract_id = $2 AND valid_from = $3`,
      [tenantId, id, validFrom],
    );
    return row;
  }

  private async recorded(
    tx: CrossTenantTransaction,
    actor: Vendor,
    tenantId: TenantId,
    id: string,
    action: string,
    details: Readonly<Record<string, string | null>>,
  ): Promise<ContractRecord> {
    await this.trail.record(tx, [tenantId], { action, actor, subject: { type: 'contract', id }, details });
    return this.register.get(tx, id);
  }
}

/** A part of a fee that nobody approved would be charged to nobody. */
async function assertCouncilApproved(tx: CrossTenantTransaction, tenantId: TenantId, councilId: string): Promise<void> {
  const approved = await tx.query(
    `SELECT FROM council_members m JOIN councils k ON k.id = m.council_id
     WHERE m.tenant_id = $1 AND m.council_id = $2 AND m.approved_at IS NOT NULL AND k.approved_at IS NOT NULL`,
    [tenantId, councilId],
  );
  if (approved.length === 0) throw new DomainError('CONTRACTS.COUNCIL_NOT_APPROVED');
}
