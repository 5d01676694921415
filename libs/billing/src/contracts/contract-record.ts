import type { TenantId } from '#libs/kernel';
import type { Person } from '#libs/pricing';
import { type Proposed, proposedColumns } from './decided.ts';
import { type AgreedTerms, TERMS_COLUMNS, type TermsRow, agreedFrom } from './terms-row.ts';

/** Waiting for the approval of its first terms, to come, in force, or over. */
export const CONTRACT_STATES = ['proposed', 'future', 'current', 'ended'] as const;
export type ContractState = (typeof CONTRACT_STATES)[number];

/** A contract as it stands in the vendor's list. Days are JST, both included. */
export interface ContractEntry {
  readonly id: string;
  readonly city: { readonly id: TenantId; readonly code: string; readonly name: string };
  readonly fiscalYear: number;
  readonly title: string;
  readonly startsOn: string;
  readonly endsOn: string;
  readonly council: { readonly id: string; readonly name: string } | null;
  readonly state: ContractState;
  /** Terms or an early end are before a second person. */
  readonly awaitsApproval: boolean;
}

export interface RecordedTerms extends Proposed {
  readonly validFrom: string;
  readonly plan: { readonly id: string; readonly code: string; readonly name: string } | null;
  readonly terms: AgreedTerms;
}

export interface ContractEnding extends Proposed {
  readonly endsOn: string;
  readonly reason: string;
}

/** Everything agreed and proposed. */
export interface ContractRecord extends ContractEntry {
  readonly billingName: string;
  readonly billingPostalCode: string | null;
  readonly billingAddress: string | null;
  readonly baseFeeDepartmentId: string | null;
  readonly deletionDays: number;
  readonly createdBy: Person;
  readonly createdAt: Date;
  /** In the order they begin. */
  readonly terms: readonly RecordedTerms[];
  readonly ending: ContractEnding | null;
}

/** Of contracts `c` of tenants `t` under councils `k`; `$1` is today. */
export const ENTRY_COLUMNS = `
  c.id, json_build_object('id', t.id, 'code', t.code, 'name', t.name) AS city, c.fiscal_year AS "fiscalYear", c.title,
  c.starts_on::text AS "startsOn", c.ends_on::text AS "endsOn",
  CASE WHEN k.id IS NOT NULL THEN json_build_object('id', k.id, 'name', k.name) END AS council,
  CASE WHEN NOT EXISTS (SELECT FROM contract_terms a WHERE a.tenant_id = c.tenant_id AND a.contract_id = c.id
                          AND a.approved_at IS NOT NULL) THEN 'proposed'
       WHEN c.starts_on > $1::date THEN 'future' WHEN c.ends_on < $1::date THEN 'ended' ELSE 'current' END AS state,
  EXISTS (SELECT FROM contract_terms a WHERE a.tenant_id = c.tenant_id AND a.contract_id = c.id AND a.approved_at IS NULL)
    OR EXISTS (SELECT FROM contract_endings e WHERE e.tenant_id = c.tenant_id AND e.contract_id = c.id
                 AND e.approved_at IS NULL) AS "awaitsApproval"`;

export const FROM_CONTRACTS = `FROM contracts c JOIN tenants t ON t.id = c.tenant_id LEFT JOIN councils k ON k.id = c.council_id`;

export const RECORD_COLUMNS = `${ENTRY_COLUMNS}, c.billing_name AS "billingName",
  c.billing_postal_code AS "billingPostalCode", c.billing_address AS "billingAddress",
  c.base_fee_department_id AS "baseFeeDepartmentId", c.deletion_days AS "deletionDays", c.created_at AS "createdAt",
  json_build_object('id', c.created_by, 'name', (SELECT display_name FROM vendor_users WHERE id = c.created_by)) AS "createdBy"`;

export const RECORDED_TERMS = `
  SELECT ${TERMS_COLUMNS}, ${proposedColumns('t')},
    CASE WHEN p.id IS NOT NULL THEN json_build_object('id', p.id, 'code', p.code, 'name', p.name) END AS plan
  FROM contract_terms t LEFT JOIN plans p ON p.id = t.plan_id
  WHERE t.tenant_id = $1 AND t.contract_id = $2 ORDER BY t.valid_from`;

export const ENDING = `
  SELECT e.ends_on::text AS "endsOn", e.reason, ${proposedColumns('e')} FROM contract_endings e
  WHERE e.tenant_id = $1 AND e.contract_id = $2`;

export type RecordedTermsRow = TermsRow & Omit<RecordedTerms, 'terms'>;

export const toRecordedTerms = (row: RecordedTermsRow): RecordedTerms => ({
  validFrom: row.validFrom,
  plan: row.plan,
  terms: agreedFrom(row),
  proposedBy: row.proposedBy,
  proposedAt: row.proposedAt,
  approvedBy: row.approvedBy,
  approvedAt: row.approvedAt,
});
