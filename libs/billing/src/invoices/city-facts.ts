import type { CrossTenantTransaction } from '#libs/database';
import type { CityFacts, DepartmentFacts } from './draft-document.ts';

interface ContractRow {
  readonly tenantId: string;
  readonly contractId: string;
  readonly code: string;
  readonly name: string;
  readonly postalCode: string | null;
  readonly address: string | null;
  readonly title: string;
  readonly fiscalYear: number;
  readonly from: string;
  readonly to: string;
  readonly council: string | null;
}

interface DepartmentRow extends DepartmentFacts {
  readonly tenantId: string;
  readonly id: string;
}

const CONTRACTS = `
  SELECT t.id AS "tenantId", c.id AS "contractId", t.code, c.billing_name AS name,
    c.billing_postal_code AS "postalCode", c.billing_address AS address, c.title, c.fiscal_year AS "fiscalYear",
    c.starts_on::text AS "from", c.ends_on::text AS "to", k.name AS council
  FROM contracts c JOIN tenants t ON t.id = c.tenant_id LEFT JOIN councils k ON k.id = c.council_id
  WHERE c.tenant_id = ANY ($1) AND c.id = ANY ($2)`;

const DEPARTMENTS = `
  SELECT d.tenant_id AS "tenantId", d.id, d.code, d.name,
    CASE WHEN b.code IS NULL THEN NULL ELSE b.code || ' ' || b.name END AS "budgetItem"
  FROM departments d LEFT JOIN budget_items b ON b.tenant_id = d.tenant_id AND b.department_id = d.id
  WHERE d.tenant_id = ANY ($1)`;

/** Names, addresses and departments for documents, by contract. */
export async function cityFacts(
  tx: CrossTenantTransaction,
  contracts: readonly { readonly tenantId: string; readonly contractId: string }[],
): Promise<ReadonlyMap<string, CityFacts>> {
  const cities = contracts.map(({ tenantId }) => tenantId);
  const [rows, departments] = await Promise.all([
    tx.query<ContractRow>(CONTRACTS, [cities, contracts.map(({ contractId }) => contractId)]),
    tx.query<DepartmentRow>(DEPARTMENTS, [cities]),
  ]);
  const byCity = Map.groupBy(departments, ({ tenantId }) => tenantId);
  return new Map(
    rows.map(({ tenantId, contractId, code, name, postalCode, address, ...contract }) => [
      contractId,
      {
        recipient: { tenantId, code, name, postalCode, address },
        contract: { id: contractId, ...contract },
        departments: new Map((byCity.get(tenantId) ?? []).map((department) => [department.id, department])),
      },
    ]),
  );
}
