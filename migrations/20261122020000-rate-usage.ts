import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly } from './owner.ts';

/** Of a dated row that two people answer for and that is never edited, only succeeded. */
const DATED_ROW = `
  source text NOT NULL CHECK (length(source) BETWEEN 1 AND 500),
  proposed_by uuid NOT NULL REFERENCES vendor_users (id),
  proposed_at timestamptz NOT NULL,
  approved_by uuid REFERENCES vendor_users (id),
  approved_at timestamptz,
  -- a proposal that was taken back, or what was approved and taken back before it began
  withdrawn_at timestamptz,
  CHECK (approved_by <> proposed_by),
  CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  CHECK ((valid_from AT TIME ZONE 'Asia/Tokyo')::time = '00:00')`;

const price = (column: string): string => `${column} numeric(14,6) NOT NULL CHECK (${column} >= 0)`;

/** Cities read what is in force or will be; who proposed it and what was rejected is the vendor's business. */
const datedRow = (table: string, columns: string): string[] => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY published ON ${table} FOR SELECT TO moyai_app
     USING (approved_at IS NOT NULL AND withdrawn_at IS NULL)`,
  `GRANT SELECT (${columns}, source, approved_at, withdrawn_at) ON ${table} TO moyai_app`,
  `CREATE POLICY kept_by_finance ON ${table} FOR SELECT TO moyai_finance USING (true)`,
  `CREATE POLICY proposed_by_finance ON ${table} FOR INSERT TO moyai_finance WITH CHECK (approved_at IS NULL)`,
  `CREATE POLICY decided_by_finance ON ${table} FOR UPDATE TO moyai_finance
     USING (withdrawn_at IS NULL) WITH CHECK (true)`,
  `GRANT SELECT, INSERT ON ${table} TO moyai_finance`,
  `GRANT UPDATE (approved_by, approved_at, withdrawn_at) ON ${table} TO moyai_finance`,
];

const PRICE_BOOK = [
  `CREATE TABLE model_prices (
     id uuid PRIMARY KEY,
     model text NOT NULL CHECK (length(model) BETWEEN 1 AND 128),
     -- applies from this instant, 00:00 of a day in Japan, until the next row of the model begins
     valid_from timestamptz NOT NULL,
     currency text NOT NULL CHECK (currency IN ('USD', 'JPY')),
     -- each per 1,000,000 tokens
     ${['input_price', 'output_price', 'cache_read_price', 'cache_write_price'].map(price).join(',\n')},
     ${DATED_ROW}
   )`,
  'CREATE UNIQUE INDEX model_prices_one_start ON model_prices (model, valid_from) WHERE withdrawn_at IS NULL',
  ...datedRow(
    'model_prices',
    'id, model, valid_from, currency, input_price, output_price, cache_read_price, cache_write_price',
  ),
  `CREATE TABLE fx_rates (
     id uuid PRIMARY KEY,
     valid_from timestamptz NOT NULL,
     jpy_per_usd numeric(12,6) NOT NULL CHECK (jpy_per_usd > 0),
     ${DATED_ROW}
   )`,
  'CREATE UNIQUE INDEX fx_rates_one_start ON fx_rates (valid_from) WHERE withdrawn_at IS NULL',
  ...datedRow('fx_rates', 'id, valid_from, jpy_per_usd'),
  'GRANT SELECT (id, display_name) ON vendor_users TO moyai_finance',
];

const PERIODS = [
  `CREATE TABLE billing_periods (
     -- first day of the JST month; a month without a row is open
     month date PRIMARY KEY CHECK (extract(day FROM month) = 1),
     state text NOT NULL CHECK (state IN ('open', 'closing', 'closed')),
     closing_at timestamptz,
     closed_at timestamptz,
     CHECK ((state = 'open') = (closing_at IS NULL)),
     CHECK ((state = 'closed') = (closed_at IS NOT NULL))
   )`,
  'GRANT SELECT ON billing_periods TO moyai_app',
  'GRANT SELECT, INSERT, UPDATE ON billing_periods TO moyai_finance',
];

const JST_MONTH = "date_trunc('month', accepted_at AT TIME ZONE 'Asia/Tokyo')::date";

const USAGE = [
  'ALTER TABLE usage_records ADD billing_month date, ADD price_id uuid, ADD fx_rate_id uuid',
  // The owner obeys row-level security too; what is billed already must be seen for a moment.
  'ALTER TABLE usage_records NO FORCE ROW LEVEL SECURITY',
  `UPDATE usage_records SET billing_month = ${JST_MONTH}`,
  'ALTER TABLE usage_records FORCE ROW LEVEL SECURITY',
  `ALTER TABLE usage_records
     -- the month that bills it: the month of its acceptance or, where that was closed by then, the first open one after it
     ALTER billing_month SET NOT NULL,
     ADD CHECK (extract(day FROM billing_month) = 1),
     -- what rated it; without a price it is not rated and no month closes over it. No foreign keys: usage_rating() alone
     -- sets them, nobody may delete a price, and two more look-ups for each of millions of rows prove nothing further.
     ADD CHECK (fx_rate_id IS NULL OR price_id IS NOT NULL)`,
  'CREATE INDEX usage_records_unrated ON usage_records (billing_month, model) WHERE price_id IS NULL',
  'GRANT SELECT (billing_month, price_id, fx_rate_id) ON usage_records TO moyai_finance',
  `CREATE POLICY rated_by_finance ON usage_records FOR UPDATE TO moyai_finance
     USING (price_id IS NULL) WITH CHECK (price_id IS NOT NULL)`,
  'GRANT UPDATE (price_id, fx_rate_id) ON usage_records TO moyai_finance',
];

const RATING = [
  // Whoever adds usage to a month shares its lock until the commit; whoever freezes the month takes it alone, and so
  // waits for them and is seen by all who come later. The same for the price book as a whole.
  `CREATE FUNCTION billing_lock(p_month date) RETURNS bigint LANGUAGE sql STABLE AS
     $$ SELECT hashtextextended('moyai.billing ' || to_char(p_month, 'YYYY-MM'), 0) $$`,
  `CREATE FUNCTION price_book_lock() RETURNS bigint LANGUAGE sql STABLE AS
     $$ SELECT hashtextextended('moyai.price-book', 0) $$`,

  // Volatile on purpose: each statement then reads what was committed before it began, so after the locks.
  `CREATE FUNCTION usage_rating(p_model text, p_accepted_at timestamptz,
     OUT billing_month date, OUT price_id uuid, OUT fx_rate_id uuid) LANGUAGE plpgsql VOLATILE AS $$
   DECLARE v_currency text;
   BEGIN
     PERFORM pg_advisory_xact_lock_shared(price_book_lock());
     billing_month := date_trunc('month', p_accepted_at AT TIME ZONE 'Asia/Tokyo')::date;
     LOOP
       PERFORM pg_advisory_xact_lock_shared(billing_lock(billing_month));
       EXIT WHEN NOT EXISTS (SELECT FROM billing_periods b WHERE b.month = billing_month AND b.state <> 'open');
       billing_month := (billing_month + interval '1 month')::date;
     END LOOP;
     SELECT p.id, p.currency INTO price_id, v_currency FROM model_prices p
     WHERE p.model = p_model AND p.valid_from <= p_accepted_at AND p.approved_at IS NOT NULL AND p.withdrawn_at IS NULL
     ORDER BY p.valid_from DESC LIMIT 1;
     IF v_currency = 'USD' THEN
       SELECT f.id INTO fx_rate_id FROM fx_rates f
       WHERE f.valid_from <= p_accepted_at AND f.approved_at IS NOT NULL AND f.withdrawn_at IS NULL
       ORDER BY f.valid_from DESC LIMIT 1;
       -- dollars without a rate are no amount in yen: not rated at all
       IF NOT FOUND THEN price_id := NULL; END IF;
     END IF;
   END $$`,
];

/** Prices and exchange rates as dated rows, and on each usage row what rated it (docs/decisions/0016). */
export class RateUsage20261122020000 implements MigrationInterface {
  name = 'RateUsage20261122020000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      'ALTER TABLE vendor_users DROP CONSTRAINT vendor_users_role_check',
      `ALTER TABLE vendor_users ADD CONSTRAINT vendor_users_role_check CHECK (role IN ('ops', 'finance', 'approver'))`,
      ...PRICE_BOOK,
      ...PERIODS,
      ...USAGE,
      ...RATING,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
