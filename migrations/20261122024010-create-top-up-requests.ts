import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, forwardOnly, tenantPolicy } from './owner.ts';

/** A department asks for more of the city's budget; the city's administrator decides, and never on an own request. */
export class CreateTopUpRequests20261122024010 implements MigrationInterface {
  name = 'CreateTopUpRequests20261122024010';

  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, [
      `CREATE TABLE top_up_requests (
         tenant_id uuid NOT NULL REFERENCES tenants (id),
         id uuid NOT NULL,
         department_id uuid NOT NULL,
         month date NOT NULL,
         tokens bigint NOT NULL CHECK (tokens BETWEEN 1 AND 1000000000000),
         reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
         requested_by uuid NOT NULL,
         requested_at timestamptz NOT NULL,
         state text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'approved', 'declined')),
         decided_by uuid,
         decided_at timestamptz,
         decision_note text CHECK (length(decision_note) BETWEEN 1 AND 500),
         limit_before bigint,
         limit_after bigint,
         PRIMARY KEY (tenant_id, id),
         FOREIGN KEY (tenant_id, department_id) REFERENCES departments (tenant_id, id),
         FOREIGN KEY (tenant_id, requested_by) REFERENCES members (tenant_id, id),
         FOREIGN KEY (tenant_id, decided_by) REFERENCES members (tenant_id, id),
         CHECK (decided_by <> requested_by),
         CHECK (num_nulls(decided_by, decided_at) = CASE state WHEN 'requested' THEN 2 ELSE 0 END),
         CHECK (num_nulls(limit_before, limit_after) = CASE state WHEN 'approved' THEN 0 ELSE 2 END),
         CHECK (state <> 'approved' OR limit_after = limit_before + tokens),
         CHECK (state <> 'declined' OR decision_note IS NOT NULL)
       )`,
      // One open request of a department for a month: what it needs, not how often it asked
      `CREATE UNIQUE INDEX top_up_requests_open ON top_up_requests (tenant_id, department_id, month)
         WHERE state = 'requested'`,
      ...tenantPolicy('top_up_requests'),
      'GRANT SELECT, INSERT ON top_up_requests TO moyai_app',
      `GRANT UPDATE (state, decided_by, decided_at, decision_note, limit_before, limit_after)
         ON top_up_requests TO moyai_app`,
    ]);
  }

  async down(): Promise<void> {
    forwardOnly();
  }
}
