import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/**
 * Budgets, reservations and usage. These rows are facts without content, so they are walled by tenant, not by segment:
 * a city has one bill and one auditor for all its networks (docs/decisions/0006).
 */
export class CreateMetering20261121200400 implements MigrationInterface {
  name = 'CreateMetering20261121200400';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE budgets (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         -- first day of the JST month
         month date NOT NULL CHECK (extract(day FROM month) = 1),
         limit_tokens bigint NOT NULL CHECK (limit_tokens >= 0),
         used_tokens bigint NOT NULL DEFAULT 0 CHECK (used_tokens >= 0),
         reserved_tokens bigint NOT NULL DEFAULT 0 CHECK (reserved_tokens >= 0),
         PRIMARY KEY (tenant_id, month)
       )`,
      ...tenantPolicy('budgets'),
      'GRANT SELECT, INSERT, UPDATE ON budgets TO moyai_app',
      acrossTenants('budgets', 'moyai_ops'),
      'GRANT SELECT, INSERT ON budgets TO moyai_ops',
      'CREATE POLICY moyai_finance_across_tenants ON budgets FOR SELECT TO moyai_finance USING (true)',
      'GRANT SELECT ON budgets TO moyai_finance',

      `CREATE TABLE reservations (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         subject_type text NOT NULL,
         subject_id uuid NOT NULL,
         month date NOT NULL,
         tokens bigint NOT NULL CHECK (tokens > 0),
         state text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'settled', 'released')),
         created_at timestamptz NOT NULL,
         expires_at timestamptz NOT NULL,
         ended_at timestamptz,
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, subject_type, subject_id),
         FOREIGN KEY (tenant_id, month) REFERENCES budgets (tenant_id, month)
       )`,
      `CREATE INDEX reservations_held ON reservations (tenant_id, expires_at) WHERE state = 'held'`,
      ...tenantPolicy('reservations'),
      'GRANT SELECT, INSERT ON reservations TO moyai_app',
      'GRANT UPDATE (state, ended_at) ON reservations TO moyai_app',

      // One statement, so that the city's budget row is locked for no longer than until the commit behind it. A month
      // without a row begins with the limit of the latest month before it. SQLSTATE MB001: it does not fit.
      `CREATE FUNCTION budget_reserve(p_id uuid, p_subject_type text, p_subject_id uuid, p_month date, p_tokens bigint,
         p_at timestamptz, p_expires_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
       DECLARE v_tenant uuid := app_tenant_id();
       BEGIN
         UPDATE budgets SET reserved_tokens = reserved_tokens + p_tokens
         WHERE tenant_id = v_tenant AND month = p_month AND used_tokens + reserved_tokens + p_tokens <= limit_tokens;
         IF NOT FOUND THEN
           INSERT INTO budgets (tenant_id, month, limit_tokens)
             SELECT tenant_id, p_month, limit_tokens FROM budgets
             WHERE tenant_id = v_tenant AND month < p_month ORDER BY month DESC LIMIT 1
           ON CONFLICT DO NOTHING;
           UPDATE budgets SET reserved_tokens = reserved_tokens + p_tokens
           WHERE tenant_id = v_tenant AND month = p_month AND used_tokens + reserved_tokens + p_tokens <= limit_tokens;
           PERFORM demand(FOUND, 'MB001');
         END IF;
         INSERT INTO reservations (tenant_id, id, subject_type, subject_id, month, tokens, created_at, expires_at)
           VALUES (v_tenant, p_id, p_subject_type, p_subject_id, p_month, p_tokens, p_at, p_expires_at);
       END $$`,

      `CREATE TABLE usage_records (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         id uuid NOT NULL,
         subject_type text NOT NULL,
         subject_id uuid NOT NULL,
         segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
         member_id uuid,
         api_key_id uuid,
         department_id uuid,
         purpose_id uuid,
         model text NOT NULL,
         deployment_id text NOT NULL,
         input_tokens bigint NOT NULL CHECK (input_tokens >= 0),
         output_tokens bigint NOT NULL CHECK (output_tokens >= 0),
         cache_read_tokens bigint NOT NULL CHECK (cache_read_tokens >= 0),
         cache_write_tokens bigint NOT NULL CHECK (cache_write_tokens >= 0),
         input_characters bigint NOT NULL CHECK (input_characters >= 0),
         output_characters bigint NOT NULL CHECK (output_characters >= 0),
         -- 'provider': as the provider reported; 'estimated': the provider never said (see libs/model-pool)
         source text NOT NULL CHECK (source IN ('provider', 'estimated')),
         -- usage belongs to the JST month in which the work was accepted, the month its reservation is held in
         accepted_at timestamptz NOT NULL,
         recorded_at timestamptz NOT NULL,
         PRIMARY KEY (tenant_id, id),
         -- one bill per fact: the billable subject is the idempotency key
         UNIQUE (tenant_id, subject_type, subject_id),
         FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id),
         FOREIGN KEY (tenant_id, api_key_id) REFERENCES api_keys (tenant_id, id),
         FOREIGN KEY (tenant_id, department_id) REFERENCES departments (tenant_id, id),
         FOREIGN KEY (tenant_id, purpose_id) REFERENCES purposes (tenant_id, id)
       )`,
      'CREATE INDEX usage_records_by_time ON usage_records (tenant_id, accepted_at)',
      ...tenantPolicy('usage_records'),
      'GRANT SELECT, INSERT ON usage_records TO moyai_app',
      'CREATE POLICY moyai_ops_across_tenants ON usage_records FOR SELECT TO moyai_ops USING (true)',
      'GRANT SELECT (tenant_id, model, deployment_id, accepted_at, recorded_at, source) ON usage_records TO moyai_ops',
      'CREATE POLICY moyai_finance_across_tenants ON usage_records FOR SELECT TO moyai_finance USING (true)',
      `GRANT SELECT (tenant_id, id, subject_type, subject_id, segment, department_id, model, deployment_id, input_tokens,
         output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source, accepted_at,
         recorded_at) ON usage_records TO moyai_finance`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
