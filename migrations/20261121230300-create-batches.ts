import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, segmentPolicy } from './owner.ts';

/**
 * Batches: one template over the rows of a file, one job for each row (docs/decisions/0013). A batch without started_at is
 * a draft; how far a started one is, its jobs say.
 */
export class CreateBatches20261121230300 implements MigrationInterface {
  name = 'CreateBatches20261121230300';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE batches (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
         id uuid NOT NULL,
         member_id uuid,
         api_key_id uuid,
         actor_id uuid GENERATED ALWAYS AS (coalesce(member_id, api_key_id)) STORED,
         -- what a file and its columns are called can be content too
         name_sealed bytea NOT NULL,
         columns_sealed bytea NOT NULL,
         format text NOT NULL CHECK (format IN ('csv', 'xlsx')),
         encoding text CHECK (encoding IN ('utf-8', 'shift_jis')),
         row_count integer NOT NULL CHECK (row_count > 0),
         created_at timestamptz NOT NULL,
         -- what was started, all at once
         template_sealed bytea,
         -- keyed fingerprint of what was started: the same start sent again is the same start
         plan_fingerprint bytea,
         model text,
         max_tokens integer CHECK (max_tokens > 0),
         purpose_id uuid,
         purpose_code text,
         started_at timestamptz,
         -- counts starts: 1, and one more for each time the failed rows were tried again
         round integer NOT NULL DEFAULT 0 CHECK (round >= 0),
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id),
         FOREIGN KEY (tenant_id, api_key_id) REFERENCES api_keys (tenant_id, id),
         FOREIGN KEY (tenant_id, purpose_id) REFERENCES purposes (tenant_id, id),
         CHECK ((member_id IS NULL) <> (api_key_id IS NULL)),
         CHECK (num_nulls(template_sealed, plan_fingerprint, model, max_tokens, started_at) IN (0, 5)),
         CHECK ((started_at IS NULL) = (round = 0))
       )`,
      'CREATE INDEX batches_of_actor ON batches (tenant_id, actor_id, created_at DESC, id DESC)',
      ...segmentPolicy('batches'),
      'GRANT SELECT, INSERT, DELETE ON batches TO moyai_app',
      `GRANT UPDATE (template_sealed, plan_fingerprint, model, max_tokens, purpose_id, purpose_code, started_at, round)
         ON batches TO moyai_app`,

      `CREATE TABLE batch_rows (
         tenant_id uuid NOT NULL,
         segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
         batch_id uuid NOT NULL,
         -- the row's number in the file as a spreadsheet shows it: the header is 1
         row integer NOT NULL CHECK (row > 1),
         cells_sealed bytea NOT NULL,
         PRIMARY KEY (tenant_id, batch_id, row),
         FOREIGN KEY (tenant_id, batch_id) REFERENCES batches (tenant_id, id)
       )`,
      ...segmentPolicy('batch_rows'),
      'GRANT SELECT, INSERT, DELETE ON batch_rows TO moyai_app',

      `ALTER TABLE jobs ADD batch_id uuid, ADD batch_row integer,
         -- another job took this one's row over
         ADD retried_at timestamptz,
         ADD FOREIGN KEY (tenant_id, batch_id) REFERENCES batches (tenant_id, id) ON DELETE SET NULL (batch_id),
         ADD CHECK (batch_id IS NULL OR batch_row IS NOT NULL)`,
      // One job at a time for a row, whoever asks for it how often and at once
      `CREATE UNIQUE INDEX jobs_of_batch ON jobs (tenant_id, batch_id, batch_row, retried_at) NULLS NOT DISTINCT
         WHERE batch_id IS NOT NULL`,
      'GRANT UPDATE (retried_at) ON jobs TO moyai_app',
      RESERVE_ALL,
      'REVOKE ALL ON FUNCTION budget_reserve_all(text, uuid[], uuid[], bigint[], date, timestamptz, timestamptz) FROM PUBLIC',
      'GRANT EXECUTE ON FUNCTION budget_reserve_all(text, uuid[], uuid[], bigint[], date, timestamptz, timestamptz) TO moyai_app',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}

/**
 * As budget_reserve(), for many subjects: all or none. The budget comes last, because everybody in the city waits for that
 * row until the commit. SQLSTATE MB001: they do not fit.
 */
const RESERVE_ALL = `
CREATE FUNCTION budget_reserve_all(p_subject_type text, p_subject_ids uuid[], p_ids uuid[], p_tokens bigint[],
  p_month date, p_at timestamptz, p_expires_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_tenant uuid := app_tenant_id();
BEGIN
  INSERT INTO budgets (tenant_id, month, limit_tokens)
    SELECT tenant_id, p_month, limit_tokens FROM budgets
    WHERE tenant_id = v_tenant AND month < p_month ORDER BY month DESC LIMIT 1
  ON CONFLICT DO NOTHING;
  PERFORM demand(EXISTS (SELECT FROM budgets WHERE tenant_id = v_tenant AND month = p_month), 'MB001');
  INSERT INTO reservations (tenant_id, id, subject_type, subject_id, month, tokens, created_at, expires_at)
    SELECT v_tenant, r.id, p_subject_type, r.subject_id, p_month, r.tokens, p_at, p_expires_at
    FROM unnest(p_ids, p_subject_ids, p_tokens) AS r (id, subject_id, tokens);
  UPDATE budgets SET reserved_tokens = reserved_tokens + (SELECT sum(tokens) FROM unnest(p_tokens) AS t (tokens))
  WHERE tenant_id = v_tenant AND month = p_month
    AND used_tokens + reserved_tokens + (SELECT sum(tokens) FROM unnest(p_tokens) AS t (tokens)) <= limit_tokens;
  PERFORM demand(FOUND, 'MB001');
END $$`;
