import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/**
 * A bill per call instead of per job, and the calls whose usage has not come yet (docs/decisions/0012): what they used is
 * owed all the same, so they keep the reservation they ran under until it is known.
 */
export class BillLostCalls20261121230200 implements MigrationInterface {
  name = 'BillLostCalls20261121230200';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      // For jobs the id that the provider's own records carry; what has one call only need not name it.
      `ALTER TABLE usage_records ADD call text NOT NULL DEFAULT '1' CHECK (length(call) BETWEEN 1 AND 128)`,
      `ALTER TABLE usage_records DROP CONSTRAINT usage_records_tenant_id_subject_type_subject_id_key,
         ADD UNIQUE (tenant_id, subject_type, subject_id, call)`,
      'GRANT SELECT (call) ON usage_records TO moyai_finance',

      // An execution may call several deployments in turn; whoever takes the job over must know how far it was.
      'ALTER TABLE jobs ADD call_number integer NOT NULL DEFAULT 1 CHECK (call_number > 0)',
      'GRANT UPDATE (call_number) ON jobs TO moyai_app',

      'GRANT UPDATE (subject_type, subject_id) ON reservations TO moyai_app',
      `CREATE FUNCTION budget_try_reserve(p_id uuid, p_subject_type text, p_subject_id uuid, p_month date,
         p_tokens bigint, p_at timestamptz, p_expires_at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
       BEGIN
         PERFORM budget_reserve(p_id, p_subject_type, p_subject_id, p_month, p_tokens, p_at, p_expires_at);
         RETURN true;
       EXCEPTION WHEN SQLSTATE 'MB001' THEN
         RETURN false;
       END $$`,

      `CREATE TABLE lost_calls (
         tenant_id uuid NOT NULL,
         id uuid NOT NULL,
         -- of the job; the bill is the city's, whatever its networks (docs/decisions/0006)
         segment text NOT NULL CHECK (segment IN ('my_number', 'lgwan', 'internet')),
         job_id uuid NOT NULL,
         call_id text NOT NULL CHECK (length(call_id) BETWEEN 1 AND 128),
         deployment_id text NOT NULL,
         -- of the job: decides the month that is billed
         accepted_at timestamptz NOT NULL,
         -- what is billed where the provider keeps no log
         estimated_input_tokens bigint NOT NULL CHECK (estimated_input_tokens >= 0),
         estimated_output_tokens bigint NOT NULL CHECK (estimated_output_tokens >= 0),
         -- no provider counts characters: those of the texts that the call was given and that reached somebody
         input_characters bigint NOT NULL CHECK (input_characters >= 0),
         output_characters bigint NOT NULL CHECK (output_characters >= 0),
         lost_at timestamptz NOT NULL DEFAULT clock_timestamp(),
         -- when to look into the provider's log again, and how often somebody has
         look_at timestamptz NOT NULL DEFAULT clock_timestamp(),
         looks integer NOT NULL DEFAULT 0,
         resolved_at timestamptz,
         outcome text CHECK (outcome IN ('billed', 'estimated', 'nothing owed')),
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, call_id),
         FOREIGN KEY (tenant_id, job_id) REFERENCES jobs (tenant_id, id),
         CHECK ((resolved_at IS NULL) = (outcome IS NULL))
       )`,
      'CREATE INDEX lost_calls_open ON lost_calls (look_at) WHERE resolved_at IS NULL',
      ...tenantPolicy('lost_calls'),
      'GRANT SELECT, INSERT ON lost_calls TO moyai_app',
      'GRANT UPDATE (resolved_at, outcome) ON lost_calls TO moyai_app',
      acrossTenants('lost_calls', 'moyai_admission'),
      `GRANT SELECT (tenant_id, id, segment, call_id, deployment_id, lost_at, look_at, looks, resolved_at)
         ON lost_calls TO moyai_admission`,
      'GRANT UPDATE (look_at, looks) ON lost_calls TO moyai_admission',
      'CREATE POLICY moyai_finance_across_tenants ON lost_calls FOR SELECT TO moyai_finance USING (true)',
      `GRANT SELECT (tenant_id, id, segment, job_id, call_id, deployment_id, accepted_at, lost_at, resolved_at, outcome)
         ON lost_calls TO moyai_finance`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
