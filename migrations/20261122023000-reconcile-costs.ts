import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/**
 * The provider's own bill beside ours (docs/decisions/0020). Vendor-wide: what a model cost us is no city's business.
 * Months and days are UTC here, because the provider's are.
 */
export class ReconcileCosts20261122023000 implements MigrationInterface {
  name = 'ReconcileCosts20261122023000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [...REPORTS, ...MAPPING, ...COMPARISON, ...WAIVERS]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

const MONTH = 'date NOT NULL CHECK (extract(day FROM month) = 1)';

/** What one person proposed and only another may approve. */
const TWO_PEOPLE = `
  proposed_by uuid NOT NULL REFERENCES vendor_users (id),
  proposed_at timestamptz NOT NULL,
  approved_by uuid REFERENCES vendor_users (id),
  approved_at timestamptz,
  withdrawn_at timestamptz,
  CHECK (approved_by <> proposed_by),
  CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  CHECK (approved_at IS NULL OR withdrawn_at IS NULL)`;

const REPORTS = [
  `CREATE TABLE cost_reports (
     id uuid PRIMARY KEY,
     month ${MONTH},
     format text NOT NULL CHECK (format IN ('cur-2.0', 'cost-explorer')),
     file_name text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 255),
     -- of the bytes as they were sent
     sha256 bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
     file_lines bigint NOT NULL CHECK (file_lines > 0),
     -- lines of the file that are not about models; told, so that nothing of the bill is out of sight
     other_lines bigint NOT NULL,
     other_usd numeric(30,15) NOT NULL,
     -- prices carry no tax, so tax is not compared
     tax_usd numeric(30,15) NOT NULL,
     imported_by uuid NOT NULL REFERENCES vendor_users (id),
     imported_at timestamptz NOT NULL,
     -- the provider corrects a month until it is final; the latest import counts
     replaced_at timestamptz
   )`,
  'CREATE UNIQUE INDEX cost_reports_current ON cost_reports (month) WHERE replaced_at IS NULL',
  'GRANT SELECT, INSERT ON cost_reports TO moyai_finance',
  'GRANT UPDATE (replaced_at) ON cost_reports TO moyai_finance',
  `CREATE TABLE cost_report_lines (
     report_id uuid NOT NULL REFERENCES cost_reports (id),
     number integer NOT NULL,
     day date NOT NULL,
     -- '' where the report names none
     region text NOT NULL,
     product_code text NOT NULL,
     usage_type text NOT NULL,
     charge text NOT NULL CHECK (charge IN ('usage', 'credit')),
     -- lines of the file summed up here, and the first of them
     file_lines bigint NOT NULL,
     first_file_line bigint NOT NULL,
     -- null where the report does not say how many tokens its unit is
     tokens numeric(30,6),
     usd numeric(30,15) NOT NULL,
     PRIMARY KEY (report_id, number)
   )`,
  'GRANT SELECT, INSERT ON cost_report_lines TO moyai_finance',
];

const MAPPING = [
  `CREATE TABLE usage_type_models (
     usage_type text NOT NULL CHECK (length(usage_type) BETWEEN 1 AND 255),
     -- '' for any; named where several models share one usage type, as those sold through the marketplace do
     product_code text NOT NULL DEFAULT '',
     model text NOT NULL CHECK (length(model) BETWEEN 1 AND 128),
     token_kind text NOT NULL CHECK (token_kind IN ('input', 'output', 'cache_read', 'cache_write')),
     set_by uuid NOT NULL REFERENCES vendor_users (id),
     set_at timestamptz NOT NULL,
     PRIMARY KEY (usage_type, product_code)
   )`,
  'GRANT SELECT, INSERT, UPDATE ON usage_type_models TO moyai_finance',
];

const COMPARISON = [
  `CREATE TABLE reconciled_usage (
     month ${MONTH},
     day date NOT NULL,
     model text NOT NULL,
     region text NOT NULL,
     deployment_id text NOT NULL,
     simulated boolean NOT NULL,
     calls bigint NOT NULL,
     unrated_calls bigint NOT NULL,
     tokens bigint NOT NULL,
     usd numeric(30,15) NOT NULL,
     PRIMARY KEY (month, day, model, region, deployment_id)
   )`,
  'GRANT SELECT, INSERT, DELETE ON reconciled_usage TO moyai_finance',
  `CREATE TABLE variances (
     id uuid PRIMARY KEY,
     month ${MONTH},
     -- '' for what no mapping names
     model text NOT NULL,
     region text NOT NULL,
     provider_usd numeric(30,15) NOT NULL,
     our_usd numeric(30,15) NOT NULL,
     difference_usd numeric(30,15) GENERATED ALWAYS AS (provider_usd - our_usd) STORED,
     compared_at timestamptz NOT NULL,
     UNIQUE (month, model, region)
   )`,
  'GRANT SELECT, INSERT ON variances TO moyai_finance',
  'GRANT UPDATE (provider_usd, our_usd, compared_at) ON variances TO moyai_finance',
  // An amount and not a state: when the provider corrects its bill, what was explained stays and the rest is open again.
  `CREATE TABLE variance_entries (
     id uuid PRIMARY KEY,
     variance_id uuid NOT NULL REFERENCES variances (id),
     kind text NOT NULL CHECK (kind IN ('explained', 'posted')),
     usd numeric(30,15) NOT NULL CHECK (usd <> 0),
     explanation text NOT NULL CHECK (length(explanation) BETWEEN 1 AND 2000),
     ${TWO_PEOPLE}
   )`,
  // Two proposals about the same rest would account for it twice
  `CREATE UNIQUE INDEX variance_entries_open ON variance_entries (variance_id)
     WHERE approved_at IS NULL AND withdrawn_at IS NULL`,
  'CREATE INDEX variance_entries_of ON variance_entries (variance_id)',
  'GRANT SELECT, INSERT ON variance_entries TO moyai_finance',
  'GRANT UPDATE (approved_by, approved_at, withdrawn_at) ON variance_entries TO moyai_finance',
  'GRANT SELECT (id, model, provider, region, simulated) ON pool_deployments TO moyai_finance',
];

const WAIVERS = [
  // Issuing without the provider's report: two people say why
  `CREATE TABLE cost_report_waivers (
     id uuid PRIMARY KEY,
     month ${MONTH},
     reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
     ${TWO_PEOPLE}
   )`,
  'CREATE UNIQUE INDEX cost_report_waivers_one ON cost_report_waivers (month) WHERE withdrawn_at IS NULL',
  'GRANT SELECT, INSERT ON cost_report_waivers TO moyai_finance',
  'GRANT UPDATE (approved_by, approved_at, withdrawn_at) ON cost_report_waivers TO moyai_finance',
];
