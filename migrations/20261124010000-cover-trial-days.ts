import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, executableBy, forwardOnly } from './owner.ts';

/**
 * What covers a day of a city: a trial, or a contract that two people agreed to. Whoever asks whether use may be there, or
 * whether it is charged, asks here (docs/decisions/0046).
 */
export class CoverTrialDays20261124010000 implements MigrationInterface {
  name = 'CoverTrialDays20261124010000';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      // A contract overtakes the trial on its first day; what comes after a contract is no trial any more.
      `CREATE FUNCTION trial_days() RETURNS TABLE (tenant_id uuid, ends_on date) LANGUAGE sql STABLE AS $$
         SELECT t.id, least(t.trial_ends_on, (
           SELECT min(c.starts_on) - 1 FROM contracts c
           WHERE c.tenant_id = t.id AND EXISTS (
             SELECT FROM contract_terms a
             WHERE a.tenant_id = c.tenant_id AND a.contract_id = c.id AND a.approved_at IS NOT NULL)))
         FROM tenants t WHERE t.trial_ends_on IS NOT NULL $$`,
      `CREATE FUNCTION covered_days(p_month date) RETURNS TABLE (tenant_id uuid, day_from date, day_to date)
         LANGUAGE sql STABLE AS $$
         SELECT s.tenant_id, s.stretch_from, s.stretch_to FROM contract_stretches(p_month) s
         UNION ALL
         SELECT t.tenant_id, p_month, least(t.ends_on, (p_month + interval '1 month')::date - 1)
         FROM trial_days() t WHERE t.ends_on >= p_month $$`,
      ...executableBy('moyai_app, moyai_finance', 'trial_days()', 'covered_days(date)'),
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
