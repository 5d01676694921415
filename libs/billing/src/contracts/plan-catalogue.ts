import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { type CrossTenantTransaction, refusedWith } from '#libs/database';
import { Clock, DomainError, VENDOR_TENANT_ID, newId } from '#libs/kernel';
import type { Vendor } from '#libs/pricing';
import {
  AGREED_COLUMNS,
  type AgreedTerms,
  PLAN_COLUMNS,
  type TermsRow,
  agreedFrom,
  agreedValues,
} from './terms-row.ts';

/** A template of terms. Never edited: a successor takes its code over. */
export interface Plan {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly terms: AgreedTerms;
  readonly createdAt: Date;
  readonly retiredAt: Date | null;
}

export interface NewPlan {
  readonly code: string;
  readonly name: string;
  readonly terms: AgreedTerms;
  /** Retires the plan that has this code now. */
  readonly succeeds: boolean;
}

type PlanRow = Omit<Plan, 'terms'> & Omit<TermsRow, 'validFrom'>;

const UNIQUE_VIOLATION = '23505';
const COLUMNS = `t.id, t.code, t.name, t.created_at AS "createdAt", t.retired_at AS "retiredAt", ${PLAN_COLUMNS}`;

const toPlan = (row: PlanRow): Plan => ({
  id: row.id,
  code: row.code,
  name: row.name,
  createdAt: row.createdAt,
  retiredAt: row.retiredAt,
  terms: agreedFrom(row),
});

/** The plans the vendor offers. */
@Injectable()
export class PlanCatalogue {
  constructor(
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** By code, what is on offer first. */
  async list(tx: CrossTenantTransaction): Promise<Plan[]> {
    const rows = await tx.query<PlanRow>(
      `SELECT ${COLUMNS} FROM plans t ORDER BY t.retired_at IS NOT NULL, t.code, t.created_at DESC`,
    );
    return rows.map(toPlan);
  }

  /** @throws DomainError CONTRACTS.PLAN_UNKNOWN for one that is not on offer */
  async onOffer(tx: CrossTenantTransaction, id: string): Promise<Plan> {
    const [row] = await tx.query<PlanRow>(
      `SELECT ${COLUMNS} FROM plans t WHERE t.id = $1 AND t.retired_at IS NULL FOR SHARE`,
      [id],
    );
    if (!row) throw new DomainError('CONTRACTS.PLAN_UNKNOWN');
    return toPlan(row);
  }

  /** @throws DomainError CONTRACTS.PLAN_CODE_TAKEN */
  async offer(tx: CrossTenantTransaction, actor: Vendor, plan: NewPlan): Promise<Plan> {
    const id = newId();
    const now = this.clock.now();
    if (plan.succeeds)
      await tx.query('UPDATE plans SET retired_at = $2 WHERE code = $1 AND retired_at IS NULL', [plan.code, now]);
    try {
      await tx.query(
        `INSERT INTO plans (id, code, name, created_by, created_at, ${AGREED_COLUMNS})
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
        [id, plan.code, plan.name, actor.id, now, ...agreedValues(plan.terms)],
      );
    } catch (error) {
      if (refusedWith(error, UNIQUE_VIOLATION)) throw new DomainError('CONTRACTS.PLAN_CODE_TAKEN');
      throw error;
    }
    await this.record(tx, actor, 'plan.offered', id, plan.code);
    return { id, code: plan.code, name: plan.name, terms: plan.terms, createdAt: now, retiredAt: null };
  }

  /** Contracts under it go on; no new terms take it. @throws DomainError CONTRACTS.PLAN_UNKNOWN */
  async retire(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<Plan> {
    const plan = await this.onOffer(tx, id);
    const retiredAt = this.clock.now();
    await tx.query('UPDATE plans SET retired_at = $2 WHERE id = $1', [id, retiredAt]);
    await this.record(tx, actor, 'plan.retired', id, plan.code);
    return { ...plan, retiredAt };
  }

  private async record(tx: CrossTenantTransaction, actor: Vendor, action: string, id: string, code: string) {
    await tx.actOn(VENDOR_TENANT_ID);
    await this.audit.append(tx, { action, actor, subject: { type: 'plan', id }, details: { code } });
  }
}
