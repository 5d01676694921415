import { Injectable } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import type { CrossTenantTransaction } from '#libs/database';
import { type JstMonth, type TenantId, jstMonthRange } from '#libs/kernel';
import type { ContractWish } from '#libs/tenancy';
import type { ContractMonth } from '../charge.ts';
import { daysBetween, daysOfMonth } from './days.ts';
import { type CouncilShare, type CouncilSplit, splitCouncil } from './split-council.ts';
import { TERMS_COLUMNS, type TermsRow, termsFrom } from './terms-row.ts';

export interface CityWithoutContract {
  readonly tenantId: TenantId;
  readonly code: string;
  readonly name: string;
  /** What it asked for when it was taken on. */
  readonly wish: ContractWish | null;
}

interface StretchRow extends TermsRow {
  readonly tenantId: TenantId;
  readonly contractId: string;
  readonly from: string;
  readonly to: string;
  readonly councilId: string | null;
  readonly baseFeeDepartmentId: string | null;
}

interface CouncilRow extends Omit<CouncilShare, 'weight'> {
  readonly councilId: string;
  readonly name: string;
  readonly monthlyBaseFeeJpy: number;
  readonly split: CouncilSplit;
  readonly weight: string;
}

type CouncilPart = NonNullable<ContractMonth['council']>;

const STRETCHES = `
  SELECT s.tenant_id AS "tenantId", s.contract_id AS "contractId", s.stretch_from::text AS "from", s.stretch_to::text AS "to",
    c.council_id AS "councilId", c.base_fee_department_id AS "baseFeeDepartmentId", ${TERMS_COLUMNS}
  FROM contract_stretches($1) s
  JOIN contracts c ON c.tenant_id = s.tenant_id AND c.id = s.contract_id
  JOIN contract_terms t ON t.tenant_id = s.tenant_id AND t.contract_id = s.contract_id AND t.valid_from = s.terms_from
  WHERE $2::uuid IS NULL OR s.tenant_id = $2
  ORDER BY s.tenant_id, s.stretch_from`;

/** Members that have a contract under their council in the month, in the order that decides between equal remainders. */
const COUNCIL_SHARES = `
  SELECT k.id AS "councilId", k.name, k.monthly_base_fee_jpy::float8 AS "monthlyBaseFeeJpy", k.split,
    m.tenant_id AS "tenantId", m.weight::text AS weight, s.from_day AS "fromDay", s.to_day AS "toDay",
    coalesce(u.tokens, 0)::float8 AS tokens
  FROM (SELECT tenant_id, contract_id, extract(day FROM min(stretch_from))::integer AS from_day,
          extract(day FROM max(stretch_to))::integer AS to_day
        FROM contract_stretches($1) GROUP BY tenant_id, contract_id) s
  JOIN contracts c ON c.tenant_id = s.tenant_id AND c.id = s.contract_id
  JOIN council_members m ON m.tenant_id = c.tenant_id AND m.council_id = c.council_id AND m.approved_at IS NOT NULL
  JOIN councils k ON k.id = m.council_id AND k.approved_at IS NOT NULL
  LEFT JOIN LATERAL (
    SELECT sum(u.input_tokens + u.output_tokens + u.cache_read_tokens + u.cache_write_tokens) AS tokens
    FROM usage_records u
    WHERE k.split = 'usage' AND u.tenant_id = m.tenant_id AND u.billing_month = $1
      AND u.accepted_at >= $3::timestamptz + make_interval(hours => 24 * (s.from_day - 1)) AND u.accepted_at < $4) u ON true
  WHERE $2::uuid IS NULL OR EXISTS (
    SELECT FROM contract_stretches($1) o JOIN contracts oc ON oc.tenant_id = o.tenant_id AND oc.id = o.contract_id
    WHERE o.tenant_id = $2 AND oc.council_id = k.id)
  ORDER BY k.id, m.tenant_id`;

/** Reads what cities agreed to pay by. For the finance role: a council's fee is split by looking at all its members. */
@Injectable()
export class ContractBook {
  /** The contracts of all cities that have one in the month, at most one each, in order of tenant id. */
  monthOfAllCities(tx: CrossTenantTransaction, month: JstMonth): Promise<ContractMonth[]> {
    return this.read(tx, month, null);
  }

  /** Null when the city has no contract in the month. */
  async monthOf(tx: CrossTenantTransaction, tenantId: TenantId, month: JstMonth): Promise<ContractMonth | null> {
    const [contract] = await this.read(tx, month, tenantId);
    return contract ?? null;
  }

  /** Active cities for whose month nobody agreed on anything: a trial, or forgotten. In order of code. */
  citiesWithout(tx: CrossTenantTransaction, month: JstMonth): Promise<CityWithoutContract[]> {
    return tx.query<CityWithoutContract>(
      `SELECT t.id AS "tenantId", t.code, t.name, o.wish FROM tenants t
       LEFT JOIN city_onboardings o ON o.city_id = t.id
       WHERE t.status = 'active' AND NOT EXISTS (SELECT FROM contract_stretches($1) s WHERE s.tenant_id = t.id)
       ORDER BY t.code`,
      [`${month}-01`],
    );
  }

  private async read(tx: CrossTenantTransaction, month: JstMonth, tenantId: TenantId | null): Promise<ContractMonth[]> {
    const { start, end } = jstMonthRange(month);
    const first = `${month}-01`;
    const [rows, shares] = await Promise.all([
      tx.query<StretchRow>(STRETCHES, [first, tenantId]),
      tx.query<CouncilRow>(COUNCIL_SHARES, [first, tenantId, start, end]),
    ]);
    const parts = councilParts(shares, daysOfMonth(month));
    return [...Map.groupBy(rows, (row) => row.contractId).values()].map((stretches) => ({
      tenantId: stretches[0]!.tenantId,
      contractId: stretches[0]!.contractId,
      month,
      stretches: stretches.map((row) => ({
        from: row.from,
        to: row.to,
        days: daysBetween(row.from, row.to),
        daysOfMonth: daysOfMonth(month),
        terms: termsFrom(row),
      })),
      council: parts.get(stretches[0]!.tenantId) ?? null,
      baseFeeDepartmentId: stretches[0]!.baseFeeDepartmentId,
    }));
  }
}

function councilParts(rows: readonly CouncilRow[], days: number): ReadonlyMap<TenantId, CouncilPart> {
  const parts = new Map<TenantId, CouncilPart>();
  for (const members of Map.groupBy(rows, (row) => row.councilId).values()) {
    const council = members[0]!;
    const shares = members.map((member) => ({ ...member, weight: new Decimal(member.weight) }));
    for (const [tenantId, baseFeeJpy] of splitCouncil(council, shares, days))
      parts.set(tenantId, { name: council.name, baseFeeJpy });
  }
  return parts;
}
