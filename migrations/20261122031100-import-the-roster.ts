import type { MigrationInterface, QueryRunner } from 'typeorm';
import { acrossTenants, asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/**
 * Imports of departments and members (docs/decisions/0025). The rows of a file are kept until the import has ended; what
 * was changed is kept for good, because the audit trail holds its digest.
 */
export class ImportTheRoster20261122031100 implements MigrationInterface {
  name = 'ImportTheRoster20261122031100';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE roster_imports (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         id uuid NOT NULL,
         state text NOT NULL DEFAULT 'draft'
           CHECK (state IN ('draft', 'checked', 'planned', 'applying', 'applied', 'failed', 'cancelled')),
         created_by uuid NOT NULL,
         created_at timestamptz NOT NULL,
         checked_at timestamptz,
         counts jsonb,
         -- of the diff that was shown; none while there are faults
         digest text CHECK (digest ~ '^[0-9a-f]{64}$'),
         fault_count integer NOT NULL DEFAULT 0 CHECK (fault_count >= 0),
         planned_by uuid,
         planned_at timestamptz,
         -- the network its planner worked on, for the audit trail
         planned_from text CHECK (planned_from IN ('my_number', 'lgwan', 'internet')),
         -- JST; NULL: at once
         effective_on date,
         effective_at timestamptz,
         -- counts attempts; an application is accepted only from the attempt that holds the current number
         fence integer NOT NULL DEFAULT 0 CHECK (fence >= 0),
         lease_until timestamptz,
         done integer NOT NULL DEFAULT 0 CHECK (done >= 0),
         total integer NOT NULL DEFAULT 0 CHECK (total >= 0),
         ended_at timestamptz,
         failure_code text,
         failure_detail text,
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, created_by) REFERENCES members (tenant_id, id),
         FOREIGN KEY (tenant_id, planned_by) REFERENCES members (tenant_id, id),
         CHECK (state IN ('draft', 'checked', 'cancelled') OR num_nulls(planned_by, planned_at, planned_from, effective_at) = 0),
         CHECK (state <> 'planned' OR digest IS NOT NULL),
         CHECK (state NOT IN ('applied', 'failed', 'cancelled') OR ended_at IS NOT NULL)
       )`,
      `CREATE INDEX roster_imports_due ON roster_imports (effective_at) WHERE state IN ('planned', 'applying')`,
      ...tenantPolicy('roster_imports'),
      'GRANT SELECT, INSERT ON roster_imports TO moyai_app',
      `GRANT UPDATE (state, checked_at, counts, digest, fault_count, planned_by, planned_at, planned_from, effective_on,
         effective_at, done, total, lease_until, ended_at, failure_code, failure_detail) ON roster_imports TO moyai_app`,
      // The worker finds what is due in all cities, and takes it.
      acrossTenants('roster_imports', 'moyai_admission'),
      'GRANT SELECT (tenant_id, id, state, planned_from, effective_at, fence, lease_until) ON roster_imports TO moyai_admission',
      'GRANT UPDATE (state, fence, lease_until) ON roster_imports TO moyai_admission',

      `CREATE TABLE roster_files (
         tenant_id uuid NOT NULL,
         import_id uuid NOT NULL,
         kind text NOT NULL CHECK (kind IN ('departments', 'members')),
         name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
         mode text NOT NULL CHECK (mode IN ('listed', 'complete')),
         row_count integer NOT NULL CHECK (row_count > 0),
         -- {columns, rows}; NULL once the import has ended
         content jsonb,
         PRIMARY KEY (tenant_id, import_id, kind),
         FOREIGN KEY (tenant_id, import_id) REFERENCES roster_imports (tenant_id, id)
       )`,
      ...tenantPolicy('roster_files'),
      'GRANT SELECT, INSERT, UPDATE, DELETE ON roster_files TO moyai_app',

      `CREATE TABLE roster_changes (
         tenant_id uuid NOT NULL,
         import_id uuid NOT NULL,
         position integer NOT NULL CHECK (position >= 0),
         subject text NOT NULL CHECK (subject IN ('department', 'member')),
         kind text NOT NULL CHECK (kind IN ('added', 'moved', 'changed', 'disabled')),
         key text NOT NULL,
         row integer,
         before jsonb,
         after jsonb NOT NULL,
         -- JSON as the exact text that is in the digest; jsonb would reorder it
         line text NOT NULL,
         PRIMARY KEY (tenant_id, import_id, position),
         FOREIGN KEY (tenant_id, import_id) REFERENCES roster_imports (tenant_id, id)
       )`,
      ...tenantPolicy('roster_changes'),
      'GRANT SELECT, INSERT, DELETE ON roster_changes TO moyai_app',

      `CREATE TABLE roster_faults (
         tenant_id uuid NOT NULL,
         import_id uuid NOT NULL,
         position integer NOT NULL CHECK (position >= 0),
         file text NOT NULL CHECK (file IN ('departments', 'members')),
         row integer,
         heading text,
         message text NOT NULL,
         PRIMARY KEY (tenant_id, import_id, position),
         FOREIGN KEY (tenant_id, import_id) REFERENCES roster_imports (tenant_id, id)
       )`,
      ...tenantPolicy('roster_faults'),
      'GRANT SELECT, INSERT, DELETE ON roster_faults TO moyai_app',
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
