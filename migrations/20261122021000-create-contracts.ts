import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/** What a city pays by. A plan is a template of these; what counts for a city is its own copy. */
const TERMS = `
  -- a month
  base_fee_jpy numeric(12,0) NOT NULL CHECK (base_fee_jpy >= 0),
  unit text NOT NULL CHECK (unit IN ('tokens', 'characters')),
  counts_input boolean NOT NULL,
  counts_output boolean NOT NULL,
  counts_cache boolean NOT NULL CHECK (NOT counts_cache OR unit = 'tokens'),
  -- a month; kept below 2^53, where every reader counts exactly
  included_units bigint NOT NULL CHECK (included_units BETWEEN 0 AND 9007199254740991),
  pricing text NOT NULL CHECK (pricing IN ('unit_price', 'cost_plus')),
  -- per 1,000,000 units beyond the included ones
  unit_price_jpy numeric(14,4) CHECK (unit_price_jpy >= 0),
  -- 0.15 is 15 % on the cost
  markup numeric(6,4) CHECK (markup >= 0),
  fixed_jpy_per_usd numeric(12,6) CHECK (fixed_jpy_per_usd > 0),
  CHECK (counts_input OR counts_output OR counts_cache),
  CHECK ((pricing = 'unit_price') = (unit_price_jpy IS NOT NULL)),
  CHECK ((pricing = 'cost_plus') = (markup IS NOT NULL)),
  CHECK (pricing = 'cost_plus' OR fixed_jpy_per_usd IS NULL)`;

/** Nothing counts before another person than who proposed it approved it. */
const TWO_PEOPLE = `
  proposed_by uuid NOT NULL REFERENCES vendor_users (id),
  proposed_at timestamptz NOT NULL,
  approved_by uuid REFERENCES vendor_users (id),
  approved_at timestamptz,
  CHECK (approved_by <> proposed_by),
  CHECK ((approved_by IS NULL) = (approved_at IS NULL))`;

/** What was approved stays: a proposal may be withdrawn, an agreement is only succeeded. */
const finalOnceApproved = (table: string): string[] => [
  `CREATE TRIGGER final_once_approved BEFORE UPDATE OR DELETE ON ${table} FOR EACH ROW
     WHEN (OLD.approved_by IS NOT NULL) EXECUTE FUNCTION approved_is_final()`,
  `GRANT SELECT, INSERT, DELETE ON ${table} TO moyai_finance`,
  `GRANT UPDATE (approved_by, approved_at) ON ${table} TO moyai_finance`,
];

