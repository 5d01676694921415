import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

/**
 * A city has one contract in a month, and so one invoice for it; what changes within the month is its terms. The days
 * under one row of terms are a stretch, and every reader takes them from the same place.
 */
export class BillOneContractAMonth20261122021100 implements MigrationInterface {
  name = 'BillOneContractAMonth20261122021100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `ALTER TABLE contracts DROP CONSTRAINT contracts_one_a_day,
         ADD CONSTRAINT contracts_one_a_month EXCLUDE USING gist (
           uuidrange(tenant_id, tenant_id, '[]') WITH &&,
           daterange(date_trunc('month', starts_on::timestamp)::date,
             (date_trunc('month', ends_on::timestamp) + interval '1 month')::date) WITH &&)`,
      `CREATE FUNCTION contract_stretches(p_month date) RETURNS TABLE (
         tenant_id uuid, contract_id uuid, stretch_from date, stretch_to date, terms_from date) LANGUAGE sql STABLE AS $$
         SELECT s.tenant_id, s.contract_id, s.stretch_from, s.stretch_to, s.terms_from
         FROM (
           SELECT c.tenant_id, c.id AS contract_id, t.valid_from AS terms_from,
             greatest(t.valid_from, p_month) AS stretch_from,
             least(c.ends_on, (p_month + interval '1 month')::date - 1,
               lead(t.valid_from) OVER (PARTITION BY c.tenant_id, c.id ORDER BY t.valid_from) - 1) AS stretch_to
           FROM contracts c JOIN contract_terms t
             ON t.tenant_id = c.tenant_id AND t.contract_id = c.id AND t.approved_at IS NOT NULL
           WHERE c.starts_on < p_month + interval '1 month' AND c.ends_on >= p_month) AS s
         WHERE s.stretch_from <= s.stretch_to $$`,
      ...executableBy('moyai_app, moyai_finance', 'contract_stretches(date)'),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
