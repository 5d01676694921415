import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly, tenantPolicy } from './owner.ts';

const KINDS = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'input_characters',
  'output_characters',
];

/** What a city may see of its invoices: those that were issued to it. */
const SEEN_BY_CITY = `state IN ('issued', 'disputed', 'accepted', 'paid')`;

/** What may still be written of an issued invoice: what became of it. */
const AFTER_ISSUE = [
  'state',
  'accepted_by',
  'accepted_at',
  'disputed_by',
  'disputed_at',
  'dispute',
  'paid_by',
  'paid_at',
  'paid_on',
];

/** Month close, invoices and credit notes (docs/decisions/0018). */
export class CloseMonths20261122022000 implements MigrationInterface {
  name = 'CloseMonths20261122022000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      ...PERIODS,
      ...PERIOD_USAGE,
      ...CORRECTIONS,
      ...INVOICES,
      ...LIFE_OF_AN_INVOICE,
      ...EVENTS,
      ...NUMBERS,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

const PERIODS = [
  `ALTER TABLE billing_periods
     ADD closing_by uuid REFERENCES vendor_users (id),
     -- how far a close is: whoever takes it up again goes on from here
     ADD phase text CHECK (phase IN ('counting', 'drafting')),
     ADD last_tenant_id uuid,
     ADD done integer NOT NULL DEFAULT 0 CHECK (done >= 0),
     ADD total integer NOT NULL DEFAULT 0 CHECK (total >= 0),
     ADD deliveries integer NOT NULL DEFAULT 0,
     ADD touched_at timestamptz,
     -- code of what stopped it last; it goes on when somebody asks for it again
     ADD fault text,
     ADD CHECK ((state = 'closing') = (phase IS NOT NULL))`,
  // The months lie one after another in the table; an index entry per row would cost every settlement.
  'CREATE INDEX usage_records_by_billing_month ON usage_records USING brin (billing_month) WITH (pages_per_range = 32)',
  // What a month waits for.
  'CREATE POLICY moyai_finance_across_tenants ON reservations FOR SELECT TO moyai_finance USING (true)',
  'GRANT SELECT (tenant_id, subject_type, month, state) ON reservations TO moyai_finance',
];

const PERIOD_USAGE = [
  `CREATE TABLE period_usage (
     tenant_id uuid NOT NULL REFERENCES tenants (id),
     -- that bills it
     month date NOT NULL CHECK (extract(day FROM month) = 1),
     line integer NOT NULL,
     -- that it was accepted in: earlier where it came late or corrects
     accepted_month date NOT NULL CHECK (extract(day FROM accepted_month) = 1),
     -- start of the stretch of terms it fell into
     stretch_from date,
     department_id uuid,
     model text NOT NULL,
     price_id uuid NOT NULL,
     fx_rate_id uuid,
     calls bigint NOT NULL,
     ${KINDS.map((kind) => `${kind} bigint NOT NULL`).join(',\n')},
     PRIMARY KEY (tenant_id, month, line)
   )`,
  'CREATE INDEX period_usage_by_month ON period_usage (month)',
  ...tenantPolicy('period_usage'),
  acrossTenants('period_usage', 'moyai_finance'),
  'GRANT SELECT, INSERT, DELETE ON period_usage TO moyai_finance',
];

const CORRECTIONS = [
  `CREATE TABLE usage_corrections (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     usage_record_id uuid NOT NULL,
     -- what is added to the record, negative for what is taken back; the record itself never changes
     ${KINDS.map((kind) => `${kind} bigint NOT NULL DEFAULT 0`).join(',\n')},
     reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
     proposed_by uuid NOT NULL REFERENCES vendor_users (id),
     proposed_at timestamptz NOT NULL,
     approved_by uuid REFERENCES vendor_users (id),
     approved_at timestamptz,
     -- the month that bills it: open when it was approved
     billing_month date CHECK (extract(day FROM billing_month) = 1),
     PRIMARY KEY (tenant_id, id),
     FOREIGN KEY (tenant_id, usage_record_id) REFERENCES usage_records (tenant_id, id),
     CHECK (approved_by <> proposed_by),
     CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
     CHECK ((approved_by IS NULL) = (billing_month IS NULL))
   )`,
  'CREATE INDEX usage_corrections_by_month ON usage_corrections (billing_month)',
  'CREATE INDEX usage_corrections_of_record ON usage_corrections (tenant_id, usage_record_id)',
  ...tenantPolicy('usage_corrections'),
  acrossTenants('usage_corrections', 'moyai_finance'),
  'GRANT SELECT, INSERT ON usage_corrections TO moyai_finance',
  'GRANT UPDATE (approved_by, approved_at, billing_month) ON usage_corrections TO moyai_finance',
];

const INVOICES = [
  `CREATE TABLE invoices (
     tenant_id uuid NOT NULL REFERENCES tenants (id),
     id uuid NOT NULL,
     kind text NOT NULL CHECK (kind IN ('invoice', 'credit-note')),
     month date NOT NULL CHECK (extract(day FROM month) = 1),
     contract_id uuid NOT NULL,
     state text NOT NULL DEFAULT 'draft'
       CHECK (state IN ('draft', 'reviewed', 'approved', 'issued', 'disputed', 'accepted', 'paid')),
     -- the invoice a credit note takes back from
     corrects_id uuid,
     number text CHECK (number ~ '^M20[0-9]{2}-[0-9]{6,}$'),
     issued_on date,
     due_on date,
     subtotal_jpy numeric(14,0) NOT NULL,
     tax_jpy numeric(14,0) NOT NULL,
     total_jpy numeric(14,0) NOT NULL CHECK (total_jpy = subtotal_jpy + tax_jpy),
     -- canonical JSON as the exact text whose hash is kept; jsonb would reorder it
     document text NOT NULL,
     sha256 bytea,
     created_at timestamptz NOT NULL,
     reviewed_by uuid REFERENCES vendor_users (id),
     reviewed_at timestamptz,
     approved_by uuid REFERENCES vendor_users (id),
     approved_at timestamptz,
     issued_by uuid REFERENCES vendor_users (id),
     issued_at timestamptz,
     -- 検収, by a member of the city
     accepted_by uuid,
     accepted_at timestamptz,
     disputed_by uuid,
     disputed_at timestamptz,
     dispute text CHECK (length(dispute) BETWEEN 1 AND 500),
     paid_by uuid REFERENCES vendor_users (id),
     paid_at timestamptz,
     paid_on date,
     PRIMARY KEY (tenant_id, id),
     UNIQUE (tenant_id, number),
     FOREIGN KEY (tenant_id, contract_id) REFERENCES contracts (tenant_id, id),
     FOREIGN KEY (tenant_id, corrects_id) REFERENCES invoices (tenant_id, id),
     FOREIGN KEY (tenant_id, accepted_by) REFERENCES members (tenant_id, id),
     FOREIGN KEY (tenant_id, disputed_by) REFERENCES members (tenant_id, id),
     CONSTRAINT invoices_two_people CHECK (approved_by <> reviewed_by),
     CHECK ((kind = 'credit-note') = (corrects_id IS NOT NULL)),
     CHECK ((state = 'draft') = (reviewed_by IS NULL)),
     CHECK ((state IN ('draft', 'reviewed')) = (approved_by IS NULL)),
     CHECK ((number IS NOT NULL) = (state IN ('issued', 'disputed', 'accepted', 'paid'))),
     CHECK (num_nulls(number, issued_on, issued_by, issued_at, sha256) IN (0, 5)),
     CHECK (state <> 'accepted' OR accepted_at IS NOT NULL),
     CHECK (state <> 'disputed' OR dispute IS NOT NULL),
     CHECK ((state = 'paid') = (paid_on IS NOT NULL))
   )`,
  // What makes a repeated close find its own drafts.
  `CREATE UNIQUE INDEX invoices_one_a_month ON invoices (tenant_id, month, contract_id) WHERE kind = 'invoice'`,
  'CREATE INDEX invoices_by_month ON invoices (month, state)',
  'CREATE INDEX invoices_correcting ON invoices (tenant_id, corrects_id) WHERE corrects_id IS NOT NULL',
  ...tenantPolicy('invoices'),
  `CREATE POLICY issued_to_the_city ON invoices AS RESTRICTIVE TO moyai_app
     USING (${SEEN_BY_CITY}) WITH CHECK (${SEEN_BY_CITY})`,
  acrossTenants('invoices', 'moyai_finance'),
  `GRANT SELECT (tenant_id, id, kind, month, contract_id, state, corrects_id, number, issued_on, due_on, subtotal_jpy,
     tax_jpy, total_jpy, document, sha256, accepted_by, accepted_at, disputed_by, disputed_at, dispute, paid_on)
     ON invoices TO moyai_app`,
  'GRANT UPDATE (state, accepted_by, accepted_at, disputed_by, disputed_at, dispute) ON invoices TO moyai_app',
  // Not which member of the city accepted it: the vendor deals with the city.
  `GRANT SELECT (tenant_id, id, kind, month, contract_id, state, corrects_id, number, issued_on, due_on, subtotal_jpy,
     tax_jpy, total_jpy, document, sha256, created_at, reviewed_by, reviewed_at, approved_by, approved_at, issued_by,
     issued_at, accepted_at, disputed_at, dispute, paid_by, paid_at, paid_on) ON invoices TO moyai_finance`,
  'GRANT INSERT ON invoices TO moyai_finance',
  `GRANT UPDATE (state, number, issued_on, due_on, subtotal_jpy, tax_jpy, total_jpy, document, sha256, reviewed_by,
     reviewed_at, approved_by, approved_at, issued_by, issued_at, paid_by, paid_at, paid_on)
     ON invoices TO moyai_finance`,
];

const LIFE_OF_AN_INVOICE = [
  // SQLSTATE MI001: an issued invoice is final. MI002: no such step from here, or not by this role.
  `CREATE FUNCTION invoice_step() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF OLD.number IS NOT NULL AND (TG_OP = 'DELETE' OR
       to_jsonb(OLD) - '{${AFTER_ISSUE.join(',')}}'::text[] IS DISTINCT FROM
       to_jsonb(NEW) - '{${AFTER_ISSUE.join(',')}}'::text[])
     THEN RAISE EXCEPTION 'an issued invoice is final' USING ERRCODE = 'MI001'; END IF;
     IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
     IF (current_user = 'moyai_app') IS DISTINCT FROM ((OLD.state, NEW.state) IN
          (('issued', 'accepted'), ('issued', 'disputed'), ('disputed', 'accepted')))
       OR (OLD.state, NEW.state) NOT IN (
          ('draft', 'draft'), ('draft', 'reviewed'), ('reviewed', 'approved'), ('approved', 'issued'),
          ('reviewed', 'draft'), ('approved', 'draft'),
          ('issued', 'accepted'), ('issued', 'disputed'), ('disputed', 'accepted'), ('accepted', 'paid'))
       -- what is owed to the city is not received or paid by it
       OR (NEW.kind = 'credit-note' AND NEW.state IN ('disputed', 'accepted', 'paid'))
       -- what was looked at is what is issued; only the number and the days are filled in then
       OR (NEW.document <> OLD.document AND NEW.state NOT IN ('draft', 'issued'))
     THEN RAISE EXCEPTION 'no such step' USING ERRCODE = 'MI002'; END IF;
     RETURN NEW;
   END $$`,
  'CREATE TRIGGER step BEFORE UPDATE OR DELETE ON invoices FOR EACH ROW EXECUTE FUNCTION invoice_step()',
  `CREATE FUNCTION invoices_stay() RETURNS trigger LANGUAGE plpgsql
     AS $$ BEGIN RAISE EXCEPTION 'invoices and their events stay' USING ERRCODE = 'MI001'; END $$`,
  'CREATE TRIGGER no_truncate BEFORE TRUNCATE ON invoices FOR EACH STATEMENT EXECUTE FUNCTION invoices_stay()',
];

const EVENTS = [
  `CREATE TABLE invoice_events (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     invoice_id uuid NOT NULL,
     step text NOT NULL CHECK (step IN ('drafted', 'redrafted', 'reviewed', 'approved', 'returned', 'issued', 'accepted',
       'disputed', 'paid')),
     occurred_at timestamptz NOT NULL,
     -- one of the two; neither where the product itself did it
     vendor_user_id uuid REFERENCES vendor_users (id),
     member_id uuid,
     reason text CHECK (length(reason) BETWEEN 1 AND 500),
     PRIMARY KEY (tenant_id, id),
     FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoices (tenant_id, id),
     FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id),
     CHECK (num_nonnulls(vendor_user_id, member_id) < 2),
     CHECK (step NOT IN ('returned', 'disputed') OR reason IS NOT NULL)
   )`,
  'CREATE INDEX invoice_events_of_invoice ON invoice_events (tenant_id, invoice_id)',
  ...tenantPolicy('invoice_events'),
  acrossTenants('invoice_events', 'moyai_finance'),
  // A city writes its own steps; what the vendor's people said to each other about a draft is not its business.
  'GRANT INSERT ON invoice_events TO moyai_app',
  `GRANT SELECT (tenant_id, id, invoice_id, step, occurred_at, vendor_user_id, reason) ON invoice_events TO moyai_finance`,
  'GRANT INSERT ON invoice_events TO moyai_finance',
  `CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON invoice_events
     FOR EACH ROW EXECUTE FUNCTION invoices_stay()`,
  'CREATE TRIGGER no_truncate BEFORE TRUNCATE ON invoice_events FOR EACH STATEMENT EXECUTE FUNCTION invoices_stay()',
];

const NUMBERS = [
  // One row a year, locked until the invoice that takes the number is committed: no gap, no number twice.
  `CREATE TABLE invoice_numbers (
     fiscal_year integer PRIMARY KEY CHECK (fiscal_year BETWEEN 2020 AND 2099),
     last_number integer NOT NULL CHECK (last_number > 0)
   )`,
  'GRANT SELECT, INSERT, UPDATE ON invoice_numbers TO moyai_finance',
];
