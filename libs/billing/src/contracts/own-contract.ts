import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import { Clock, jstDayOf } from '#libs/kernel';
import { type AgreedTerms, TERMS_COLUMNS, type TermsRow, agreedFrom } from './terms-row.ts';

/** A city's contract as it may see it: what is agreed, and nothing that is only proposed. */
export interface OwnContract {
  readonly id: string;
  readonly fiscalYear: number;
  readonly title: string;
  /** JST days, both included. */
  readonly startsOn: string;
  readonly endsOn: string;
  readonly billingName: string;
  readonly council: string | null;
  readonly deletionDays: number;
  /** In the order they begin. */
  readonly terms: readonly { readonly validFrom: string; readonly plan: string | null; readonly terms: AgreedTerms }[];
}

const IN_FORCE = `EXISTS (SELECT FROM contract_terms t WHERE t.tenant_id = c.tenant_id AND t.contract_id = c.id
  AND t.approved_at IS NOT NULL)`;

/** Reads the contract of the transaction's city. */
@Injectable()
export class OwnContracts {
  constructor(private readonly clock: Clock) {}

  /** The one of today or, where there is none, the next to come or else the last; null where nothing was ever agreed. */
  async find(tx: TenantTransaction): Promise<OwnContract | null> {
    const [contract] = await tx.query<Omit<OwnContract, 'terms'>>(
      `SELECT c.id, c.fiscal_year AS "fiscalYear", c.title, c.starts_on::text AS "startsOn", c.ends_on::text AS "endsOn",
         c.billing_name AS "billingName", k.name AS council, c.deletion_days AS "deletionDays"
       FROM contracts c LEFT JOIN councils k ON k.id = c.council_id
       WHERE ${IN_FORCE}
       ORDER BY c.ends_on < $1, CASE WHEN c.ends_on >= $1 THEN c.starts_on END, c.ends_on DESC LIMIT 1`,
      [jstDayOf(this.clock.now())],
    );
    if (!contract) return null;
    const rows = await tx.query<TermsRow & { plan: string | null }>(
      `SELECT ${TERMS_COLUMNS}, p.name AS plan FROM contract_terms t LEFT JOIN plans p ON p.id = t.plan_id
       WHERE t.contract_id = $1 AND t.approved_at IS NOT NULL ORDER BY t.valid_from`,
      [contract.id],
    );
    return {
      ...contract,
      terms: rows.map((row) => ({ validFrom: row.validFrom, plan: row.plan, terms: agreedFrom(row) })),
    };
  }
}