/** Plans, the cities' contracts and their terms, councils that contract together, and 予算科目 (docs/decisions/0017). */
export class CreateContracts20261122021000 implements MigrationInterface {
  name = 'CreateContracts20261122021000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE FUNCTION approved_is_final() RETURNS trigger LANGUAGE plpgsql
         AS $$ BEGIN RAISE EXCEPTION 'what was approved is final' USING ERRCODE = 'MC001'; END $$`,
      ...PLANS,
      ...COUNCILS,
      ...CONTRACTS,
      ...CONTRACT_TERMS,
      ...BUDGET_ITEMS,
      // Who proposed and who approved is shown to those who answer for it.
      'GRANT SELECT (id, display_name) ON vendor_users TO moyai_finance',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

const PLANS = [
  `CREATE TABLE plans (
     id uuid PRIMARY KEY,
     code text NOT NULL CHECK (code ~ '^[A-Za-z0-9._-]{1,32}$'),
     name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
     ${TERMS},
     created_by uuid NOT NULL REFERENCES vendor_users (id),
     created_at timestamptz NOT NULL,
     retired_at timestamptz
   )`,
  // A successor takes the code over.
  'CREATE UNIQUE INDEX plans_on_offer ON plans (code) WHERE retired_at IS NULL',
  'GRANT SELECT, INSERT ON plans TO moyai_finance',
  'GRANT UPDATE (retired_at) ON plans TO moyai_finance',
  'GRANT SELECT (id, code, name) ON plans TO moyai_app',
];

const COUNCILS = [
  `CREATE TABLE councils (
     id uuid PRIMARY KEY,
     fiscal_year integer NOT NULL CHECK (fiscal_year BETWEEN 2020 AND 2099),
     name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
     monthly_base_fee_jpy numeric(12,0) NOT NULL CHECK (monthly_base_fee_jpy >= 0),
     split text NOT NULL CHECK (split IN ('equal', 'population', 'usage', 'weights')),
     ${TWO_PEOPLE},
     UNIQUE (fiscal_year, name),
     UNIQUE (id, fiscal_year)
   )`,
  ...finalOnceApproved('councils'),
  `CREATE TABLE council_members (
     tenant_id uuid NOT NULL REFERENCES tenants (id),
     council_id uuid NOT NULL,
     fiscal_year integer NOT NULL,
     -- people where the fee is split by population, agreed parts where by weights; else it does not matter
     weight numeric(14,4) NOT NULL DEFAULT 1 CHECK (weight > 0),
     ${TWO_PEOPLE},
     PRIMARY KEY (tenant_id, council_id),
     UNIQUE (tenant_id, council_id, fiscal_year),
     FOREIGN KEY (council_id, fiscal_year) REFERENCES councils (id, fiscal_year)
   )`,
  'CREATE INDEX council_members_of_council ON council_members (council_id)',
  ...tenantPolicy('council_members'),
  acrossTenants('council_members', 'moyai_finance'),
  ...finalOnceApproved('council_members'),
  'GRANT SELECT (tenant_id, council_id, fiscal_year, weight) ON council_members TO moyai_app',
  'ALTER TABLE councils ENABLE ROW LEVEL SECURITY',
  'ALTER TABLE councils FORCE ROW LEVEL SECURITY',
  // A city sees its own row of the members alone, and so the councils it belongs to.
  `CREATE POLICY councils_of_the_tenant ON councils FOR SELECT TO moyai_app
     USING (EXISTS (SELECT FROM council_members m WHERE m.council_id = councils.id))`,
  acrossTenants('councils', 'moyai_finance'),
  'GRANT SELECT (id, fiscal_year, name, monthly_base_fee_jpy, split) ON councils TO moyai_app',
];

const CONTRACTS = [
  // uuid has no GiST operators without an extension; a range of one uuid does.
  'CREATE TYPE uuidrange AS RANGE (subtype = uuid)',
  `CREATE TABLE contracts (
     tenant_id uuid NOT NULL REFERENCES tenants (id),
     id uuid NOT NULL,
     fiscal_year integer NOT NULL CHECK (fiscal_year BETWEEN 2020 AND 2099),
     -- 件名
     title text NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
     -- JST days, both included
     starts_on date NOT NULL,
     ends_on date NOT NULL,
     billing_name text NOT NULL CHECK (length(billing_name) BETWEEN 1 AND 100),
     billing_postal_code text CHECK (billing_postal_code ~ '^[0-9]{3}-[0-9]{4}$'),
     billing_address text CHECK (length(billing_address) BETWEEN 1 AND 200),
     -- who bears the base fee; null: the departments, in proportion to their use
     base_fee_department_id uuid,
     council_id uuid,
     -- after the end, until the city's data are deleted
     deletion_days integer NOT NULL DEFAULT 90 CHECK (deletion_days BETWEEN 60 AND 90),
     created_by uuid NOT NULL REFERENCES vendor_users (id),
     created_at timestamptz NOT NULL,
     PRIMARY KEY (tenant_id, id),
     FOREIGN KEY (tenant_id, base_fee_department_id) REFERENCES departments (tenant_id, id),
     FOREIGN KEY (tenant_id, council_id, fiscal_year) REFERENCES council_members (tenant_id, council_id, fiscal_year),
     CONSTRAINT contracts_within_fiscal_year CHECK (starts_on <= ends_on
       AND starts_on >= make_date(fiscal_year, 4, 1) AND ends_on <= make_date(fiscal_year + 1, 3, 31)),
     CONSTRAINT contracts_one_a_day EXCLUDE USING gist (
       uuidrange(tenant_id, tenant_id, '[]') WITH &&, daterange(starts_on, ends_on, '[]') WITH &&)
   )`,
  'CREATE INDEX contracts_of_year ON contracts (fiscal_year)',
  ...tenantPolicy('contracts'),
  acrossTenants('contracts', 'moyai_finance'),
  'GRANT SELECT, INSERT, DELETE ON contracts TO moyai_finance',
  `GRANT UPDATE (ends_on, billing_name, billing_postal_code, billing_address, base_fee_department_id)
     ON contracts TO moyai_finance`,
  `GRANT SELECT (tenant_id, id, fiscal_year, title, starts_on, ends_on, billing_name, billing_postal_code,
     billing_address, base_fee_department_id, council_id, deletion_days) ON contracts TO moyai_app`,
  `CREATE TABLE contract_endings (
     tenant_id uuid NOT NULL,
     contract_id uuid NOT NULL,
     -- the last day; approved, it becomes the contract's
     ends_on date NOT NULL,
     reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
     ${TWO_PEOPLE},
     PRIMARY KEY (tenant_id, contract_id),
     FOREIGN KEY (tenant_id, contract_id) REFERENCES contracts (tenant_id, id)
   )`,
  ...tenantPolicy('contract_endings'),
  acrossTenants('contract_endings', 'moyai_finance'),
  ...finalOnceApproved('contract_endings'),
];

const CONTRACT_TERMS = [
  `CREATE TABLE contract_terms (
     tenant_id uuid NOT NULL,
     contract_id uuid NOT NULL,
     valid_from date NOT NULL,
     -- null: agreed with this city alone
     plan_id uuid REFERENCES plans (id),
     ${TERMS},
     ${TWO_PEOPLE},
     PRIMARY KEY (tenant_id, contract_id, valid_from),
     FOREIGN KEY (tenant_id, contract_id) REFERENCES contracts (tenant_id, id)
   )`,
  ...tenantPolicy('contract_terms'),
  acrossTenants('contract_terms', 'moyai_finance'),
  ...finalOnceApproved('contract_terms'),
  `GRANT SELECT (tenant_id, contract_id, valid_from, plan_id, base_fee_jpy, unit, counts_input, counts_output,
     counts_cache, included_units, pricing, unit_price_jpy, markup, fixed_jpy_per_usd, approved_at)
     ON contract_terms TO moyai_app`,
  `CREATE FUNCTION terms_within_contract() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF NOT EXISTS (SELECT FROM contracts c WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.contract_id
                      AND NEW.valid_from BETWEEN c.starts_on AND c.ends_on) THEN
       RAISE EXCEPTION 'terms outside their contract' USING ERRCODE = 'MC002';
     END IF;
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER within_contract BEFORE INSERT ON contract_terms
     FOR EACH ROW EXECUTE FUNCTION terms_within_contract()`,
];

const BUDGET_ITEMS = [
  `CREATE TABLE budget_items (
     tenant_id uuid NOT NULL,
     department_id uuid NOT NULL,
     code text NOT NULL CHECK (length(code) BETWEEN 1 AND 32),
     name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
     PRIMARY KEY (tenant_id, department_id),
     FOREIGN KEY (tenant_id, department_id) REFERENCES departments (tenant_id, id)
   )`,
  ...tenantPolicy('budget_items'),
  'GRANT SELECT, INSERT, UPDATE, DELETE ON budget_items TO moyai_app',
  'CREATE POLICY moyai_finance_across_tenants ON budget_items FOR SELECT TO moyai_finance USING (true)',
  'GRANT SELECT ON budget_items TO moyai_finance',
];
